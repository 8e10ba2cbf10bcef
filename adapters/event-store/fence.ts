/** The fence of the log: which appends a store takes. The same rules in every store. */

import { type Epoch, type Revision, type Turn, invariant } from '../../engine/index.js';

/**
 * The epoch of the log after `turn`, or null: refused, because the writer is stale.
 * 1. The log ends where the writer thinks it does.
 * 2. A turn that claims an epoch is judged by its claim, which must be higher than the log's epoch; any other turn by
 *    the epoch of its writer, which must be the log's.
 */
export function epochAfter(
  revision: Revision,
  logEpoch: Epoch,
  turn: Turn,
  expected: Revision,
  epoch: Epoch,
): Epoch | null {
  const claimed = claimOf(turn, expected);
  if (expected !== revision) return null;
  if (claimed !== null) return claimed > logEpoch ? claimed : null;
  return epoch === logEpoch ? epoch : null;
}

/** The epoch that `turn`, to be appended after `expected`, claims; null: none. */
export function claimOf(turn: Turn, expected: Revision): Epoch | null {
  invariant(turn.number === expected + 1, 'the turn appended is the one after the expected revision');
  let claimed: Epoch | null = null;
  for (const input of turn.inputs) if (input.type === 'EpochClaimed') claimed = input.epoch;
  return claimed;
}

/** `leasehold audit explain`: the life of one lease, from the log that it is in. */

import { type LeaseId, UnknownRulesError, type Turn } from '../engine/index.js';
import { InputError, quoted } from './input-error.js';
import { entriesOf, type SourceOptions } from './log-source.js';
import { type LeaseState, stateOf } from './story/lease-state.js';
import { Similar } from './story/similar.js';
import { type StoryLine, Storyteller } from './story/story.js';

export interface Story {
  readonly lease: LeaseId;
  /** How it is after the last turn. */
  readonly state: LeaseState;
  /** The last turn of the log. */
  readonly turn: number;
  readonly lines: readonly StoryLine[];
}

const NOT_FOUND = 3;
const DAMAGED = 65;
const PROGRESS_EVERY = 4096;

/** Reads the whole log. Throws what its reader throws, UnknownRulesError, and an InputError where nobody asked for the lease. */
export async function explainLease(
  options: SourceOptions,
  id: LeaseId,
  onProgress: ((turns: number) => void) | null = null,
): Promise<Story> {
  const teller = new Storyteller(id);
  const similar = new Similar(id);
  let last = 0;
  for await (const entry of entriesOf(options)) {
    if (!('turn' in entry)) continue;
    const { turn } = entry;
    take(teller, turn, options.source);
    if (teller.lease === null)
      for (const input of turn.inputs) if (input.type === 'LeaseRequested') similar.add(input.lease);
    last = turn.number;
    if (last % PROGRESS_EVERY === 0) onProgress?.(last);
  }
  const { lease, lines } = teller;
  if (lease !== null) return { lease: id, state: stateOf(lease), turn: last, lines };
  const hint =
    similar.found.length > 0 ? `There are ${similar.found.join(', ')}.` : 'No lease in it is called like that.';
  throw new InputError(`the log knows no lease ${quoted(id, 128)}`, { file: shown(options.source) }, hint, NOT_FOUND);
}

function take(teller: Storyteller, turn: Turn, source: string): void {
  try {
    teller.take(turn);
  } catch (error) {
    if (error instanceof UnknownRulesError) throw error;
    const hint = 'Its turns contradict each other: `leasehold audit` says where it begins to differ.';
    const problem = `turn ${turn.number} does not follow from those before it: ${(error as Error).message}`;
    throw new InputError(problem, { file: shown(source) }, hint, DAMAGED);
  }
}

/** A URL may hold a password. */
export function shown(source: string): string {
  return /^[a-z+]+:\/\//.test(source) ? 'the log' : source;
}

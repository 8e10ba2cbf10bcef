/**
 * The hash chain over the turns of a log: each hash covers the turn, its number, and the hash before it. Who has one hash
 * can tell whether anything up to its turn was altered, left out or put in (Haber & Stornetta 1991).
 */

import { createHash } from 'node:crypto';
import type { Revision } from '../../engine/index.js';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;

/** What is hashed is told apart by what it begins with: no hash of a turn is a hash of anything else. */
const LOG = 'leasehold log 1\n';
const TURN = 'leasehold turn 1\n';

/** The hash before the first turn. */
export const GENESIS: Hash = createHash('sha256').update(LOG, 'utf8').digest();

/** The hash of turn `number`, whose canonical text is `text`. O(length of the text). */
export function hashAfter(before: Hash, number: Revision, text: string): Hash {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(number));
  return createHash('sha256').update(TURN, 'utf8').update(before).update(position).update(text, 'utf8').digest();
}

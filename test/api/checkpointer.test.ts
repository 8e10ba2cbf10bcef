/** The service signs where the log is, whatever happens to the process between. */

import { createPublicKey } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GENESIS, hashAfter } from '../../adapters/event-store/chain.js';
import { rotateCheckpointKey } from '../../adapters/event-store/checkpoint-key.js';
import { keyId, readCheckpoints, readPublicKeys, Trust } from '../../adapters/event-store/checkpoints.js';
import { Checkpointer } from '../../api/checkpointer.js';
import { LogProof } from '../../api/log-proof.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const key = (): string => join(folder, 'key');
const file = (): string => join(folder, 'checkpoints.ndjson');

/** A service that signs every 10 turns; its log has `turns` turns when it starts. */
function started(turns: number, proof = new LogProof()): { proof: LogProof; checkpointer: Checkpointer } {
  const checkpointer = new Checkpointer({ key: key(), file: file(), everyTurns: 10, everyMs: 60_000 }, proof);
  for (let n = proof.head.turn + 1; n <= turns; n++) proof.take(n, `turn ${n}`);
  checkpointer.begin((error) => {
    throw error;
  });
  return { proof, checkpointer };
}

function goOn({ proof, checkpointer }: ReturnType<typeof started>, until: number): void {
  for (let n = proof.head.turn + 1; n <= until; n++) {
    proof.take(n, `turn ${n}`);
    checkpointer.look();
  }
}

const positions = (): number[] => readCheckpoints(file()).map(({ checkpoint }) => checkpoint!.position);
const allSigned = (): boolean => {
  const trust = new Trust(readPublicKeys(`${key()}.pub`));
  return readCheckpoints(file()).every(({ checkpoint }) => trust.fault(checkpoint!) === null);
};

test('every so many turns, and where it ends; the next start goes on', async () => {
  const first = started(0);
  goOn(first, 25);
  await first.checkpointer.close();
  expect(positions()).toEqual([10, 20, 25]);
  const second = started(25);
  await second.checkpointer.close();
  expect(positions()).toEqual([10, 20, 25]);
  const third = started(27);
  goOn(third, 40);
  await third.checkpointer.close();
  expect(positions()).toEqual([10, 20, 25, 35, 40]);
  expect(allSigned()).toBe(true);
  expect(statSync(key()).mode & 0o777).toBe(0o600);
});

test('from a snapshot, the hashes are the same', async () => {
  const whole = new LogProof();
  for (let n = 1; n <= 30; n++) whole.take(n, `turn ${n}`);
  let hash = GENESIS;
  for (let n = 1; n <= 20; n++) hash = hashAfter(hash, n, `turn ${n}`);
  const proof = new LogProof();
  proof.begin({ turn: 20, hash: hash.toString('hex'), first: whole.log! });
  const { checkpointer } = started(30, proof);
  expect(proof.receipt).toBe(whole.receipt);
  expect(proof.log).toBe(whole.log);
  await checkpointer.close();
  expect(positions()).toEqual([30]);
});

test('a log that was put back from a copy is signed again where it goes on', async () => {
  const first = started(50);
  await first.checkpointer.close();
  const second = started(20);
  goOn(second, 30);
  await second.checkpointer.close();
  expect(positions()).toEqual([50, 30]);
});

test('a line that a power cut left unfinished is cut off', async () => {
  const first = started(10);
  await first.checkpointer.close();
  appendFileSync(file(), '{"checkpoint":1,"log":"');
  const second = started(20);
  await second.checkpointer.close();
  expect(positions()).toEqual([10, 20]);
  expect(allSigned()).toBe(true);
});

test('a disk that refuses is told, and tried again', async () => {
  const { proof, checkpointer } = started(5);
  const failures: Error[] = [];
  rmSync(folder, { recursive: true });
  checkpointer.begin((error) => failures.push(error));
  goOn({ proof, checkpointer }, 20);
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  expect(checkpointer.last).toBeNull();
  await checkpointer.close();
});

describe('a key', () => {
  test('that others can read, or that is none, is not used; its content is in no message', async () => {
    writeFileSync(key(), 'secret-of-mine', { mode: 0o644 });
    expect(() => started(0)).toThrow(/chmod 600/);
    rmSync(key());
    writeFileSync(key(), 'secret-of-mine', { mode: 0o600 });
    expect(() => started(0)).toThrow(expect.objectContaining({ code: 'path' }));
    expect(() => started(0)).not.toThrow(/secret-of-mine/);
  });

  test('is not changed before it has signed anything, nor while it is in use', async () => {
    expect(() => rotateCheckpointKey(key(), file(), new Date())).toThrow(/is not there/);
    const running = started(0);
    expect(() => rotateCheckpointKey(key(), file(), new Date())).toThrow(expect.objectContaining({ code: 'locked' }));
    await running.checkpointer.close();
    expect(() => rotateCheckpointKey(key(), file(), new Date())).toThrow(/nothing was signed/);
  });

  test('is followed by the one that it introduces, also where the process ended in the middle', async () => {
    const first = started(10);
    await first.checkpointer.close();
    const old = readFileSync(key());
    const { next } = rotateCheckpointKey(key(), file(), new Date(0));
    // 1. As if the new key had not come to its place.
    const made = readFileSync(key());
    writeFileSync(`${key()}.next`, made, { mode: 0o600 });
    writeFileSync(key(), old, { mode: 0o600 });
    const second = started(20);
    await second.checkpointer.close();
    expect(existsSync(`${key()}.next`)).toBe(false);
    expect(allSigned()).toBe(true);
    const introduced = createPublicKey({ key: Buffer.from(next!, 'base64'), type: 'spki', format: 'der' });
    expect(readCheckpoints(file()).at(-1)?.checkpoint?.key).toBe(keyId(introduced));
    // 2. As if it had not been introduced: nobody would know it.
    writeFileSync(`${key()}.next`, old, { mode: 0o600 });
    const third = started(30);
    await third.checkpointer.close();
    expect(existsSync(`${key()}.next`)).toBe(false);
    expect(readCheckpoints(file()).at(-1)?.checkpoint?.key).toBe(keyId(introduced));
    expect(allSigned()).toBe(true);
  });
});

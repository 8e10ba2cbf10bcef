/**
 * The key of a service for its checkpoints: a file for its owner only, made at the first start, and the public keys beside
 * it (`.pub`), to be given to whoever verifies. A new key is introduced by the old one, in the file of checkpoints.
 */

import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type SignedCheckpoint, keyId, readCheckpoints, signed, spki } from './checkpoints.js';
import { StoreError, fileError } from './errors.js';
import { syncDirectory } from '../durable-files.js';
import { createDirectory } from './sqlite-files.js';
import { lockStore } from './sqlite-lock.js';

export interface CheckpointKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** Lets another process use it. */
  release(): void;
}

export const publicPath = (path: string): string => `${path}.pub`;
const nextPath = (path: string): string => `${path}.next`;

/** The key at `path`, made where there is none, and held: who rotates it must not meet who signs. Throws a StoreError. */
export function openCheckpointKey(path: string, checkpointsPath: string): CheckpointKey {
  createDirectory(path);
  const release = lockStore(path);
  try {
    finishRotation(path, checkpointsPath);
    if (!existsSync(path)) {
      const made = generateKeyPairSync('ed25519').privateKey;
      writeKey(path, made);
      addPublicKey(path, made);
    }
    const privateKey = readKey(path);
    return { id: keyId(createPublicKey(privateKey)), privateKey, release };
  } catch (error) {
    release();
    throw error instanceof StoreError ? error : fileError(path, error, 'path');
  }
}

/**
 * A new key in the place of the one at `path`, whose last act is to introduce it. The service must not be running. Returns
 * the record. Throws a StoreError.
 */
export function rotateCheckpointKey(path: string, checkpointsPath: string, now: Date): SignedCheckpoint {
  if (!existsSync(path)) throw new StoreError('path', `${path} is not there; the service makes it when it starts`);
  const key = openCheckpointKey(path, checkpointsPath);
  try {
    // 1. Where the old key last was: the new one takes over there.
    const last = existsSync(checkpointsPath) ? readCheckpoints(checkpointsPath).at(-1)?.checkpoint : undefined;
    if (last === undefined || last === null) {
      const hint = 'to have another one made, remove it while the service is stopped';
      throw new StoreError('path', `${checkpointsPath} has no checkpoints: nothing was signed with ${path}; ${hint}`);
    }
    // 2. The new key is on disk before it is named, and in its place after that: a start in between finishes this.
    const made = generateKeyPairSync('ed25519').privateKey;
    writeKey(nextPath(path), made);
    const next = spki(createPublicKey(made)).toString('base64');
    const { log, position, hash } = last;
    const record = signed({ log, position, hash, time: now.toISOString(), next }, key.privateKey);
    appendSynced(checkpointsPath, `${JSON.stringify(record)}\n`);
    finishRotation(path, checkpointsPath);
    return record;
  } finally {
    key.release();
  }
}

/** A key that was made to follow takes its place where it was introduced, and is dropped where it was not. */
function finishRotation(path: string, checkpointsPath: string): void {
  const next = nextPath(path);
  if (!existsSync(next)) return;
  const made = readKey(next);
  const last = existsSync(checkpointsPath) ? readCheckpoints(checkpointsPath).at(-1)?.checkpoint : undefined;
  if (last?.next !== spki(createPublicKey(made)).toString('base64')) {
    rmSync(next);
    return;
  }
  addPublicKey(path, made);
  renameSync(next, path);
  syncDirectory(dirname(path));
}

function readKey(path: string): KeyObject {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new StoreError('path', `${path} can be read by others than its owner; run: chmod 600 ${path}`);
  }
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Its content is in no message.
  }
  throw new StoreError('path', `${path} holds no Ed25519 key (PEM, PKCS #8)`);
}

function writeKey(path: string, key: KeyObject): void {
  rmSync(path, { force: true });
  writeFileSync(path, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx', flush: true });
  syncDirectory(dirname(path));
}

function addPublicKey(path: string, key: KeyObject): void {
  appendSynced(publicPath(path), createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string);
}

/** On disk when it returns. */
export function appendSynced(path: string, text: string): void {
  appendFileSync(path, text, { mode: 0o644 });
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Signed checkpoints: where a log was at a time, with a signature of the service (Ed25519). Kept elsewhere than the log,
 * they show later that it is still the same: whoever changes it would need the key, too.
 */

import { type KeyObject, createHash, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StoreError, fileError } from './errors.js';

/** A line of the file of checkpoints. */
export interface SignedCheckpoint {
  /** The format of the record. */
  readonly checkpoint: 1;
  /** Which log: the hash of its first turn, in hex. */
  readonly log: string;
  /** The last turn, and its hash. */
  readonly position: number;
  readonly hash: string;
  /** RFC 3339, by the clock of the service. */
  readonly time: string;
  /** Who signs: see `keyId`. */
  readonly key: string;
  /** The key that signs from now on: it is introduced by the one before. SPKI, base64. */
  readonly next?: string;
  /** Base64. */
  readonly signature: string;
}

export type Unsigned = Omit<SignedCheckpoint, 'checkpoint' | 'key' | 'signature'>;

const FORMAT = 1;
const LINE_LENGTH_MAX = 4096;
const FILE_BYTES_MAX = 1024 * 1024 * 1024;

/** What is signed. It begins with what it is: no signature of ours for something else fits. */
export function textToSign({ log, position, hash, time, key, next }: Omit<SignedCheckpoint, 'signature'>): string {
  return `leasehold checkpoint 1\n${log}\n${position}\n${hash}\n${time}\n${key}\n${next ?? '-'}\n`;
}

export function signed({ log, position, hash, time, next }: Unsigned, privateKey: KeyObject): SignedCheckpoint {
  const key = keyId(createPublicKey(privateKey));
  const introduced = next === undefined ? {} : { next };
  const unsigned = { checkpoint: FORMAT, log, position, hash, time, key, ...introduced } as const;
  const signature = sign(null, Buffer.from(textToSign(unsigned), 'utf8'), privateKey).toString('base64');
  return { ...unsigned, signature };
}

/** The first half of the SHA-256 of the public key (SPKI), in hex. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256').update(spki(publicKey)).digest('hex').slice(0, 32);
}

export function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** The public keys in a file, PEM, one after the other. Throws a StoreError. */
export function readPublicKeys(path: string): KeyObject[] {
  const blocks = textOf(path).match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  try {
    const keys = blocks.map((block) => createPublicKey(block));
    if (keys.length > 0 && keys.every(({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519')) return keys;
  } catch (error) {
    throw new StoreError('path', `${path}: a public key cannot be read: ${(error as Error).message}`);
  }
  throw new StoreError('path', `${path}: there is no public key (PEM, Ed25519) in it`);
}

/** A checkpoint and its line; `null`: the line says nothing that could be one. */
export interface CheckpointLine {
  readonly line: number;
  readonly checkpoint: SignedCheckpoint | null;
}

/**
 * The lines of a file of checkpoints. A last line that was not finished is passed over: a power cut leaves such. Throws a
 * StoreError where a later version wrote it.
 */
export function readCheckpoints(path: string): CheckpointLine[] {
  const lines = textOf(path).split('\n');
  lines.pop();
  return lines.map((text, index) => ({ line: index + 1, checkpoint: parseCheckpoint(text, `${path}:${index + 1}`) }));
}

/** Null: it is not what `JSON.stringify` makes of a checkpoint. Throws a StoreError where a later version wrote it. */
export function parseCheckpoint(text: string, where: string): SignedCheckpoint | null {
  if (text.length > LINE_LENGTH_MAX) return null;
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { checkpoint, log, position, hash, time, key, next, signature } = value;
  if (Number.isSafeInteger(checkpoint) && (checkpoint as number) > FORMAT) {
    const detail = `a checkpoint of format ${String(checkpoint)}; this version reads ${FORMAT}`;
    throw new StoreError('version', `${where}: ${detail}`);
  }
  const well =
    checkpoint === FORMAT && isHex(log, 64) && isHex(hash, 64) && isHex(key, 32) && isText(time) && isText(signature);
  if (!well || !Number.isSafeInteger(position) || (position as number) < 1) return null;
  if (next !== undefined && !isText(next)) return null;
  const found = { checkpoint, log, position, hash, time, key, ...(next === undefined ? {} : { next }), signature };
  return JSON.stringify(found) === text ? (found as SignedCheckpoint) : null;
}

/** Whose signatures count: the keys that are trusted, and those that they introduce. Checkpoints come in their order. */
export class Trust {
  private readonly keys = new Map<string, KeyObject>();
  private readonly retired = new Set<string>();

  constructor(keys: readonly KeyObject[]) {
    for (const key of keys) this.keys.set(keyId(key), key);
  }

  /** What is wrong with the checkpoint's signature; null: nothing. */
  fault(checkpoint: SignedCheckpoint): string | null {
    const { key: id, next, signature } = checkpoint;
    const key = this.keys.get(id);
    if (key === undefined) return `signed with the key ${id}, which is not among those given`;
    const text = Buffer.from(textToSign(checkpoint), 'utf8');
    const bytes = Buffer.from(signature, 'base64');
    if (bytes.toString('base64') !== signature || !verify(null, text, key, bytes)) return 'the signature is wrong';
    if (this.retired.has(id)) return `signed with the key ${id} after that had named the one to follow it`;
    return next === undefined ? null : this.introduce(id, next);
  }

  private introduce(id: string, next: string): string | null {
    try {
      const key = createPublicKey({ key: Buffer.from(next, 'base64'), type: 'spki', format: 'der' });
      if (key.asymmetricKeyType !== 'ed25519') return 'the key that is to follow is not an Ed25519 key';
      this.keys.set(keyId(key), key);
    } catch {
      return 'the key that is to follow cannot be read';
    }
    this.retired.add(id);
    return null;
  }
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= FILE_BYTES_MAX) return bytes.toString('utf8');
  } catch (error) {
    throw fileError(path, error, 'path');
  }
  throw new StoreError('path', `${path}: larger than ${FILE_BYTES_MAX} bytes`);
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,1024}$/.test(value);
}

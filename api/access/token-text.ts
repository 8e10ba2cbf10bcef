/**
 * How an API token is written: `lh_<id>_<secret>_<check>`. The id is public; the secret are 32 random bytes, of which only
 * the hash is kept: what has 256 random bits cannot be guessed from its hash. The check tells slips of the pen from guesses.
 */

import { hash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const TOKEN = /^lh_([a-z0-9]{8})_([A-Za-z0-9_-]{43})_([A-Za-z0-9_-]{6})$/;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 8;

export interface NewToken {
  readonly id: string;
  /** What is shown once. */
  readonly text: string;
  /** What is kept. */
  readonly hash: string;
}

export function newToken(): NewToken {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const secret = randomBytes(32).toString('base64url');
  const body = `lh_${id}_${secret}`;
  return { id, text: `${body}_${checkOf(body)}`, hash: hashOf(secret).toString('base64url') };
}

/** Null: no token is written so. */
export function readToken(text: string): { readonly id: string; readonly hash: Buffer } | null {
  const [, id, secret, check] = TOKEN.exec(text) ?? [];
  if (id === undefined || secret === undefined || check !== checkOf(`lh_${id}_${secret}`)) return null;
  return { id, hash: hashOf(secret) };
}

/** Base64url of four bytes has six letters. */
function checkOf(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
}

/** Of the text, not of the bytes that it stands for: those can be written in several ways. */
function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

const OURS = /lh_[a-z0-9]{8}_[A-Za-z0-9_-]{43}/;
/** What a signed token of an issuer would be in, from its first letter to its last. */
const RUNS = /[A-Za-z0-9_.-]+/g;

/** Whether there is a token in the text, or a signed one of an issuer. O(text). */
export function holdsToken(text: string): boolean {
  return OURS.test(text) || (text.match(RUNS) ?? []).some(holdsSigned);
}

/** The text with something else in the place of signed tokens, and of what they run into. O(text). */
export function withoutSigned(text: string, instead: string): string {
  return text.replace(RUNS, (run) => (holdsSigned(run) ? instead : run));
}

/** A JSON Web Token has at least three parts, and begins with a header, which is an object of JSON in base64url. */
function holdsSigned(run: string): boolean {
  const parts = run.split('.');
  for (let i = 0; i + 2 < parts.length; i++) {
    const header = parts[i]!.indexOf('eyJ');
    if (header >= 0 && parts[i]!.length - header >= PART_LEAST && parts[i + 1]!.length >= PART_LEAST) return true;
  }
  return false;
}

const PART_LEAST = 10;

const SECRETS = /[A-Za-z0-9_-]{40,}/g;

/** For what is told or logged: whatever could be a token is left out. Names and ids are shorter. */
export function withoutSecrets(text: string): string {
  return text.length < 40 ? text : text.replace(SECRETS, '[hidden]');
}

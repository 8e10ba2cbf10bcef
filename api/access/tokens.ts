/** API tokens: notes in the log under `token/<id>`, so that every service of the log knows each as soon as it is made or revoked. */

import { timingSafeEqual } from 'node:crypto';
import { Caller, type Role, type Scope } from './caller.js';
import type { FailureKind } from './failed-attempts.js';
import { readToken } from './token-text.js';

/** What is kept of a token. Times in milliseconds since 1970, of the clock on the wall. */
export interface Token {
  readonly id: string;
  /** SHA-256 of the secret, base64url. */
  readonly hash: string;
  readonly name: string;
  readonly subject: string;
  readonly project: string | null;
  readonly roles: readonly Role[];
  /** Null: whatever the roles allow. */
  readonly scopes: readonly Scope[] | null;
  readonly created: number;
  readonly expires: number;
  /** Who made it. */
  readonly by: string;
  readonly revoked: { readonly at: number; readonly by: string } | null;
}

const PREFIX = 'token/';

export type Notes = ReadonlyMap<string, string>;

export class Tokens {
  /** As read last, and from which text. */
  private readonly read = new Map<string, { readonly text: string; readonly token: Token; readonly caller: Caller }>();

  /** `notes`: those of the latest turn. */
  constructor(
    private readonly notes: () => Notes,
    private readonly now: () => number,
  ) {}

  /** Who has the token; null: it is none of ours, or is over. Takes the same time whatever the secret. */
  authenticate(text: string): Caller | null {
    const given = readToken(text);
    const known = given === null ? undefined : this.known(given.id);
    if (given === null || known === undefined) return null;
    const same = timingSafeEqual(given.hash, Buffer.from(known.token.hash, 'base64url'));
    return same && stateOf(known.token, this.now()) === 'valid' ? known.caller : null;
  }

  /** The id of the token whose secret somebody has got wrong; null: there is no such token, or it is the right one. */
  guessed(text: string): string | null {
    const given = readToken(text);
    const token = given === null ? undefined : this.get(given.id);
    if (given === null || token === undefined) return null;
    return timingSafeEqual(given.hash, Buffer.from(token.hash, 'base64url')) ? null : token.id;
  }

  /** Why `authenticate` does not know it. */
  whyNot(text: string): FailureKind {
    const given = readToken(text);
    const token = given === null ? undefined : this.get(given.id);
    if (given === null || token === undefined) return 'unknown';
    if (!timingSafeEqual(given.hash, Buffer.from(token.hash, 'base64url'))) return 'wrong-secret';
    const state = stateOf(token, this.now());
    return state === 'valid' ? 'unknown' : state;
  }

  get(id: string): Token | undefined {
    return this.known(id)?.token;
  }

  isValid(id: string): boolean {
    const token = this.get(id);
    return token !== undefined && stateOf(token, this.now()) === 'valid';
  }

  /** All of them, the oldest first. O(notes log tokens). */
  list(): Token[] {
    const tokens: Token[] = [];
    for (const key of this.notes().keys())
      if (key.startsWith(PREFIX)) tokens.push(this.known(key.slice(PREFIX.length))!.token);
    return tokens.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  }

  private known(id: string): { readonly token: Token; readonly caller: Caller } | undefined {
    const text = this.notes().get(keyOfToken(id));
    if (text === undefined) {
      this.read.delete(id);
      return undefined;
    }
    const before = this.read.get(id);
    if (before?.text === text) return before;
    const token: Token = { id, ...(JSON.parse(text) as Omit<Token, 'id'>) };
    const known = { text, token, caller: callerWith(token) };
    this.read.set(id, known);
    return known;
  }
}

export function keyOfToken(id: string): string {
  return `${PREFIX}${id}`;
}

export function stateOf({ revoked, expires }: Token, now: number): 'valid' | 'expired' | 'revoked' {
  if (revoked !== null) return 'revoked';
  return now < expires ? 'valid' : 'expired';
}

function callerWith({ id, subject, project, roles, scopes, expires }: Token): Caller {
  const projects = project === null ? [] : [project];
  return new Caller({ subject, roles, projects, how: 'token', tokenId: id, scopes, expires });
}

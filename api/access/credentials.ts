/** What callers can show: the admin token of this machine, API tokens, and tokens that an issuer has signed. */

import { isSecret, secretDigest } from '../auth.js';
import { ADMIN, type Caller } from './caller.js';
import type { FailureKind } from './failed-attempts.js';
import type { Oidc } from './oidc.js';
import { holdsToken } from './token-text.js';
import { type Notes, Tokens } from './tokens.js';

export class Credentials {
  readonly tokens: Tokens;
  private readonly admin: Buffer;

  /** `issuer` null: none is trusted. */
  constructor(
    adminToken: string,
    private readonly issuer: Oidc | null,
    notes: () => Notes,
    private readonly now: () => number = Date.now,
  ) {
    this.admin = secretDigest(adminToken);
    this.tokens = new Tokens(notes, now);
  }

  /** Who has it; null: nobody. Rejects with a Problem where that cannot be told just now. */
  async authenticate(credential: string): Promise<Caller | null> {
    if (isSecret(credential, this.admin)) return ADMIN;
    if (credential.startsWith('lh_')) return this.tokens.authenticate(credential);
    return this.issuer === null ? null : this.issuer.authenticate(credential);
  }

  /** Why nobody has it. */
  whyNot(credential: string): FailureKind {
    return credential.startsWith('eyJ') ? 'not-of-issuer' : this.tokens.whyNot(credential);
  }

  /** Whether what the caller has shown still holds: it may be revoked, or run out, while an answer goes on. */
  holds({ tokenId, expires }: Caller): boolean {
    if (expires !== null && this.now() >= expires) return false;
    return tokenId === null || this.tokens.isValid(tokenId);
  }

  /** Whether a credential is in the text: it would end where others read it. O(text). */
  isIn(text: string): boolean {
    if (holdsToken(text)) return true;
    return text.length >= 32 && (text.match(/[A-Za-z0-9_-]{32,256}/g) ?? []).some((run) => isSecret(run, this.admin));
  }
}

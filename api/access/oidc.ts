/** Tokens that an issuer (OpenID Connect) has signed: checked against its published keys, and read as a caller. */

import { createRemoteJWKSet, customFetch, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ConfigError } from '../config.js';
import type { ServeOptions } from '../settings/table.js';
import { Problem } from '../problems.js';
import { Caller, type Role, ROLES } from './caller.js';
import { isSafeIssuer } from './issuer-url.js';

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Which claim says what; `a.b` is member b of claim a. */
  readonly claims: Readonly<Partial<Record<'subject' | 'roles' | 'projects', string>>>;
  /** The role of a value of the roles claim; of `*`: of everybody. Role names stand for themselves. */
  readonly roles: Readonly<Record<string, Role>>;
  /** How long keys are not asked for again, although one is not known. */
  readonly cooldownMs?: number;
}

const CLAIMS = { subject: 'sub', roles: 'roles', projects: 'projects' } as const;
/** Signatures by a key pair only: with a shared secret, or none, anybody could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_S = 30;
const TIMEOUT_MS = 3_000;
const COOLDOWN_MS = 10_000;
const KEYS_AGE_MS = 600_000;
const DOCUMENT_MAX = 256 * 1024;
const CREDENTIAL_MAX = 12 * 1024;
const VALUES_MAX = 256;
const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** Null: no issuer is trusted. The settings have been checked. */
export function oidcOptions({ oidcIssuer, oidcAudience, oidcClaims, oidcRoles }: ServeOptions): OidcOptions | null {
  if (oidcIssuer === null || oidcAudience === null) return null;
  const claims = Object.fromEntries(oidcClaims.map(pairOf)) as OidcOptions['claims'];
  return {
    issuer: oidcIssuer,
    audience: oidcAudience,
    claims,
    roles: Object.fromEntries(oidcRoles.map(pairOf)) as OidcOptions['roles'],
  };
}

function pairOf(text: string): [name: string, value: string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}

export class Oidc {
  /** Null: not found yet. */
  private keys: Promise<JWTVerifyGetKey> | null = null;
  private triedAt = Number.NEGATIVE_INFINITY;

  /** `isProject`: which projects there are. */
  constructor(
    private readonly options: OidcOptions,
    private readonly isProject: (name: string) => boolean,
  ) {
    issuerUrl(options.issuer);
  }

  /** Null: not signed by the issuer for us, or not any more. Rejects with a Problem where the keys cannot be had. */
  async authenticate(credential: string): Promise<Caller | null> {
    if (credential.length > CREDENTIAL_MAX || !/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)) return null;
    try {
      const keys = await this.issuersKeys();
      const { payload } = await jwtVerify(credential, keys, {
        issuer: this.options.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['exp'],
      });
      return this.callerOf(payload);
    } catch (error) {
      if (isRefusal(error)) return null;
      throw new Problem('issuer-unavailable', 'the keys of the issuer cannot be had just now; API tokens still work');
    }
  }

  /** Where the keys are is told by the issuer; asked once, and again where that failed. */
  private issuersKeys(): Promise<JWTVerifyGetKey> {
    const { cooldownMs = COOLDOWN_MS } = this.options;
    if (this.keys !== null) return this.keys;
    if (performance.now() - this.triedAt < cooldownMs) return Promise.reject(new Error('the issuer did not answer'));
    this.triedAt = performance.now();
    this.keys = this.discover(cooldownMs);
    this.keys.catch(() => {
      this.keys = null;
    });
    return this.keys;
  }

  private async discover(cooldownDuration: number): Promise<JWTVerifyGetKey> {
    const at = `${this.options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetchLimited(at, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { issuer, jwks_uri: uri } = (await response.json()) as Record<string, unknown>;
    if (!response.ok || issuer !== this.options.issuer || typeof uri !== 'string')
      throw new Error('the document of the issuer is not its own');
    return createRemoteJWKSet(issuerUrl(uri), {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration,
      cacheMaxAge: KEYS_AGE_MS,
      [customFetch]: fetchLimited,
    });
  }

  private callerOf(payload: JWTPayload): Caller | null {
    const claim = (name: 'roles' | 'projects') => valuesOf(payload, this.options.claims[name] ?? CLAIMS[name]);
    const subject = claimAt(payload, this.options.claims.subject ?? CLAIMS.subject);
    if (typeof subject !== 'string' || !ACCOUNT.test(subject)) return null;
    const given = new Set(['*', ...claim('roles')].map((value) => this.roleOf(value)));
    const roles = ROLES.filter((role) => given.has(role));
    const projects = claim('projects').filter((name) => this.isProject(name));
    return new Caller({ subject, roles, projects, how: 'oidc', expires: payload.exp! * 1000 });
  }

  private roleOf(value: string): Role | undefined {
    const { roles } = this.options;
    return Object.hasOwn(roles, value) ? roles[value] : ROLES.find((role) => role === value);
  }
}

/** What is wrong is the token, and not that we could not find out. */
function isRefusal(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  // A key set that could not be had is a plain JOSEError.
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC';
}

/** Text, or a list of texts, at `path` of the claims. */
function valuesOf(payload: JWTPayload, path: string): string[] {
  const values = [claimAt(payload, path)].flat().slice(0, VALUES_MAX);
  return values.filter((one): one is string => typeof one === 'string');
}

/** The claim of that name, or, where there is none, member after member of its parts. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Throws where whoever is on the way could answer in the issuer's place. */
function issuerUrl(text: string): URL {
  if (isSafeIssuer(text)) return new URL(text);
  throw new ConfigError(
    `the issuer ${JSON.stringify(text.slice(0, 100))} is no https URL; http is for this machine only`,
  );
}

/** No redirects, and no more than so much. */
async function fetchLimited(url: string, init: Parameters<typeof fetch>[1]): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += (part as Uint8Array).length;
    if (size > DOCUMENT_MAX) throw new Error('the issuer sends too much');
    parts.push(part as Uint8Array);
  }
  return new Response(Buffer.concat(parts), {
    status: response.status,
    headers: { 'content-type': 'application/json' },
  });
}

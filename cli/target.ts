/** Which service a command talks to, and with which token: options, then the environment, then contexts. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, contextNamed, readContexts } from './contexts.js';
import { CliError, EXIT } from './errors.js';

export const URL_DEFAULT = 'http://127.0.0.1:8080';
const DATA_DIR_DEFAULT = '.leasehold';
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly context?: string | undefined;
  readonly tokenFile?: string | undefined;
}

export interface Target {
  readonly url: URL;
  readonly token: string | null;
  /** In a sentence: where the token came from. */
  readonly credential: string;
  /** The token was named for this service, or came from the environment: it may be sent to those it names. */
  readonly mayTravel: boolean;
}

export function targetOf(options: TargetOptions): Target {
  const context = contextOf(options);
  const url = baseUrl(options.url ?? context?.url ?? process.env.LEASEHOLD_URL ?? URL_DEFAULT);
  // 1. What was named for this command.
  const { tokenFile } = options;
  const from = (where: string, token: string): Target => {
    return { url, token, credential: `The token came from ${where}.`, mayTravel: true };
  };
  if (tokenFile !== undefined) return from(tokenFile, readToken(tokenFile));
  const own = context !== null && baseUrl(context.url).origin === url.origin ? tokenOf(context) : null;
  if (options.context !== undefined && own !== null) return from('the context', own);
  // 2. The environment. 3. The context in use; a context's token goes nowhere else.
  const { LEASEHOLD_TOKEN: token } = process.env;
  if (token) return from('LEASEHOLD_TOKEN', token.trim());
  if (own !== null) return from('the context in use', own);
  // 4. The local service's own; that one never leaves this machine.
  const file = join(DATA_DIR_DEFAULT, 'admin.token');
  const local = isLocal(url) ? readTokenIfAny(file) : null;
  const credential = local === null ? `No token was sent: ${missing(url, file)}.` : `The token came from ${file}.`;
  return { url, token: local, credential, mayTravel: false };
}

function missing(url: URL, file: string): string {
  return isLocal(url) ? `there is no ${file} in this directory` : 'none was named for that service';
}

export function isLocal({ hostname }: URL): boolean {
  return LOOPBACK.includes(hostname);
}

/** The token for a service at `url`, if there is one. */
export function tokenForUrl(url: string, tokenFile: string | undefined): string | undefined {
  return targetOf({ url, tokenFile }).token ?? undefined;
}

export function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(`${JSON.stringify(text)} is not an http or https URL`, `Example: ${URL_DEFAULT}`, EXIT.usage);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** --context; LEASEHOLD_CONTEXT or the one in use, unless a URL was given otherwise. */
function contextOf({ context, url, tokenFile }: TargetOptions): Context | null {
  if (context !== undefined) return contextNamed(context, readContexts());
  if (url === undefined ? process.env.LEASEHOLD_URL : tokenFile) return null;
  const contexts = readContexts();
  const name = process.env.LEASEHOLD_CONTEXT || contexts.current;
  if (name === null) return null;
  return contextNamed(name, contexts);
}

function tokenOf({ token, tokenFile }: Context): string | null {
  if (token !== undefined) return token;
  return tokenFile === undefined ? null : readToken(tokenFile);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliError(
      `the token cannot be read: ${(error as Error).message}`,
      'Name the file with the token with --token-file, or give the token in LEASEHOLD_TOKEN.',
      EXIT.notAuthorised,
    );
  }
}

function readTokenIfAny(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

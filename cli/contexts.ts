/** The services that a user has named: kept in a file of their own, readable by nobody else since it may hold tokens. */

import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, EXIT } from './errors.js';

/** One service: where it is, and the token or where that is. */
export interface Context {
  readonly url: string;
  readonly tokenFile?: string;
  readonly token?: string;
}

export interface Contexts {
  readonly current: string | null;
  readonly contexts: Readonly<Record<string, Context>>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const BYTES_MAX = 1 << 20;
const NONE: Contexts = { current: null, contexts: {} };

/** `$XDG_CONFIG_HOME/leasehold/contexts.json`, or the same below `~/.config`. */
export function contextsFile(): string {
  const home = process.env.XDG_CONFIG_HOME;
  return join(home?.startsWith('/') === true ? home : join(homedir(), '.config'), 'leasehold', 'contexts.json');
}

export function readContexts(): Contexts {
  const file = contextsFile();
  let text: string;
  try {
    const { mode, size } = statSync(file);
    if (size > BYTES_MAX)
      throw broken(file, `has more than ${BYTES_MAX} bytes`, 'Remove it and name the services again.');
    // Windows has no such modes.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw broken(file, 'may be read by others, and can hold tokens', `Run: chmod 600 ${file}`);
    }
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return NONE;
    throw broken(file, `cannot be read: ${(error as Error).message}`, 'May you read it?');
  }
  const contexts = parsed(text);
  if (contexts === null) throw broken(file, 'is not a list of contexts', 'Remove it and name the services again.');
  return contexts;
}

/** Writes all or nothing. */
export function writeContexts(contexts: Contexts): void {
  const file = contextsFile();
  const fresh = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(fresh, file);
  } catch (error) {
    throw broken(file, `cannot be written: ${(error as Error).message}`, 'Set XDG_CONFIG_HOME to where you may write.');
  }
}

/** The context of that name. */
export function contextNamed(name: string, { contexts }: Contexts): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(contexts).sort(byName);
  const there = known.length === 0 ? 'There is none yet' : `There are ${known.join(', ')}`;
  throw new CliError(
    `there is no context ${JSON.stringify(name)}`,
    `${there}; \`leasehold context set ${NAME.test(name) ? name : 'NAME'} --url URL\` makes it.`,
    EXIT.notFound,
  );
}

export function mustBeName(name: string): void {
  if (NAME.test(name)) return;
  const wanted = 'Use up to 64 letters, digits, dots, dashes and underscores; begin with a letter or digit.';
  throw new CliError(`${JSON.stringify(name)} cannot be the name of a context`, wanted, EXIT.usage);
}

/** By code units: the same order on every machine. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Null: it is something else. */
function parsed(text: string): Contexts | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || !isObject(value.contexts)) return null;
  const { current = null, contexts } = value;
  if (current !== null && typeof current !== 'string') return null;
  for (const [name, context] of Object.entries(contexts)) if (!NAME.test(name) || !isContext(context)) return null;
  return { current, contexts: contexts as Record<string, Context> };
}

function isContext(value: unknown): value is Context {
  if (!isObject(value) || typeof value.url !== 'string') return false;
  return [value.token, value.tokenFile].every((one) => one === undefined || typeof one === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(file: string, detail: string, hint: string): CliError {
  return new CliError(`${file} ${detail}`, hint, EXIT.configuration);
}

/** What `leasehold context …` does. */

import { resolve } from 'node:path';
import { confirm } from './confirm.js';
import {
  byName,
  type Context,
  contextNamed,
  contextsFile,
  mustBeName,
  readContexts,
  writeContexts,
} from './contexts.js';
import { CliError, EXIT } from './errors.js';
import { type Column, type Printing, printList, write } from './output.js';
import { baseUrl } from './target.js';

export interface SetOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly tokenStdin?: boolean;
  readonly use?: boolean;
}

const TOKEN_MAX = 16 * 1024;

export async function setContext(name: string, options: SetOptions): Promise<void> {
  mustBeName(name);
  const { current, contexts } = readContexts();
  const before = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  const url = options.url ?? before?.url;
  if (url === undefined) throw new CliError('where is the service?', 'Give --url.', EXIT.usage);
  baseUrl(url);
  const context: Context = { url, ...(await tokenFrom(options, before)) };
  const isUsed = options.use === true || current === name;
  writeContexts({ current: isUsed ? name : current, contexts: { ...contexts, [name]: context } });
  process.stderr.write(
    `Context ${name} is ${isUsed ? 'in use' : `known; \`leasehold context use ${name}\` uses it`}.\n`,
  );
}

/** A token that belongs to another service is not kept for this one. */
async function tokenFrom({ url, tokenFile, tokenStdin }: SetOptions, before: Context | undefined) {
  if (tokenFile !== undefined) return { tokenFile: resolve(tokenFile) };
  if (tokenStdin === true) return { token: await tokenOnStdin() };
  if (before === undefined || (url !== undefined && baseUrl(url).origin !== baseUrl(before.url).origin)) return {};
  const { url: _, ...kept } = before;
  return kept;
}

async function tokenOnStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > TOKEN_MAX) break;
  }
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= TOKEN_MAX) return token;
  throw new CliError('there is no token on stdin', 'Try: leasehold context set NAME --token-stdin < FILE', EXIT.usage);
}

export async function useContext(name: string): Promise<void> {
  const contexts = readContexts();
  if (name !== '-') contextNamed(name, contexts);
  writeContexts({ ...contexts, current: name === '-' ? null : name });
  const { LEASEHOLD_URL: url, LEASEHOLD_CONTEXT: other } = process.env;
  if (url || other) process.stderr.write(`${url ? 'LEASEHOLD_URL' : 'LEASEHOLD_CONTEXT'} is set and comes first.\n`);
}

export async function listContexts(printing: Printing): Promise<void> {
  const { current, contexts } = readContexts();
  const named = Object.entries(contexts)
    .sort(([a], [b]) => byName(a, b))
    .map(([name, { url, token, tokenFile }]) => ({
      name,
      current: name === current,
      url,
      token: tokenFile ?? (token === undefined ? null : `in ${contextsFile()}`),
    }));
  await printList(named, COLUMNS, printing);
}

export async function currentContext(): Promise<void> {
  const name = process.env.LEASEHOLD_CONTEXT || readContexts().current;
  if (name !== null) return write(`${name}\n`);
  throw new CliError(
    'no context is in use',
    'Name one with `leasehold context set NAME --url URL --use`.',
    EXIT.notFound,
  );
}

export async function removeContext(name: string, yes: boolean | undefined): Promise<void> {
  const { current, contexts } = readContexts();
  contextNamed(name, { current, contexts });
  await confirm(`Forget context ${name}?`, yes);
  const { [name]: _, ...others } = contexts;
  writeContexts({ current: current === name ? null : current, contexts: others });
}

interface Named {
  readonly name: string;
  readonly current: boolean;
  readonly url: string;
  readonly token: string | null;
}

const COLUMNS: readonly Column<Named>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'current', value: ({ current }) => (current ? 'yes' : null) },
  { title: 'url', value: ({ url }) => url },
  { title: 'token', value: ({ token }) => token },
];

/** What may come next on a command line: from the table of commands, and from the service where names are its own. */

import type { Argument, Command, Option } from 'commander';
import type { Client } from './client.js';

export interface Candidate {
  readonly text: string;
  readonly about: string;
}

/** Nobody waits longer for a list of ids than this, and a list that does not come is empty. */
const DEADLINE_MS = 1_500;
const IDS_MAX = 200;

/** What `words` (without the program's name) may end in; the last one is begun, and may be empty. */
export async function candidatesFor(program: Command, words: readonly string[]): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const { command, given, after } = walk(program, words.slice(0, -1));
  const found = await possible(command, given, after, current, words);
  return found.filter(({ text }) => text.startsWith(current));
}

interface Place {
  readonly command: Command;
  /** How many arguments it has already. */
  readonly given: number;
  /** The option whose value comes next. */
  readonly after: Option | null;
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  let given = 0;
  let after: Option | null = null;
  for (const word of words) {
    if (after !== null) after = null;
    else if (word.startsWith('-') && word !== '-') after = word.includes('=') ? null : awaiting(command, word);
    else {
      const sub: Command | undefined = given === 0 ? subcommandOf(command, word) : undefined;
      if (sub === undefined) given++;
      else command = sub;
    }
  }
  return { command, given, after };
}

/** The option of that flag, if a value must follow. */
function awaiting(command: Command, flag: string): Option | null {
  const option = optionsOf(command).find(({ short, long }) => flag === short || flag === long);
  return option?.required === true ? option : null;
}

function subcommandOf(command: Command, word: string): Command | undefined {
  return command.commands.find((one) => one.name() === word || one.aliases().includes(word));
}

async function possible(
  command: Command,
  given: number,
  after: Option | null,
  current: string,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  if (after !== null) return valuesOf(after.argChoices, after.long ?? '', words);
  const [, flag] = /^(--[a-z-]+)=/.exec(current) ?? [];
  if (flag !== undefined) {
    const option = awaiting(command, flag);
    const values = option === null ? [] : await valuesOf(option.argChoices, flag, words);
    return values.map(({ text, about }) => ({ text: `${flag}=${text}`, about }));
  }
  if (current.startsWith('-')) return flagsOf(command);
  const commands = given > 0 ? [] : visible(command).map((one) => ({ text: one.name(), about: one.description() }));
  const argument: Argument | undefined = command.registeredArguments[given] ?? lastVariadic(command);
  const values = argument === undefined ? [] : await valuesOf(argument.argChoices, `<${argument.name()}>`, words);
  return [...commands, ...values];
}

function lastVariadic(command: Command): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return last?.variadic === true ? last : undefined;
}

function flagsOf(command: Command): Candidate[] {
  const flags = optionsOf(command).map(({ long, short, description }) => ({
    text: long ?? short ?? '',
    about: description,
  }));
  return [...flags, { text: '--help', about: 'what this command does, with examples' }];
}

/** Its own options and those of the program. */
function optionsOf(command: Command): Option[] {
  const above = command.parent === null ? [] : optionsOf(command.parent);
  return [...command.options, ...above.filter(({ long }) => long !== '--version')].filter(({ hidden }) => !hidden);
}

/** Commands that help shows. */
export function visible(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}

/** Choices, or names that are looked up: of contexts in their file, of leases, nodes, images, networks and webhooks at the service. */
async function valuesOf(
  choices: readonly string[] | undefined,
  what: string,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  if (choices !== undefined) return choices.map((text) => ({ text, about: '' }));
  try {
    return await lookedUp(what, words);
  } catch {
    return []; // whoever completes a line wants no messages in it
  }
}

async function lookedUp(what: string, words: readonly string[]): Promise<readonly Candidate[]> {
  if (what === '--context' || (what === '<name>' && words[0] === 'context')) {
    const { readContexts } = await import('./contexts.js');
    return Object.entries(readContexts().contexts).map(([text, { url }]) => ({ text, about: url }));
  }
  const kind = kindOf(what, words);
  if (kind === null) return [];
  const { Client } = await import('./client.js');
  const client = new Client({ ...given(words), deadlineMs: DEADLINE_MS });
  return NAMES[kind](client, { query: { page_size: IDS_MAX }, signal: AbortSignal.timeout(DEADLINE_MS) });
}

/** Of what the service is to be asked for names; null: of nothing. */
function kindOf(what: string, words: readonly string[]): keyof typeof NAMES | null {
  if (words[0] === 'node' && (what === '<number>' || what === '<node>')) return 'node';
  return KINDS.get(what) ?? null;
}

const KINDS: ReadonlyMap<string, keyof typeof NAMES> = new Map([
  ['<lease>', 'lease'],
  ['--lease', 'lease'],
  ['--after', 'lease'],
  ['<webhook>', 'webhook'],
  ['<image>', 'image'],
  ['--image', 'image'],
  ['<network>', 'network'],
  ['--network', 'network'],
]);

interface Page {
  readonly query: { readonly page_size: number };
  readonly signal: AbortSignal;
}

const NAMES = {
  async lease(client: Client, page: Page): Promise<Candidate[]> {
    const { body } = await client.ask('get', '/v1/leases', page);
    return body.items.map(({ id, name, state }) => ({ text: id, about: name === null ? state : `${state} ${name}` }));
  },
  async node(client: Client, page: Page): Promise<Candidate[]> {
    const { body } = await client.ask('get', '/v1/nodes', page);
    return body.items.map(({ number, name, status }) => ({ text: String(number), about: `${name} ${status}` }));
  },
  async image(client: Client, page: Page): Promise<Candidate[]> {
    const { body } = await client.ask('get', '/v1/images', page);
    return body.items.map(({ name, state, source }) => ({ text: name, about: `${state} ${source}` }));
  },
  async network(client: Client, page: Page): Promise<Candidate[]> {
    const { body } = await client.ask('get', '/v1/networks', page);
    return body.items.map(({ name, kind }) => ({ text: name, about: kind }));
  },
  async webhook(client: Client, page: Page): Promise<Candidate[]> {
    const { body } = await client.ask('get', '/v1/webhooks', page);
    return body.items.map(({ id, url, state }) => ({ text: id, about: `${state} ${url}` }));
  },
};

/** What the line already says about where the service is. */
function given(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, member] of Object.entries({
    '--url': 'url',
    '--context': 'context',
    '--token-file': 'tokenFile',
  })) {
    const at = words.indexOf(name);
    const value = at < 0 ? words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) : words[at + 1];
    if (value !== undefined && value !== '') found[member] = value;
  }
  return found;
}

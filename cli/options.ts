/** Options that commands share, and how their values are read. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS, type Format, type Printing } from './output.js';

/** What every command that talks to the service has. */
export interface RemoteOptions extends Printing {
  readonly dryRun?: boolean;
  readonly url?: string;
  readonly context?: string;
  readonly tokenFile?: string;
  readonly receipts?: string;
}

/** Formats of one thing: there are no rows to choose from. */
export const FORMATS_OF_ONE = ['table', 'json', 'ndjson', 'yaml', 'name'] as const;

/** Adds what says where the service is, `-o` with the formats given, and what belongs to these. */
export function remote(command: Command, formats: readonly Format[] = FORMATS): Command {
  if (formats.length > 0) command.addOption(outputOption(formats));
  if (formats.includes('csv')) listing(command);
  if (formats.includes('table')) timesOptions(command);
  return command
    .option('--url <url>', 'the service (LEASEHOLD_URL; default http://127.0.0.1:8080)')
    .option('--context <name>', 'the service that has this name (LEASEHOLD_CONTEXT; see `leasehold context`)')
    .option('--token-file <file>', 'file with the token (LEASEHOLD_TOKEN; default .leasehold/admin.token)')
    .option('--receipts <file>', 'where the receipts of what is changed are kept (LEASEHOLD_RECEIPTS)');
}

/** Adds what commands that talk to the service have, and `--dry-run`: for those that change something. */
export function changing(command: Command, formats: readonly Format[] = FORMATS): Command {
  return remote(command, formats).option('--dry-run', 'say what would follow, and do nothing');
}

export function outputOption(formats: readonly Format[]): Option {
  return new Option('-o, --output <format>', 'format of what is printed').choices(formats).default('table');
}

function listing(command: Command): void {
  command
    .option('--columns <names>', 'only these columns, in this order, with commas', names)
    .option('--sort <column>', 'by this column; with - before it, the other way round')
    .option('--no-headers', 'leave out the line with the titles');
}

function timesOptions(command: Command): void {
  command
    .option('--utc', 'times in UTC')
    .option('--iso', 'times and durations as the API writes them: RFC 3339, ISO 8601')
    .option('--tz <zone>', 'times in this zone, also those given: Europe/Paris');
}

function names(text: string): string[] {
  const split = text.split(',').map((name) => name.trim());
  if (split.includes('')) throw new InvalidArgumentError('Give names with commas: id,state.');
  return split;
}

/** Adds the options that say what nodes there are; `procs` says what `--procs` means. */
export function siteOptions(command: Command, procs: string): Command {
  return command
    .addOption(new Option('--procs <number>', procs).argParser(wholeNumber(1, 1_000_000)).conflicts(['nodes', 'site']))
    .addOption(
      new Option('--nodes <classes>', 'nodes by capacity: "16x cpu=8,memory=32GiB"; may be given again')
        .argParser(collect)
        .conflicts('site'),
    )
    .option('--site <file>', "site description (YAML, or Haizea's XML)");
}

/** A reader of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** Collects an option that may be given again. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** `key=value` pairs, collected. */
export function collectPair(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError('Write name=value.');
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

/** A reader of how much faster than the clock time passes. */
export function timeScale(text: string): number {
  const value = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.001 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('Give a number from 0.001 to 1000000.');
}

/** What is a number is the number of a node. */
export function nodeNames(text: string): (string | number)[] {
  const nodes = text.split(',').map((node) => (/^\d{1,7}$/.test(node) ? Number(node) : node));
  if (nodes.includes('')) throw new InvalidArgumentError('Give names or numbers with commas: rack1,rack2,17.');
  return nodes;
}

export function decimal(text: string): number {
  if (/^\d{1,7}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number with at most three decimals.');
}

export function money(text: string): number {
  if (/^\d{1,4}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give an amount with at most six decimals.');
}

const UNITS: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 };

export function mebibytes(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(MiB|GiB|TiB)$/.exec(text) ?? [];
  const size = number === undefined ? Number.NaN : Number(number) * UNITS[unit!]!;
  if (Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('Give a size with its unit: 512MiB, 4GiB, 1TiB.');
}

/** `--as-of`: what was known then. Not with --watch: the past does not change. */
export function pastOption(command: Command): Command {
  const option = new Option(
    '--as-of <turn|time>',
    'as it was after that turn, or then: 4711, "yesterday 14:00", "2h ago"',
  );
  return command.addOption(option.conflicts('watch'));
}

export interface PastOptions {
  readonly asOf?: string | undefined;
  readonly tz?: string | undefined;
}

/** As the API takes it; digits are the number of a turn. */
export async function asOfIn({ asOf, tz }: PastOptions, option = '--as-of'): Promise<string | undefined> {
  if (asOf === undefined || /^\d{1,15}$/.test(asOf)) return asOf;
  return (await import('./times.js')).behindOf(option, asOf, { tz });
}

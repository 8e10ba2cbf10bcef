/** Options that commands share, and how their values are read. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS, type Format } from './output.js';

/** What every command that talks to the service has. */
export interface RemoteOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly receipts?: string;
  readonly output: Format;
}

/** Adds `--url` and `--token-file`, and `-o` with the formats given. */
export function remote(command: Command, formats: readonly Format[] = FORMATS): Command {
  if (formats.length > 0) command.addOption(outputOption(formats));
  return command
    .option('--url <url>', 'the service (LEASEHOLD_URL; default http://127.0.0.1:8080)')
    .option('--token-file <file>', 'file with the token (LEASEHOLD_TOKEN; default .leasehold/admin.token)')
    .option('--receipts <file>', 'where the receipts of what is changed are kept (LEASEHOLD_RECEIPTS)');
}

export function outputOption(formats: readonly Format[]): Option {
  return new Option('-o, --output <format>', 'format of what is printed').choices(formats).default('table');
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

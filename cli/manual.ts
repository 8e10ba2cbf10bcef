/** `leasehold docs man`: the manual page, made from the table of commands. */

import { Argument, type Command, type Option } from 'commander';
import { visible } from './complete.js';
import { type Example, examples, examplesOf } from './examples.js';
import { EXIT_MEANINGS } from './exit-meanings.js';

export function docsCommand(program: Command): void {
  const command = program
    .command('docs')
    .description('print documentation that is made from this program: man, the manual page')
    .addArgument(new Argument('<kind>').choices(['man']))
    .action(async () => (await import('./output.js')).write(manualOf(program)));
  examples(command, { 'leasehold docs man > leasehold.1': 'to be read with: man -l leasehold.1' });
}

/** In the language of man pages (man(7)). */
export function manualOf(program: Command): string {
  const lines = [
    '.TH LEASEHOLD 1 "" "leasehold" "User Commands"',
    '.SH NAME',
    `leasehold \\- ${roff(program.description())}`,
    '.SH SYNOPSIS',
    '.B leasehold',
    '.I command',
    '.RI [ options ]',
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...visible(program).flatMap((command) => commandLines(command, 'leasehold')),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT_MEANINGS).flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH ENVIRONMENT',
    ...Object.entries(ENVIRONMENT).flatMap(([name, meaning]) => ['.TP', `.B ${name}`, roff(meaning)]),
    '.SH FILES',
    '.TP',
    '.I $XDG_CONFIG_HOME/leasehold/contexts.json',
    'contexts; by default below \\fI~/.config\\fR',
    '.TP',
    '.I .leasehold/admin.token',
    'the token of a service that was started in this directory',
  ];
  return `${lines.join('\n')}\n`;
}

const ENVIRONMENT: Readonly<Record<string, string>> = {
  LEASEHOLD_URL: 'the service',
  LEASEHOLD_TOKEN: 'the token',
  LEASEHOLD_CONTEXT: 'the context to use',
  LEASEHOLD_RECEIPTS: 'where receipts are kept',
  LEASEHOLD_STORE: 'where the log of serve is',
  NO_COLOR: 'no colours',
  FORCE_COLOR: 'colours also where it is not a terminal',
  TZ: "the machine's time zone",
};

function commandLines(command: Command, path: string): string[] {
  const name = `${path} ${command.name()}`;
  const below = visible(command);
  const own = [
    `.SS "${roff(`${name} ${usageOf(command)}`.trim())}"`,
    roff(sentence(command.description())),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .flatMap((argument) => ['.TP', `.I ${roff(argument.name())}`, roff(argument.description)]),
    ...optionLines(command),
    ...exampleLines(examplesOf(command)),
  ];
  return [
    ...(below.length > 0 && command.registeredArguments.length === 0 ? [] : own),
    ...below.flatMap((one) => commandLines(one, name)),
  ];
}

function usageOf(command: Command): string {
  return command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)).join(' ');
}

function optionLines(command: Command): string[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(meaningOf(option))]);
}

function meaningOf({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const usual = defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : ` (default: ${defaultValue})`;
  return `${description}${choices}${usual}`;
}

function exampleLines(list: readonly Example[]): string[] {
  return list.flatMap(({ line, about }) => ['.PP', roff(`${sentence(about)}`), '.RS', `.EX`, roff(line), '.EE', '.RE']);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** As text: nothing in it is an instruction. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

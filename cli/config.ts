/** `leasehold config check|show`: the settings of a service, without starting it. */

import type { Command } from 'commander';
import type { Effective } from '../api/settings/effective.js';
import { outputOption } from './options.js';
import type { Column, Format } from './output.js';
import { type ServeFlags, settingFlags, settingsFrom } from './serve.js';

export function configCommand(program: Command): void {
  const config = program.command('config').description('look at the settings of a service, without starting it');
  const check = config
    .command('check')
    .description('check the settings and the files that they name; lists all mistakes, and exits 78 if there are any');
  settingFlags(check).action(async (flags: ServeFlags) => {
    const { checkSettings } = await import('../api/settings/check.js');
    const { write } = await import('./output.js');
    const settings = await settingsFrom(flags);
    await checkSettings(settings);
    await write(`The settings are right${settings.file === null ? '' : ` (${settings.file})`}.\n`);
  });
  const show = config
    .command('show')
    .description('print the settings in effect, and where each comes from; passwords are left out')
    .addOption(outputOption(['table', 'json', 'ndjson', 'csv', 'yaml']));
  settingFlags(show).action(async ({ output, ...flags }: ServeFlags & { readonly output: Format }) => {
    const { effectiveSettings } = await import('../api/settings/effective.js');
    const { SettingsError } = await import('../api/settings/mistakes.js');
    const { printList } = await import('./output.js');
    const settings = await settingsFrom(flags);
    if (settings.mistakes.length > 0) throw new SettingsError(settings.mistakes);
    await printList(await effectiveSettings(settings), COLUMNS, output);
  });
}

const COLUMNS: readonly Column<Effective>[] = [
  { title: 'setting', value: ({ name }) => name },
  { title: 'value', value: ({ value, unset }) => (value === null ? `(${unset ?? 'none'})` : shown(value)) },
  { title: 'from', value: ({ source, place }) => (place === '' ? source : place) },
];

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

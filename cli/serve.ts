/** `leasehold serve`: runs the service. */

import { type Command, Option } from 'commander';
import type { Checked } from '../api/settings/check.js';
import type { Flags, Settings } from '../api/settings/sources.js';
import { flagOf, NAMES, settingOf, type SettingName } from '../api/settings/table.js';
import { collect } from './options.js';

/** `vmType`: what `accel` was called before. */
export type ServeFlags = Flags & { readonly config?: string; readonly vmType?: string };

const ACCEL_OF: Readonly<Record<string, string>> = { qemu: 'tcg', kvm: 'kvm' };

export function serveCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('run the service: HTTP API, scheduler, durable log, simulated cluster in real time');
  settingFlags(command).action(async (flags: ServeFlags) => {
    const checked = await checkedFrom(flags);
    const { serve } = await import('../api/main.js');
    await serve(checked);
  });
}

/** Every setting as a flag, and `--config`. What is given is checked later, all of it at once. */
export function settingFlags(command: Command): Command {
  command.option('--config <file>', 'settings (YAML); see below where else they are looked for');
  for (const name of NAMES) command.addOption(flagFor(name));
  return command.addHelpText('after', SOURCES);
}

const SOURCES = `
Settings come from flags, else from variables (--data-dir is LEASEHOLD_DATA_DIR), else from a file (data-dir: …): that of
--config or LEASEHOLD_CONFIG, else leasehold.yaml in the data directory, else /etc/leasehold/leasehold.yaml.
\`leasehold config check\` finds mistakes in them, \`leasehold config show\` tells where each value comes from.`;

/** Throws a SettingsError. */
async function checkedFrom(flags: ServeFlags): Promise<Checked> {
  const { checkSettings } = await import('../api/settings/check.js');
  return checkSettings(await settingsFrom(flags));
}

export async function settingsFrom({ config, vmType, ...given }: ServeFlags): Promise<Settings> {
  const accel = vmType === undefined ? undefined : ACCEL_OF[vmType];
  const flags = accel === undefined ? given : { accel, ...given };
  const { collectSettings, MACHINE_FILE } = await import('../api/settings/sources.js');
  return collectSettings(flags, { environment: process.env, configFile: config, machineFile: MACHINE_FILE });
}

function flagFor(name: SettingName): Option {
  const { about, placeholder, unset, many, values, default: value } = settingOf(name);
  const flags = placeholder === '' ? flagOf(name) : `${flagOf(name)} <${placeholder}>`;
  const otherwise = unset ?? (placeholder === '' ? null : String(value));
  const again = many === true ? '; may be given again' : '';
  const choices = values === undefined ? '' : `: ${values.join(', ')}`;
  const option = new Option(flags, `${about}${choices}${again}${otherwise === null ? '' : ` (default: ${otherwise})`}`);
  if (many === true) option.argParser(collect);
  if (values !== undefined) option.argChoices = [...values]; // for completion
  return option;
}

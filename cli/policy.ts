/** `leasehold policy …`: the policy in force and those before it, and adopting another one. */

import type { Command } from 'commander';
import type { PolicyView } from '../api/schemas/policy.js';
import { CliError, EXIT } from './errors.js';
import { collectPair, remote, type RemoteOptions } from './options.js';
import type { Column } from './output.js';

interface AdoptOptions {
  readonly set?: Readonly<Record<string, string>>;
}

export function policyCommands(program: Command): void {
  const policy = program.command('policy').description('the policy in force, and adopting another one');
  remote(policy.command('show'), ['table', 'json', 'ndjson', 'yaml'])
    .description('show all knobs of the policy in force')
    .action(show);
  remote(policy.command('list').alias('ls')).description('list policies, the latest first').action(list);
  remote(policy.command('adopt'), ['table', 'json', 'ndjson', 'yaml'])
    .description('adopt a policy from now on: knobs that are not named stay as they are')
    .argument('[file]', 'knobs as in a policy file (YAML)')
    .option('--set <knob=value>', 'one knob, its value as in a policy file; may be given again', collectPair)
    .addHelpText('after', '\nExample: leasehold policy adopt --set backfilling=conservative --set shutdown-time=10s')
    .action(adopt);
}

async function show(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { body } = await new Client(options).get<{ items: PolicyView[] }>('v1/policies?page_size=1');
  await printKnobs(body.items[0]!, options);
}

async function list(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { printList } = await import('./output.js');
  const policies: PolicyView[] = [];
  for await (const policy of new Client(options).items<PolicyView>('v1/policies?page_size=100')) policies.push(policy);
  await printList(policies, COLUMNS, options.output);
}

async function adopt(file: string | undefined, options: RemoteOptions & AdoptOptions): Promise<void> {
  const body = { ...(file === undefined ? {} : await knobsOf(file)), ...(await parsed(options.set ?? {})) };
  if (Object.keys(body).length === 0)
    throw new CliError('nothing to adopt', 'Name a policy file, or knobs with --set knob=value.', EXIT.usage);
  const { Client } = await import('./client.js');
  const client = new Client(options);
  const { headers } = await client.get('v1/policies?page_size=1');
  const ifMatch = headers.get('etag') ?? '*';
  const { body: adopted } = await client.write<PolicyView>('POST', 'v1/policies', { body, ifMatch });
  await printKnobs(adopted, options);
}

async function knobsOf(file: string): Promise<Record<string, unknown>> {
  const { anyMapping, parseYaml, readSettings } = await import('../simulations/yaml-file.js');
  const yaml = parseYaml(readSettings(file), file);
  return Object.fromEntries(anyMapping(yaml, [], yaml.value ?? {}));
}

/** Values as YAML has them: `10m` is text, `3` a number, `null` and `{user: null}` what they look like. */
async function parsed(given: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const { parseYaml } = await import('../simulations/yaml-file.js');
  return Object.fromEntries(
    Object.entries(given).map(([knob, text]) => [knob, parseYaml(text, `--set ${knob}`).value]),
  );
}

/** As a table: one knob a line. */
async function printKnobs(policy: PolicyView, options: RemoteOptions): Promise<void> {
  const { printOne } = await import('./output.js');
  const knobs = Object.keys(policy.knobs).map(
    (knob): Column<PolicyView> => ({ title: knob, value: ({ knobs: all }) => shown(all[knob]) }),
  );
  const head: Column<PolicyView>[] = [
    { title: 'turn', value: ({ turn }) => turn },
    { title: 'since', value: ({ at }) => at },
  ];
  await printOne(policy, [...head, ...knobs], options.output);
}

const COLUMNS: readonly Column<PolicyView>[] = [
  { title: 'turn', value: ({ turn }) => turn },
  { title: 'since', value: ({ at }) => at },
  {
    title: 'changed',
    value: ({ changed, knobs }) => changed.map((knob) => `${knob}: ${shown(knobs[knob])}`).join(', '),
  },
];

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

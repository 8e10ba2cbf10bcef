/** `leasehold policy …`: the policy in force and those before it, and adopting another one. */

import type { Command } from 'commander';
import type { PolicyPatch, PolicyView } from './api.js';
import { CliError, EXIT } from './errors.js';
import { examples } from './examples.js';
import { changing, collectPair, FORMATS_OF_ONE, remote, type RemoteOptions } from './options.js';
import type { Column } from './output.js';

interface AdoptOptions {
  readonly set?: Readonly<Record<string, string>>;
}

export function policyCommands(program: Command): void {
  const policy = program.command('policy').description('the policy in force, and adopting another one');
  const shown = remote(policy.command('show'), FORMATS_OF_ONE)
    .description('show all knobs of the policy in force')
    .action(show);
  examples(shown, { 'leasehold policy show': 'what decides now' });
  const listed = remote(policy.command('list').alias('ls')).description('list policies, the latest first').action(list);
  examples(listed, { 'leasehold policy list': 'what was adopted when' });
  const adopted = changing(policy.command('adopt'), FORMATS_OF_ONE)
    .description('adopt a policy from now on: knobs that are not named stay as they are')
    .argument('[file]', 'knobs as in a policy file (YAML)')
    .option('--set <knob=value>', 'one knob, its value as in a policy file; may be given again', collectPair)
    .action(adopt);
  examples(adopted, {
    'leasehold policy adopt --set backfilling=conservative --set shutdown-time=10s': 'two knobs; the others stay',
  });
}

async function show(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { body } = await new Client(options).ask('get', '/v1/policies', { query: { page_size: 1 } });
  await printKnobs(body.items[0]!, options);
}

async function list(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { printList } = await import('./output.js');
  const policies: PolicyView[] = [];
  const asking = { query: { page_size: 100 } };
  for await (const policy of new Client(options).all('/v1/policies', asking)) policies.push(policy);
  await printList(policies, COLUMNS, options);
}

async function adopt(file: string | undefined, options: RemoteOptions & AdoptOptions): Promise<void> {
  const body = { ...(file === undefined ? {} : await knobsOf(file)), ...(await parsed(options.set ?? {})) };
  if (Object.keys(body).length === 0)
    throw new CliError('nothing to adopt', 'Name a policy file, or knobs with --set knob=value.', EXIT.usage);
  const { Client } = await import('./client.js');
  const client = new Client(options);
  const { headers } = await client.ask('get', '/v1/policies', { query: { page_size: 1 } });
  const ifMatch = headers.get('etag') ?? '*';
  const { body: adopted } = await client.ask('post', '/v1/policies', { body: body as PolicyPatch, ifMatch });
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
    { title: 'since', value: ({ at }) => at, as: 'time' },
  ];
  await printOne(policy, [...head, ...knobs], options);
}

const COLUMNS: readonly Column<PolicyView>[] = [
  { title: 'turn', value: ({ turn }) => turn },
  { title: 'since', value: ({ at }) => at, as: 'time' },
  {
    title: 'changed',
    value: ({ changed, knobs }) => changed.map((knob) => `${knob}: ${shown(knobs[knob])}`).join(', '),
  },
];

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

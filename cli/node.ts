/** `leasehold node …`: the nodes, and taking them out of service and back. */

import { type Command, Option } from 'commander';
import type { DrainRequest, NodeView } from './api.js';
import { examples } from './examples.js';
import type { AddOptions } from './node-changes.js';
import { asOfIn, changing, collect, collectPair, FORMATS_OF_ONE, type PastOptions, pastOption } from './options.js';
import { remote, type RemoteOptions, wholeNumber } from './options.js';
import type { Column } from './output.js';

const NODES_MAX = 1_000_000;

export function nodeCommands(program: Command): void {
  const node = program.command('node').description('look at nodes; take them out of service and back');
  const listed = pastOption(remote(node.command('list').alias('ls')))
    .description('list nodes, with what is in use')
    .option('-w, --watch', 'show it again whenever something has changed')
    .action(list);
  examples(listed, { 'leasehold node list --sort -leases': 'those with most leases first' });
  const added = changing(node.command('add'))
    .description('add nodes to the site')
    .argument('[nodes]', 'how many, and what each has: "2x cpu=8,memory=32GiB"; of a host: what it has')
    .option('--uri <uri>', 'a host with libvirt, such as qemu+ssh://leasehold@node1/system')
    .option('--reserve-memory <amount>', 'with --uri: memory that the host keeps for itself (default: 1GiB)')
    .option('--name <name>', 'what it is called; once for each', collect)
    .option('--label <name=value>', 'a label; may be given again', collectPair)
    .option('--exclusive', 'each is given whole to one VM at a time')
    .action(async (nodes: string | undefined, options: RemoteOptions & AddOptions) =>
      (await import('./node-changes.js')).add(nodes, options, COLUMNS),
    );
  examples(added, { 'leasehold node add "2x cpu=8,memory=32GiB" --label zone=b': 'two nodes, with a label' });
  const labelled = changing(node.command('label'), FORMATS_OF_ONE)
    .description('give a node other labels')
    .argument('<number>', 'the number of the node', wholeNumber(1, NODES_MAX))
    .argument('<labels...>', 'zone=a sets a label, zone= takes it off')
    .action(async (number: number, labels: readonly string[], options: RemoteOptions) =>
      (await import('./node-changes.js')).label(number, labels, options, COLUMNS),
    );
  examples(labelled, { 'leasehold node label 3 zone=a rack=': 'another zone, and no rack' });
  const measured = remote(node.command('usage'))
    .description('what hosts use, as it was measured last')
    .argument('[number]', 'the number of the node; all if left out', wholeNumber(1, NODES_MAX))
    .option('--samples <number>', 'so many of each, newest first', wholeNumber(1, 360))
    .option('-w, --watch', 'show it again every 10 s')
    .action(async (number: number | undefined, options: RemoteOptions & { samples?: number; watch?: boolean }) =>
      (await import('./usage.js')).ofNodes(number, options),
    );
  examples(measured, { 'leasehold node usage --samples 6': 'the last minute of each' });
  const acts = {
    drain: 'take no new VMs on a node; those it has stay',
    restore: 'take VMs on a drained node again',
    lost: 'say that the host of a node that does not answer is off for certain: its leases may start elsewhere',
    remove: 'remove a node at once; VMs on it count as lost',
  } as const;
  for (const [action, description] of Object.entries(acts) as [keyof typeof acts, string][]) {
    const command = changing(node.command(action), FORMATS_OF_ONE)
      .description(description)
      .argument('<number>', 'the number of the node', wholeNumber(1, NODES_MAX));
    if (action === 'drain')
      command
        .option('--by <time>', 'nobody is on it from then on: "tomorrow 9:00", +2h, 2026-11-23T08:00Z')
        .option('--force', 'with --by: also where a promise is broken by it')
        .addOption(new Option('--how <how>', 'what is done with those it has').choices(['keep', 'migrate', 'suspend']));
    const asks = action === 'remove' || action === 'lost';
    if (asks) command.option('--yes', 'do not ask');
    command.action((number: number, options: NodeOptions) => change(action, number, options));
    examples(command, { [`leasehold node ${action} 4${asks ? ' --yes' : ''}`]: description });
  }
}

interface NodeOptions extends RemoteOptions {
  readonly yes?: boolean;
  readonly by?: string;
  readonly force?: boolean;
  readonly how?: 'keep' | 'migrate' | 'suspend';
}

async function list(options: RemoteOptions & PastOptions & { readonly watch?: boolean }): Promise<void> {
  const { Client } = await import('./client.js');
  const client = new Client(options);
  const asking = { query: { page_size: 1000, asOf: await asOfIn(options) } };
  const read = async (): Promise<readonly NodeView[]> => {
    const nodes: NodeView[] = [];
    for await (const node of client.all('/v1/nodes', asking)) nodes.push(node);
    return nodes;
  };
  if (options.watch === true) return (await import('./watch.js')).watch(client, read, COLUMNS, options);
  const { printList } = await import('./output.js');
  await printList(await read(), COLUMNS, options);
}

async function change(
  action: 'drain' | 'restore' | 'lost' | 'remove',
  number: number,
  options: NodeOptions,
): Promise<void> {
  const { Client } = await import('./client.js');
  const { confirm } = await import('./confirm.js');
  const { printOne } = await import('./output.js');
  if (action === 'remove') await confirm(`Remove node ${number}? VMs on it are lost.`, options.yes || options.dryRun);
  if (action === 'lost')
    await confirm(`Is the host of node ${number} off for certain? VMs on it are lost.`, options.yes || options.dryRun);
  const client = new Client(options);
  const path = { path: { number } };
  const { body } =
    action === 'remove'
      ? await client.ask('delete', '/v1/nodes/{number}', path)
      : action === 'drain'
        ? await client.ask('post', '/v1/nodes/{number}/drain', { ...path, body: await drainIn(options) })
        : action === 'lost'
          ? await client.ask('post', '/v1/nodes/{number}/lost', path)
          : await client.ask('post', '/v1/nodes/{number}/restore', path);
  await printOne(body, COLUMNS, options);
}

/** Undefined: there is none. */
async function drainIn({ by, force, how, ...options }: NodeOptions): Promise<DrainRequest | undefined> {
  if (by === undefined && force === undefined) return how === undefined ? undefined : { how };
  const { CliError, EXIT } = await import('./errors.js');
  if (by === undefined) throw new CliError('--force: by when?', 'Give --by, too.', EXIT.usage);
  const { aheadOf } = await import('./times.js');
  return {
    by: aheadOf('--by', by, options),
    ...(force === undefined ? {} : { force }),
    ...(how === undefined ? {} : { how }),
  };
}

const COLUMNS: readonly Column<NodeView>[] = [
  { title: 'number', value: ({ number }) => number },
  { title: 'name', value: ({ name }) => name },
  { title: 'status', value: ({ status }) => status, whole: true },
  { title: 'empty by', value: ({ emptyBy }) => emptyBy, as: 'time', wide: true },
  { title: 'load', value: ({ load }) => load, wide: true },
  { title: 'used', value: ({ used, capacity }) => usage(used, capacity) },
  { title: 'leases', value: ({ leases }) => leases.length },
  { title: 'conditions', value: ({ conditions }) => conditions.map(({ detail }) => detail).join('; '), wide: true },
  {
    title: 'labels',
    value: ({ labels }) =>
      Object.entries(labels)
        .map((pair) => pair.join('='))
        .join(' '),
    wide: true,
  },
];

/** `cpu 2/8  memoryMiB 4096/32768`. */
function usage(used: Readonly<Record<string, number>>, capacity: Readonly<Record<string, number>>): string {
  return Object.entries(capacity)
    .map(([name, amount]) => `${name} ${used[name] ?? 0}/${amount}`)
    .join('  ');
}

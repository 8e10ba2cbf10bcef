/** `leasehold node …`: the nodes, and taking them out of service and back. */

import type { Command } from 'commander';
import type { NodeView } from '../api/schemas/cluster.js';
import { CliError, EXIT } from './errors.js';
import { remote, type RemoteOptions, wholeNumber } from './options.js';
import type { Column } from './output.js';

const NODES_MAX = 1_000_000;

export function nodeCommands(program: Command): void {
  const node = program.command('node').description('look at nodes; take them out of service and back');
  remote(node.command('list').alias('ls')).description('list nodes, with what is in use').action(list);
  for (const [action, description] of [
    ['drain', 'take no new VMs on a node; those it has stay'],
    ['restore', 'take VMs on a drained node again'],
    ['remove', 'remove a node at once; VMs on it count as lost'],
  ] as const) {
    const command = remote(node.command(action), ['table', 'json', 'ndjson', 'yaml'])
      .description(description)
      .argument('<number>', 'the number of the node', wholeNumber(1, NODES_MAX));
    if (action === 'remove') command.option('--yes', 'do not ask');
    command.action((number: number, options: RemoteOptions & { readonly yes?: boolean }) =>
      change(action, number, options),
    );
  }
}

async function list(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { printList } = await import('./output.js');
  const nodes: NodeView[] = [];
  for await (const node of new Client(options).items<NodeView>('v1/nodes?page_size=1000')) nodes.push(node);
  await printList(nodes, COLUMNS, options.output);
}

async function change(
  action: 'drain' | 'restore' | 'remove',
  number: number,
  options: RemoteOptions & { readonly yes?: boolean },
): Promise<void> {
  if (action === 'remove' && options.yes !== true) await confirm(`Remove node ${number}? VMs on it are lost. [y/N] `);
  const { Client } = await import('./client.js');
  const { printOne } = await import('./output.js');
  const client = new Client(options);
  const { body } =
    action === 'remove'
      ? await client.write<NodeView>('DELETE', `v1/nodes/${number}`)
      : await client.write<NodeView>('POST', `v1/nodes/${number}/${action}`);
  await printOne(body, COLUMNS, options.output);
}

/** Asks a person at a terminal; scripts are taken at their word. */
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const { createInterface } = await import('node:readline/promises');
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await dialogue.question(question);
  dialogue.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was removed', null, EXIT.failure);
}

const COLUMNS: readonly Column<NodeView>[] = [
  { title: 'number', value: ({ number }) => number },
  { title: 'name', value: ({ name }) => name },
  { title: 'status', value: ({ status }) => status },
  { title: 'used', value: ({ used, capacity }) => usage(used, capacity) },
  { title: 'leases', value: ({ leases }) => leases.length },
];

/** `cpu 2/8  memoryMiB 4096/32768`. */
function usage(used: Readonly<Record<string, number>>, capacity: Readonly<Record<string, number>>): string {
  return Object.entries(capacity)
    .map(([name, amount]) => `${name} ${used[name] ?? 0}/${amount}`)
    .join('  ');
}

/** `leasehold maintenance …`: windows in which nobody is on some nodes. */

import type { Command } from 'commander';
import type { MaintenanceView } from '../api/schemas/maintenance.js';
import { examples } from './examples.js';
import { changing, FORMATS_OF_ONE, remote, type RemoteOptions } from './options.js';
import type { Column } from './output.js';

interface PlanOptions {
  readonly from?: string;
  readonly until: string;
  readonly reason?: string;
  readonly force?: boolean;
}

export function maintenanceCommands(program: Command): void {
  const maintenance = program.command('maintenance').description('windows in which nodes are worked on');
  const listed = remote(maintenance.command('list').alias('ls'))
    .description('list windows that are not over')
    .action(list);
  examples(listed, { 'leasehold maintenance list': 'when, on which nodes, and why' });
  const planned = changing(maintenance.command('plan'), FORMATS_OF_ONE)
    .description('plan a window in which nobody is on some nodes')
    .argument('<nodes...>', 'by name or number')
    .option('--from <time>', 'when it begins: "tomorrow 9:00", +2h; default: now')
    .requiredOption('--until <time>', 'when the nodes are back')
    .option('--reason <text>', 'what is done')
    .option('--force', 'also where a promise is broken by it')
    .action(plan);
  examples(planned, {
    'leasehold maintenance plan 2 --from +24h --until +26h --reason disks': 'two hours, from tomorrow on',
  });
  const cancelled = changing(maintenance.command('cancel'), FORMATS_OF_ONE)
    .description('call a window off, or end it now')
    .argument('<window>', 'its id')
    .action(cancel);
  examples(cancelled, {
    'leasehold maintenance list -o name | xargs -n 1 leasehold maintenance cancel': 'all of them',
  });
}

async function list(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { printList } = await import('./output.js');
  const windows: MaintenanceView[] = [];
  for await (const window of new Client(options).items<MaintenanceView>('v1/maintenance?page_size=1000'))
    windows.push(window);
  await printList(windows, COLUMNS, options);
}

async function plan(names: readonly string[], options: RemoteOptions & PlanOptions): Promise<void> {
  const { from, until, reason, force } = options;
  const { aheadOf } = await import('./times.js');
  const body = {
    nodes: names.map((name) => (/^\d{1,7}$/.test(name) ? Number(name) : name)),
    until: aheadOf('--until', until, options),
    ...(from === undefined ? {} : { from: aheadOf('--from', from, options) }),
    ...(reason === undefined ? {} : { reason }),
    ...(force === true ? { force } : {}),
  };
  await printWindow('POST', 'v1/maintenance', options, { body });
}

async function cancel(id: string, options: RemoteOptions): Promise<void> {
  await printWindow('DELETE', `v1/maintenance/${encodeURIComponent(id)}`, options);
}

async function printWindow(
  method: 'POST' | 'DELETE',
  path: string,
  options: RemoteOptions,
  request: { readonly body?: object } = {},
): Promise<void> {
  const { Client } = await import('./client.js');
  const { printOne } = await import('./output.js');
  const { body } = await new Client(options).write<MaintenanceView>(method, path, request);
  await printOne(body, COLUMNS, options);
}

const COLUMNS: readonly Column<MaintenanceView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'nodes', value: ({ nodes }) => nodes.join(' ') },
  { title: 'from', value: ({ from }) => from, as: 'time' },
  { title: 'until', value: ({ until }) => until, as: 'time' },
  { title: 'reason', value: ({ reason }) => reason },
];

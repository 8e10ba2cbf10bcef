/** `leasehold diag`: how the service does, with what the figures mean. */

import type { Command } from 'commander';
import type { DiagnosticsView } from './api.js';
import { examples } from './examples.js';
import { remote, type RemoteOptions } from './options.js';

export function diagCommand(program: Command): void {
  const command = remote(program.command('diag'), ['table', 'json', 'ndjson', 'yaml'])
    .description('how the service does: how long turns take, what waits, the log, memory; with what each figure means')
    .action(diagnose);
  examples(command, {
    'leasehold diag': 'figures, with what they mean',
    'leasehold diag -o json': 'the same for programs',
  });
}

async function diagnose(options: RemoteOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { isValueFormat, printValue, write } = await import('./output.js');
  const { body } = await new Client(options).ask('get', '/v1/diagnostics', {});
  await (isValueFormat(options.output) ? printValue(body, options.output) : write(explained(body)));
}

/** A line a figure: its name, its value, what it means. */
function explained(view: DiagnosticsView): string {
  const sections = sectionsOf(view);
  const rows = sections.flatMap(([, lines]) => lines);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const text = ([name, value, meaning]: Row): string =>
    `  ${name.padEnd(widths[0]!)}  ${value.padEnd(widths[1]!)}  ${meaning}`.trimEnd();
  return sections.map(([title, lines]) => `${title}\n${lines.map(text).join('\n')}\n`).join('\n');
}

type Row = readonly [name: string, value: string, meaning: string];
type Times = DiagnosticsView['schedule']['turns'];

function sectionsOf({
  service,
  schedule,
  store,
  requests,
  memory,
}: DiagnosticsView): readonly [string, readonly Row[]][] {
  const states = schedule.leases.map(({ kind, state, count }): Row => [`${kind}, ${state}`, String(count), '']);
  const unplaced = schedule.unplaced.map(
    ({ reason, count }): Row => [`waiting: ${reason}`, String(count), UNPLACED[reason] ?? ''],
  );
  return [
    [
      'Service',
      [
        ['version', service.version, `on Node ${service.node}, started ${service.started}`],
        ['role', service.role, service.role === 'leader' ? 'it takes writes' : 'it answers reads, another one leads'],
        ['epoch', String(service.epoch), 'how often the log has been taken over'],
        ['ready', service.ready ? 'yes' : 'no', service.ready ? '' : 'the history is being read'],
      ],
    ],
    [
      'Schedule',
      [
        ...timesRows('turns', schedule.turns, 'from what came in to what was decided'),
        ['queue', String(schedule.queueDepth), 'leases that wait, on hold or suspended ones included'],
        [
          'backfilled',
          String(schedule.backfilled),
          'began while the first of the queue went on waiting, since the start',
        ],
        ...states,
        ...unplaced,
      ],
    ],
    [
      'Log',
      [
        ['store', store.name, store.writable ? 'it can be written' : 'IT CANNOT BE WRITTEN: see to the store'],
        ['turn', String(store.turn), 'the last one that reads know of'],
        ...timesRows('appends', store.appends, 'until a turn was on disk, or on a majority'),
        ...(store.stateAgeMs === null
          ? []
          : [['age', `${store.stateAgeMs} ms`, 'how old what is read here may be'] as const]),
      ],
    ],
    [
      'Requests',
      [
        ['under way', String(requests.underWay), ''],
        ['waiting', String(requests.waiting), 'writes that wait for their turn'],
        ['streams', String(requests.streams), 'streams of events that are open'],
        ['shed', String(requests.shed), 'told to come again since the start: there was too much to do'],
        ['loop delay', `${requests.eventLoopDelay.p99} ms`, 'p99; above 50 ms answers are slow, whatever is asked'],
      ],
    ],
    [
      'Memory',
      [
        ['resident', mebibytes(memory.residentBytes), 'of the whole process'],
        ['heap', mebibytes(memory.heapUsedBytes), `of at most ${mebibytes(memory.heapLimitBytes)}`],
      ],
    ],
  ];
}

function timesRows(name: string, { count, mean, p99, max }: Times, meaning: string): readonly Row[] {
  if (count === 0) return [[name, '0', `${meaning}; none since the start`]];
  return [
    [name, String(count), `since the start: ${meaning}`],
    [`${name}, mean`, `${mean} ms`, 'of the last 1,024'],
    [`${name}, p99`, `${p99} ms`, `the longest took ${max} ms`],
  ];
}

const UNPLACED: Readonly<Record<string, string>> = {
  'on-hold': 'until they are released',
  'awaiting-approval': 'until somebody has approved them',
  'waits-for-lease': 'until those that they follow have started or ended',
  suspended: 'to be resumed',
  'in-queue': 'for capacity, or for those before them: `leasehold why` tells of each',
};

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

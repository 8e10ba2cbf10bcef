/** Small simulations with accounting, written out in LWF. Times in seconds. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CountersFile } from '../../simulations/accounting/accounting.js';
import { simulate } from '../../simulations/simulate.js';
import { directory, file } from './files.js';

export interface Asked {
  readonly id: string;
  readonly at: number;
  readonly vms: number;
  readonly duration: number;
  /** How long it truly runs; default: all its time. */
  readonly runs?: number;
  readonly start?: 'now' | number;
  readonly preemptible?: boolean;
  /** Besides one cpu and 1024 MB of memory. */
  readonly disk?: number;
  readonly extras?: Readonly<Record<string, string>>;
}

const two = (number: number) => String(number).padStart(2, '0');
const seconds = (time: number) =>
  `time="${two(Math.floor(time / 3600))}:${two(Math.floor(time / 60) % 60)}:${two(time % 60)}.00"`;

/** The text of a workload on nodes of one cpu, 1024 MB of memory and 10 GB of disk. */
export function lwf(nodes: number, asked: readonly Asked[]): string {
  const capacity = (disk: number) =>
    `<res type="CPU" amount="100"/><res type="Memory" amount="1024"/><res type="Disk" amount="${disk}"/>`;
  const requests = asked.map(({ id, at, vms, duration, runs, start, preemptible, disk, extras }) => {
    const kind = start === undefined ? '' : start === 'now' ? '<now/>' : `<exact ${seconds(start)}/>`;
    const attributes = Object.entries(extras ?? {}).map(
      ([name, value]) => `<attr name="${name}" value="${value.replaceAll('"', '&quot;')}"/>`,
    );
    return `<lease-request ${seconds(at).replace('time', 'arrival')}>
      ${runs === undefined ? '' : `<realduration ${seconds(runs)}/>`}
      <lease id="${id}" preemptible="${preemptible ?? false}">
        <nodes><node-set numnodes="${vms}">${capacity(disk ?? 0)}</node-set></nodes>
        <start>${kind}</start><duration ${seconds(duration)}/><software><none/></software>
        ${attributes.length === 0 ? '' : `<extra>${attributes.join('')}</extra>`}
      </lease></lease-request>`;
  });
  return `<lease-workload name="small"><site><resource-types names="CPU Memory Disk"/><nodes>
    <node-set numnodes="${nodes}">${capacity(10_000)}</node-set></nodes></site>
    <lease-requests>${requests.join('\n')}</lease-requests></lease-workload>`;
}

/** What a simulation has left in its directory. */
export interface Accounted extends CountersFile {
  readonly out: string;
  readonly names: readonly string[];
  /** Rows of `series.csv` for a counter: time, value, average (NaN: none). */
  series(counter: string): number[][];
  /** Rows of `leases.csv` by lease, as cells by column. */
  readonly leases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What `leases.json` says. */
  readonly reported: readonly Reported[];
}

export interface Reported {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly submit: number;
  readonly start: number | null;
  readonly runs: readonly { readonly start: number; readonly end: number; readonly nodes: object }[];
}

/** Runs a workload with all probes, under `policy` (YAML). */
export async function account(nodes: number, asked: readonly Asked[], policy = '', probes = 'all'): Promise<Accounted> {
  const out = join(directory(), 'out');
  await simulate({
    trace: file('small.xml', lwf(nodes, asked)),
    policy: file('policy.yaml', `suspend-rate: 32\nresume-rate: 32\n${policy}`),
    out,
    log: false,
    accounting: probes,
    attributes: { case: 'small' },
  });
  return accounted(out);
}

/** Reads what a simulation has left in `out`. */
export function accounted(out: string): Accounted {
  const text = (name: string) => readFileSync(join(out, name), 'utf8').trimEnd().split('\n');
  const rows = (name: string) => text(name).map((line) => line.split(','));
  const [names, ...leases] = rows('leases.csv');
  const series = rows('series.csv').slice(1);
  return {
    out,
    ...(JSON.parse(text('counters.json').join('\n')) as CountersFile),
    names: names!,
    series: (counter) =>
      series
        .filter(([, name]) => name === counter)
        .map(([time, , value, average]) => [
          Number(time),
          Number(value),
          average === '' ? Number.NaN : Number(average),
        ]),
    leases: Object.fromEntries(
      leases.map((cells) => [cells[0], Object.fromEntries(cells.map((cell, i) => [names![i], cell]))]),
    ),
    reported: text('leases.json').map((line) => JSON.parse(line) as Reported),
  };
}

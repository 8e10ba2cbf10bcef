/** `leasehold node usage` and `leasehold lease usage`: what was measured last. What cannot be seen is unknown, and not 0. */

import type { LeaseUsage, NodeUsage, NodeView } from './api.js';
import { Client } from './client.js';
import { printable } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList } from './output.js';
import { watchEvery } from './watch.js';

export interface UsageOptions extends RemoteOptions {
  readonly watch?: boolean;
}

/** As often as hosts are looked at, if nobody has said otherwise. */
const EVERY_MS = 10_000;
/** Nodes that are asked about at a time. */
const AT_ONCE = 8;

type Sample = NodeUsage['samples'][number];
/** A row: one sample of a node, or that there is none. */
type NodeRow = Pick<NodeUsage, 'number' | 'load' | 'why'> & Partial<Sample>;

/** `number`: undefined: all of the site. */
export async function ofNodes(
  number: number | undefined,
  { samples = 1, ...options }: UsageOptions & { readonly samples?: number },
): Promise<void> {
  const client = new Client(options);
  const asked = (node: number): Promise<NodeUsage> =>
    client
      .ask('get', '/v1/nodes/{number}/usage', { path: { number: node }, query: { samples } })
      .then(({ body }) => body);
  const read = async (): Promise<readonly NodeRow[]> => {
    const numbers = number === undefined ? await present(client) : [number];
    const rows: NodeRow[] = [];
    for (let k = 0; k < numbers.length; k += AT_ONCE)
      rows.push(...(await Promise.all(numbers.slice(k, k + AT_ONCE).map(asked))).flatMap(rowsOf));
    return rows;
  };
  if (options.watch === true) return watchEvery(EVERY_MS, read, NODE, options);
  await printList(await read(), NODE, options);
}

export async function ofLease(id: string, options: UsageOptions): Promise<void> {
  const client = new Client(options);
  const read = async (): Promise<LeaseUsage> =>
    (await client.ask('get', '/v1/leases/{id}/usage', { path: { id } })).body;
  if (options.watch === true) return watchEvery(EVERY_MS, async () => (await read()).vms, VM, options);
  const { vms, why } = await read();
  await printList(vms, VM, options);
  if (why !== null) process.stderr.write(`${printable(why)}\n`);
}

async function present(client: Client): Promise<number[]> {
  const nodes: NodeView[] = [];
  for await (const node of client.all('/v1/nodes', { query: { page_size: 1000 } })) nodes.push(node);
  return nodes.filter(({ status }) => status !== 'gone').map((node) => node.number);
}

function rowsOf({ number, load, why, samples }: NodeUsage): NodeRow[] {
  if (samples.length === 0) return [{ number, load, why }];
  return samples.map((sample) => ({ number, load, why, ...sample }));
}

const UNKNOWN = 'unknown';
const known = (value: number | null | undefined): string | number => value ?? UNKNOWN;

/** `12 %`. */
function percent(share: number | null | undefined): string {
  return typeof share === 'number' ? `${Math.round(share * 100)} %` : UNKNOWN;
}

/** `512/2048`: what is in use, of all. */
function used(all: number | null | undefined, available: number | null | undefined): string {
  return typeof all === 'number' && typeof available === 'number' ? `${all - available}/${all}` : UNKNOWN;
}

function gpusOf({ gpus }: NodeRow): string {
  if (gpus === undefined || gpus === null) return UNKNOWN;
  return gpus.length === 0 ? 'none' : gpus.map(({ share }) => percent(share)).join(', ');
}

const NODE: readonly Column<NodeRow>[] = [
  { title: 'number', value: ({ number }) => number },
  { title: 'load', value: ({ load }) => load },
  { title: 'at', value: ({ at }) => at ?? null, as: 'time' },
  { title: 'cpu', value: ({ cpuShare }) => percent(cpuShare) },
  { title: 'memory MiB', value: ({ memoryMiB, memoryAvailableMiB }) => used(memoryMiB, memoryAvailableMiB) },
  { title: 'disk MiB', value: ({ diskMiB, diskAvailableMiB }) => used(diskMiB, diskAvailableMiB) },
  { title: 'gpus', value: gpusOf },
  { title: 'vms', value: ({ vms }) => known(vms) },
  { title: 'why', value: ({ why }) => why },
];

type Vm = LeaseUsage['vms'][number];

const VM: readonly Column<Vm>[] = [
  { title: 'vm', value: ({ vm }) => vm },
  { title: 'node', value: ({ node }) => node },
  { title: 'at', value: ({ at }) => at, as: 'time' },
  { title: 'cpus', value: ({ cpus }) => known(cpus) },
  { title: 'memory MiB', value: ({ memoryUsedMiB, memoryMiB }) => `${known(memoryUsedMiB)}/${known(memoryMiB)}` },
  { title: 'disk MiB', value: ({ diskAllocatedMiB }) => diskAllocatedMiB },
  { title: 'read B/s', value: ({ diskReadPerSecond }) => known(diskReadPerSecond) },
  { title: 'written B/s', value: ({ diskWrittenPerSecond }) => known(diskWrittenPerSecond) },
  { title: 'received B/s', value: ({ netReceivedPerSecond }) => known(netReceivedPerSecond) },
  { title: 'sent B/s', value: ({ netSentPerSecond }) => known(netSentPerSecond) },
  {
    title: 'moving',
    value: ({ moving }) => (moving === null ? null : `${moving.what}: ${moving.doneMiB} of ${moving.totalMiB} MiB`),
  },
  { title: 'cpu seconds', value: ({ cpuSeconds }) => cpuSeconds, wide: true },
];

/** `leasehold log tail`: the last turns, and those to come, for programs or in sentences. */

import { encodeTurn, type EventStore, type ResourceType, type Turn } from '../engine/index.js';
import { isAbout, linesOf } from '../simulations/story/turn-lines.js';
import { printable } from './errors.js';
import { write } from './output.js';

export interface TailOptions {
  readonly turns: number;
  readonly follow?: boolean;
  readonly lease?: string;
  readonly output: string;
}

export async function tailOf(store: EventStore, options: TailOptions): Promise<void> {
  const { turns, follow, output } = options;
  const lease = options.lease ?? null;
  const { revision } = await store.head();
  const print = output === 'table' ? printer(await resourcesOf(store), lease) : plain;
  if (output === 'table') await write(`${row('TURN', 'TIME', 'WHAT')}\n`);
  for (const turn of await latest(store, revision, turns, lease)) await print(turn);
  if (follow !== true) return;
  for await (const turn of store.subscribe(revision)) if (isWanted(turn, lease)) await print(turn);
}

/** The last `count` turns that are wanted, up to `revision`. Where some are not, the whole log is read. */
async function latest(store: EventStore, revision: number, count: number, lease: string | null): Promise<Turn[]> {
  const found: Turn[] = [];
  if (count === 0) return found;
  for await (const turn of store.read(lease === null ? Math.max(0, revision - count) : 0)) {
    if (turn.number > revision) break;
    if (isWanted(turn, lease) && found.push(turn) > count) found.shift();
  }
  return found;
}

function isWanted({ inputs, decisions }: Turn, lease: string | null): boolean {
  return lease === null || [...inputs, ...decisions].some((event) => isAbout(event, lease));
}

/** What amounts are of. The site is declared in the first turn. */
async function resourcesOf(store: EventStore): Promise<readonly ResourceType[]> {
  for await (const { inputs } of store.read(0)) {
    for (const input of inputs) if (input.type === 'SiteDeclared') return input.resources;
    break;
  }
  return [];
}

function plain(turn: Turn): Promise<void> {
  return write(`${encodeTurn(turn)}\n`);
}

function printer(resources: readonly ResourceType[], lease: string | null): (turn: Turn) => Promise<void> {
  return (turn) => {
    const lines = linesOf(turn, resources, lease).map(({ at, what }) => row(String(turn.number), at, what));
    return write(lines.map((line) => `${printable(line)}\n`).join(''));
  };
}

/** Turns come one by one: the columns have their width from the beginning. */
function row(turn: string, time: string, what: string): string {
  return `${turn.padStart(8)}  ${time.padEnd(24)}  ${what}`;
}

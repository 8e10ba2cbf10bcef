/** `leasehold log import`: an export, or another store, becomes a new store. */

import { appendAll } from '../adapters/event-store/append-all.js';
import { isStoreUrl, storeAt } from '../adapters/event-store/by-url.js';
import { GENESIS } from '../adapters/event-store/chain.js';
import { StoreError } from '../adapters/event-store/errors.js';
import { importTurns } from '../adapters/event-store/sqlite-import.js';
import type { Turn } from '../engine/index.js';
import { LogChain } from '../simulations/log-chain.js';
import { decodedFrom, openSource } from '../simulations/log-source.js';
import { Meter } from './meter.js';
import { write } from './output.js';

export async function importLog(source: string, to: string, { anchor }: { readonly anchor?: string }): Promise<void> {
  const meter = await Meter.open('turns');
  let turn: number;
  try {
    const turns = turnsOf(source, meter);
    if (!isStoreUrl(to)) ({ turn } = await importTurns(turns, to, anchor));
    else {
      const store = await (await storeAt(to)).open(false);
      try {
        turn = await appendAll(turns, store);
      } finally {
        await store.close();
      }
    }
  } finally {
    meter.close();
  }
  await write(`${turn} turns\n`);
}

const PROGRESS_EVERY = 4096;

/** The turns, held against the hashes that the log keeps, and its anchor. */
async function* turnsOf(source: string, meter: Meter): AsyncGenerator<Turn> {
  const log = await openSource({ source });
  const chain = new LogChain({ turn: 0, hash: GENESIS }, log.claims, 1, null, false);
  try {
    for await (const lot of log.entries(0))
      for (const entry of lot) {
        chain.take(entry);
        mustHold(chain);
        if (!('text' in entry)) continue;
        if (entry.number % PROGRESS_EVERY === 0) meter.update(entry.number, null);
        yield decodedFrom(log, entry);
      }
    chain.end();
    mustHold(chain);
  } finally {
    await log.close();
  }
}

function mustHold({ faults }: LogChain): void {
  const [fault] = faults;
  if (fault !== undefined)
    throw new StoreError(fault.kind === 'truncated' ? 'short' : 'corrupt', fault.detail, fault.turn);
}

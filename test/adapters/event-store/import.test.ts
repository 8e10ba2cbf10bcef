/** A log from elsewhere becomes a store: whole, checked, and the same to the letter when it is exported again. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAll } from '../../../adapters/event-store/append-all.js';
import { LogWriter } from '../../../adapters/event-store/log-writer.js';
import { MemoryLog, MemoryStore } from '../../../adapters/event-store/memory.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { importTurns } from '../../../adapters/event-store/sqlite-import.js';
import { encodeTurn, type Turn } from '../../../engine/index.js';
import { entriesOf } from '../../../simulations/log-source.js';
import { SITES, workloads } from '../../properties/workloads.js';
import { play } from '../../support/play.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-import-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string): string => join(directory, name);

async function* turnsOf(source: string): AsyncGenerator<Turn> {
  for await (const entry of entriesOf({ source })) if ('turn' in entry) yield entry.turn;
}

async function* each(turns: readonly Turn[]): AsyncGenerator<Turn> {
  yield* turns;
}

async function exported(source: string, name: string): Promise<Buffer> {
  const log = new LogWriter(at(name));
  for await (const turn of turnsOf(source)) log.turn(turn.number, encodeTurn(turn));
  await log.finish();
  return readFileSync(at(name));
}

const all = async (turns: AsyncIterable<Turn>): Promise<string[]> => {
  const texts: string[] = [];
  for await (const turn of turns) texts.push(encodeTurn(turn));
  return texts;
};

describe('an import into a file', () => {
  it('and the export of it are the same to the letter, for any log', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(workloads({ advance: 3 }), async (asked) => {
        const { turns } = await play(SITES['nodes counted']!, asked);
        const [first, second, store] = [`${++run}-a.gz`, `${run}-b.gz`, at(`${run}.db`)];
        writeFileSync(at('log.ndjson'), turns.map((turn) => `${encodeTurn(turn)}\n`).join(''));
        await exported(at('log.ndjson'), first);
        const end = await importTurns(turnsOf(at(first)), store);
        expect(end.turn).toBe(turns.length);
        expect(await exported(store, second)).toEqual(readFileSync(at(first)));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('makes a store that a service goes on with, from where the log ends', async () => {
    const { turns } = await play(SITES['nodes counted']!, [{ id: 'A', vms: 2, minutes: 5 }]);
    await importTurns(each(turns), at('a.db'));
    const store = openSqliteStore(at('a.db'));
    expect(await store.head()).toEqual({ revision: turns.length, epoch: 1 });
    const next: Turn = {
      number: turns.length + 1,
      now: turns.at(-1)!.now,
      inputs: [{ type: 'EpochClaimed', epoch: 2 }],
      decisions: [],
    };
    expect(await store.append(next, turns.length, 1)).toMatchObject({ outcome: 'appended' });
    await store.close();
  });

  it('leaves nothing behind when the log turns out to be broken, and takes the place of nothing', async () => {
    const { turns } = await play(SITES['nodes counted']!, [{ id: 'A', vms: 2, minutes: 5 }]);
    const lines = turns.map((turn) => `${encodeTurn(turn)}\n`);
    writeFileSync(at('gap.ndjson'), lines.filter((_, i) => i !== 1).join(''));
    await expect(importTurns(turnsOf(at('gap.ndjson')), at('a.db'))).rejects.toMatchObject({ code: 'gap' });
    expect(readdirSync(directory).filter((name) => !name.endsWith('.lock'))).toEqual(['gap.ndjson']);
    const twice = [turns[0]!, { ...turns[1]!, inputs: [{ type: 'EpochClaimed' as const, epoch: 1 }] }];
    await expect(importTurns(each(twice), at('a.db'))).rejects.toMatchObject({ code: 'corrupt', turn: 2 });
    expect(existsSync(at('a.db'))).toBe(false);
    // What an attempt that was killed has left is no hindrance; a store, or the anchor of one, is.
    writeFileSync(at('a.db.part'), 'half of it');
    await importTurns(each(turns), at('a.db'));
    await expect(importTurns(each(turns), at('a.db'))).rejects.toMatchObject({ code: 'path' });
    rmSync(at('a.db'));
    await expect(importTurns(each(turns), at('a.db'))).rejects.toMatchObject({ code: 'path' });
  });
});

describe('an import into a database', () => {
  const some = async (): Promise<readonly Turn[]> => {
    const asked = Array.from({ length: 120 }, (_, i) => ({ id: `${i}`, at: i, vms: 1, minutes: 3 }));
    return (await play(SITES['nodes counted']!, asked)).turns;
  };

  it('goes on where it was broken off', async () => {
    const turns = await some();
    const log = new MemoryLog();
    const broken = async function* (): AsyncGenerator<Turn> {
      yield* turns.slice(0, 100);
      throw new Error('the disk with the export was pulled out');
    };
    await expect(appendAll(broken(), new MemoryStore(log))).rejects.toThrow('pulled out');
    expect(log.turns.length).toBeGreaterThan(0);
    const store = new MemoryStore(log);
    expect(await appendAll(each(turns), store)).toBe(turns.length);
    expect(await appendAll(each(turns), store)).toBe(turns.length);
    expect(await all(store.read(0))).toEqual(turns.map(encodeTurn));
  });

  it('is refused where another log is, a longer one, or somebody who writes', async () => {
    const turns = await some();
    const { turns: others } = await play(SITES['nodes counted']!, [{ id: 'X', vms: 2, minutes: 5 }]);
    const log = new MemoryLog();
    await appendAll(each(turns), new MemoryStore(log));
    await expect(appendAll(each(others), new MemoryStore(log))).rejects.toMatchObject({ code: 'path', turn: 2 });
    await expect(appendAll(each(turns.slice(0, 9)), new MemoryStore(log))).rejects.toMatchObject({ code: 'path' });
    const taken = new MemoryLog();
    const racing = async function* (): AsyncGenerator<Turn> {
      yield turns[0]!;
      await new MemoryStore(taken).append({ ...turns[1]!, inputs: [{ type: 'EpochClaimed', epoch: 9 }] }, 1, 1);
      yield* turns.slice(1);
    };
    await expect(appendAll(racing(), new MemoryStore(taken))).rejects.toMatchObject({ code: 'locked' });
  });
});

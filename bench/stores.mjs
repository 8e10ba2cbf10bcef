#!/usr/bin/env node
/**
 * `npm run bench:stores`: how fast the event stores are on this machine: turns appended with 1, 64 and 256 on their way at a
 * time, and read back whole and checked; beside them what a sync of the disk takes, which decides the first figure. Further
 * stores by their URLs, each a log of its own that is left behind: `-- postgresql://…?schema=bench`.
 */

import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { turns: { type: 'string', default: '20000' }, dir: { type: 'string', default: tmpdir() } },
  allowPositionals: true,
});
const TURNS = Number(values.turns);
const IN_FLIGHT = [1, 64, 256];

const built = new URL('../dist/adapters/event-store/sqlite.js', import.meta.url);
if (!existsSync(built) || !Number.isInteger(TURNS) || TURNS < 1_000) {
  console.error('run `npm run build` first; --turns: a whole number from 1000');
  process.exit(2);
}
const { openSqliteStore } = await import(built);
const { MemoryLog, MemoryStore } = await import('../dist/adapters/event-store/memory.js');
const { storeAt } = await import('../dist/adapters/event-store/by-url.js');

const folder = mkdtempSync(join(values.dir, 'leasehold-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const stores = [
  ['memory', async () => new MemoryStore(new MemoryLog())],
  ['sqlite', async () => openSqliteStore(join(folder, 'log.db'))],
  ...(await Promise.all(
    positionals.map(async (url) => {
      const place = await storeAt(url);
      return [place.shown, () => place.open(false)];
    }),
  )),
];
console.log(`a sync of the disk in ${values.dir}: ${syncMs().toFixed(2)} ms (median of 200)`);
console.log(row(['', ...IN_FLIGHT.map((n) => `append ×${n}`), 'read, checked']));
for (const [name, open] of stores) console.log(row([name, ...(await measured(await open()))]));

/** Turns a second: appended with so many on their way, and read. */
async function measured(store) {
  let { revision, epoch } = await store.head();
  epoch++;
  const claimed = { number: revision + 1, now: 0, inputs: [{ type: 'EpochClaimed', epoch }], decisions: [] };
  await store.append(claimed, revision++, epoch);
  const begin = revision;
  const figures = [];
  for (const inFlight of IN_FLIGHT) {
    const count = inFlight === 1 ? TURNS / 10 : TURNS;
    const last = revision + count;
    const writers = Array.from({ length: inFlight }, async () => {
      while (revision < last) {
        const expected = revision++;
        const { outcome } = await store.append(turn(expected + 1), expected, epoch);
        if (outcome !== 'appended') throw new Error(`turn ${expected + 1}: ${outcome}`);
      }
    });
    figures.push(await rate(count, () => Promise.all(writers)));
  }
  const appended = revision - begin;
  figures.push(
    await rate(appended, async () => {
      let read = 0;
      for await (const _ of store.read(begin)) read++;
      if (read !== appended) throw new Error(`${read} turns read of ${appended}`);
    }),
  );
  await store.close();
  return figures;
}

async function rate(count, work) {
  const begin = performance.now();
  await work();
  return `${Math.round((1000 * count) / (performance.now() - begin)).toLocaleString('en')}/s`;
}

/** About 500 bytes, as a request of one lease is. */
function turn(number) {
  const detail = 'x'.repeat(400);
  return {
    number,
    now: number,
    inputs: [{ type: 'OrderFailed', at: number, lease: 'a', order: '1.0', detail }],
    decisions: [],
  };
}

function syncMs() {
  const file = openSync(join(folder, 'sync'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, (_, k) => {
    writeSync(file, block, 0, block.length, k * block.length);
    const begin = performance.now();
    fdatasyncSync(file);
    return performance.now() - begin;
  });
  closeSync(file);
  return times.sort((a, b) => a - b)[100];
}

function row(cells) {
  return cells.map((cell, k) => (k === 0 ? cell.padEnd(24) : cell.padStart(15))).join('');
}

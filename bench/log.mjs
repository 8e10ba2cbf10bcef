// Logs for benchmarks: COUNT turns of three events each, in the shape of a service's, with hashes. They are not replayed.
import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import Database from 'better-sqlite3';
import { Anchor } from '../dist/adapters/event-store/anchor.js';
import { GENESIS, hashAfter } from '../dist/adapters/event-store/chain.js';
import { CHAIN_TURNS, LOG_HEADER } from '../dist/adapters/event-store/log-file.js';
import { openSqliteStore } from '../dist/adapters/event-store/sqlite.js';

/** Writes an exported log to `file`, as `leasehold log export` does. */
export async function writeLog(file, count) {
  const gzip = createGzip({ level: 1 });
  const done = once(gzip.pipe(createWriteStream(file)), 'finish');
  let lines = `${LOG_HEADER}\n`;
  let end = '';
  for (const { number, text, hash } of turns(count)) {
    lines += `${text}\n`;
    end = `{"turn":${number},"hash":"${hash.toString('hex')}"`;
    if (number % CHAIN_TURNS === 0) lines += `{"chain":${end}}}\n`;
    if (lines.length > 1 << 18) {
      if (!gzip.write(lines)) await once(gzip, 'drain');
      lines = '';
    }
  }
  gzip.end(`${lines}{"end":${end},"checkpoints":0}}\n`);
  await done;
}

/** Makes a store at `file`, with its anchor; not synced turn by turn, which would take hours. */
export async function writeStore(file, count) {
  await openSqliteStore(file).close();
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const insert = db.prepare('INSERT INTO turns (number, part, "of", text, hash) VALUES (?, 1, 1, ?, ?)');
  let last = { turn: 0, hash: GENESIS };
  db.transaction(() => {
    for (const { number, text, hash } of turns(count)) {
      insert.run(number, text, hash);
      last = { turn: number, hash };
    }
    db.prepare('UPDATE meta SET epoch = 1').run();
  })();
  db.close();
  rmSync(`${file}.anchor`);
  Anchor.create(`${file}.anchor`, last).close();
}

function* turns(count) {
  const begin = 1_795_283_934_099;
  let hash = GENESIS;
  for (let number = 1; number <= count; number++) {
    const now = begin + 10 * number;
    const [lease, before] = [number, number - 1].map((n) => `L${n.toString(36).padStart(20, '0')}`);
    const terms = {
      groups: [{ name: null, vms: 1, demand: [1000, 512], image: null }],
      duration: 3_600_000,
      start: { kind: 'best-effort', before: null },
      preemptible: true,
      where: null,
      name: null,
      user: null,
      project: null,
      labels: {},
    };
    const text = JSON.stringify({
      number,
      now,
      inputs: [
        { type: 'VmsStarted', at: now - 5, lease: before, order: `${number - 1}.0`, vms: null },
        { type: 'LeaseRequested', lease, terms, key: null },
      ],
      decisions: [
        {
          type: 'StartOrdered',
          order: `${number}.0`,
          lease,
          deadline: null,
          after: [],
          until: now + 3_600_000,
          nodes: [1],
          units: null,
        },
      ],
    });
    hash = hashAfter(hash, number, text);
    yield { number, text, hash };
  }
}

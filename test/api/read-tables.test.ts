/** The follower goes on from its tables as if it had folded the whole log: nothing that is read tells the difference. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLog } from '../../adapters/event-store/log-file.js';
import { SEES_ALL } from '../../api/access/sight.js';
import { barsWithin, barView } from '../../api/bars.js';
import { EarliestChanges } from '../../api/earliest-change.js';
import { Follower } from '../../api/follower.js';
import { Personal } from '../../api/personal.js';
import { EVERYTHING } from '../../api/records/filter.js';
import { ReadTablesError } from '../../api/records/over-rows.js';
import { ReadTables } from '../../api/records/read-tables.js';
import { storyOf } from '../../api/story.js';
import { leaseView, submittedView } from '../../api/views.js';
import { encodeState, encodeTurn } from '../../engine/index.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-tables-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function turnsOf(log: string): Promise<string[]> {
  const turns: string[] = [];
  for await (const entry of readLog(join('test/golden/logs', `${log}.ndjson.gz`)))
    if ('turn' in entry) turns.push(encodeTurn(entry.turn));
  return turns;
}

/** Few, so that records are laid ready before they are kept. */
const CHANGED_MAX = 5;

/** A follower whose process ends now and then: the file and the snapshots are all that stays. */
class Restarted {
  follower: Follower;
  private snapshot: string | null = null;
  private tables: ReadTables;

  constructor(readonly path: string) {
    this.tables = ReadTables.open(path);
    this.follower = new Follower(1, this.tables, CHANGED_MAX);
  }

  /** As the loop does it: first the tables, then the snapshot, between which the process may end. */
  keep(andSnapshot: boolean): boolean {
    if (!this.follower.keep()) return false;
    if (andSnapshot) this.snapshot = encodeState(this.follower.state);
    return true;
  }

  restart(turns: readonly string[], head: number): void {
    this.follower.close();
    this.tables = ReadTables.open(this.path);
    this.follower = new Follower(1, this.tables, CHANGED_MAX);
    const useTables = this.tables.kept !== null;
    this.follower.begin(useTables ? this.snapshot : null, useTables);
    while (this.follower.head < head) this.follower.take(turns[this.follower.head]!);
  }
}

const OPEN = new Personal(null);

/** All that can be read. */
function everything(follower: Follower, turns: readonly string[]) {
  const { records, state } = follower;
  const all = records.latest(Number.MAX_SAFE_INTEGER, 0, EVERYTHING, turns.length * 100);
  const last = state.now + 1e12;
  return {
    state: encodeState(state),
    nodes: follower.nodeClasses,
    leases: all.map((record) => ({
      now: leaseView(record, state, OPEN, SEES_ALL),
      asAnswered: submittedView(record, state, OPEN, SEES_ALL),
      story: storyOf(record, state, SEES_ALL, new EarliestChanges((id) => records.get(id))).map((tell) => tell()),
      found: records.get(record.lease.id)?.changed,
    })),
    some: ['done', 'waiting,active', 'cancelled'].map((states) =>
      records
        .latest(40, 0, { ...EVERYTHING, states: new Set(states.split(',')), kind: 'advance' }, 7)
        .map((record) => record.lease.id),
    ),
    bars: [0.2, 0.5].map((part) =>
      barsWithin(records, state, { from: Math.floor(state.now * part), to: last, node: null })?.map((bar) =>
        barView(bar, OPEN, SEES_ALL),
      ),
    ),
  };
}

describe('after restarts at random turns', () => {
  it.each(['mixed', 'swarm-3', 'swarm-20', 'swarm-49', 'swarm-745', 'kth-conservative'])('%s', async (log) => {
    const turns = (await turnsOf(log)).slice(0, 400);
    const expected = new Follower(1);
    for (const turn of turns) expected.take(turn);
    const whole = everything(expected, turns);
    expect(whole.leases.length).toBeGreaterThan(0);
    const step = fc.record({ turns: fc.nat(90), what: fc.constantFrom('prepare', 'keep', 'tables', 'restart') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const path = join(directory, 'read-tables.db');
        for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
        const service = new Restarted(path);
        for (const { turns: count, what } of steps) {
          const head = Math.min(turns.length, service.follower.head + count);
          while (service.follower.head < head) service.follower.take(turns[service.follower.head]!);
          if (what === 'restart') service.restart(turns, head);
          else if (what === 'prepare') await service.follower.prepareToKeep();
          else service.keep(what === 'keep');
        }
        service.restart(turns, turns.length);
        expect(everything(service.follower, turns)).toEqual(whole);
        service.follower.close();
      }),
      { numRuns: 12 },
    );
  });
});

describe('tables', () => {
  /** Kept at the end of the log, where all leases are over, or after `middle` turns; the file is at rest. */
  async function kept(middle = 0): Promise<{ path: string; turns: string[]; whole: ReturnType<typeof everything> }> {
    const turns = await turnsOf('mixed');
    const path = join(directory, 'read-tables.db');
    const service = new Restarted(path);
    for (const turn of turns.slice(0, middle)) service.follower.take(turn);
    if (middle > 0) service.keep(true);
    for (const turn of turns.slice(middle)) service.follower.take(turn);
    if (middle === 0) service.keep(true);
    const whole = everything(service.follower, turns);
    service.follower.close();
    return { path, turns, whole };
  }

  it.each([0, 6])('that are damaged are made anew, or the damage is told when it is met (%i)', async (middle) => {
    const { path, turns, whole } = await kept(middle);
    const good = readFileSync(path);
    const copy = join(directory, 'copy.db');
    let met = 0;
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), (bit) => {
        const bytes = Buffer.from(good);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(copy, bytes);
        const tables = ReadTables.open(copy);
        const follower = new Follower(1, tables);
        try {
          follower.begin(null, tables.kept !== null);
          for (const turn of turns) follower.take(turn);
          const { leases, ...others } = everything(follower, turns);
          expect(others.state).toEqual(whole.state);
          // What an index has lost is not looked for: until the tables are made anew lists may be shorter, and less may be
          // said of leases that a reason names.
          const { records } = follower;
          if (whole.leases.some(({ now }) => records.get(now.id) === undefined)) return;
          for (const lease of leases) expect(whole.leases).toContainEqual(lease);
        } catch (error) {
          if (!(error instanceof ReadTablesError)) throw error;
          met++;
          expect(existsSync(copy)).toBe(false);
        } finally {
          follower.close();
          for (const end of ['', '-wal', '-shm']) rmSync(`${copy}${end}`, { force: true });
        }
      }),
      { numRuns: 300 },
    );
    if (middle === 0) expect(met).toBeGreaterThan(0);
  });

  it('of another version are made anew', async () => {
    const { path } = await kept();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    const tables = ReadTables.open(path);
    expect(tables.kept).toBeNull();
    tables.close();
  });

  it('wait where the disk does not take them, and lose nothing', async () => {
    const turns = await turnsOf('swarm-3');
    const path = join(directory, 'read-tables.db');
    const service = new Restarted(path);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    for (const turn of turns.slice(0, 60)) service.follower.take(turn);
    expect(service.keep(true)).toBe(false);
    const expected = new Follower(1);
    for (const turn of turns.slice(0, 60)) expected.take(turn);
    expect(everything(service.follower, turns)).toEqual(everything(expected, turns));
    other.exec('ROLLBACK');
    other.close();
    expect(service.keep(true)).toBe(true);
    service.restart(turns, 60);
    expect(everything(service.follower, turns)).toEqual(everything(expected, turns));
    service.follower.close();
  });
});

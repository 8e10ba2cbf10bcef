/** The loop under the service: it takes logs over, begins them, and goes on where they end. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { decodeState, encodeState, type Turn } from '../../engine/index.js';
import { unpack } from '../../api/packed.js';
import { eventually } from '../support/eventually.js';
import { Service, type ServiceOptions } from '../support/service.js';

let service: Service | null = null;
afterEach(async () => {
  await service?.stop();
  service = null;
});

async function start(options: ServiceOptions): Promise<Service> {
  service = await Service.start(options);
  return service;
}

const EVERYTHING = { vms: 4, resources: { cpu: 8 } };

describe('a new log', () => {
  it('begins with one turn: the writer, the policy, the site and its nodes', async () => {
    const log = new MemoryLog();
    await start({ store: new MemoryStore(log), nodes: '2x cpu=4;3x cpu=8' });
    expect(log.turns).toHaveLength(1);
    const types = log.turns[0]!.inputs.map(({ type }) => type);
    expect(types).toEqual(['EpochClaimed', 'PolicyAdopted', 'SiteDeclared', 'NodesAdded', 'NodesAdded']);
  });
});

describe('a log that is there', () => {
  it('is taken over with the next epoch, and nothing else is repeated', async () => {
    const log = new MemoryLog();
    const first = await start({ store: new MemoryStore(log) });
    const running = await first.lease(EVERYTHING);
    await first.until(running.id, 'active');
    const waiting = await first.lease(EVERYTHING);
    const before = (await first.ask('GET', '/v1/leases')).text;
    await first.stop();

    const turns = log.turns.length;
    const second = await start({ store: new MemoryStore(log) });
    expect(log.turns.slice(turns).map(({ inputs, decisions }) => ({ inputs, decisions }))).toEqual([
      { inputs: [{ type: 'EpochClaimed', epoch: 2 }], decisions: [] },
    ]);
    expect((await second.ask('GET', '/v1/leases')).text).toBe(before);
    expect((await second.read(waiting.id)).state).toBe('waiting');
  });

  it('leads to the same state with the snapshot that was left as without it', async () => {
    const log = new MemoryLog();
    const first = await start({ store: new MemoryStore(log) });
    for (let i = 0; i < 10; i++) await first.lease(EVERYTHING);
    await first.ask('POST', '/v1/nodes/2/drain');
    await first.stop();
    service = null;
    const { snapshot } = log;
    expect(snapshot?.turn).toBe(log.turns.length);
    // The follower folds every turn; the loop began from its own state.
    expect(encodeState(decodeState(unpack(snapshot!.state)))).toBe(encodeState(first.follower.state));
  });
});

describe('a service with tables of its own', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'leasehold-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function begun(log: MemoryLog): Promise<{ list: string; tables: string }> {
    const tables = join(directory, 'read-tables.db');
    const first = await start({ store: new MemoryStore(log), tables });
    for (let i = 0; i < 10; i++) await first.lease(i % 2 === 0 ? EVERYTHING : {});
    const { items } = (await first.ask('GET', '/v1/leases?state=waiting,active')).body;
    for (const { id } of items.slice(0, 5)) await first.ask('DELETE', `/v1/leases/${id}`);
    await eventually(async () => (await first.ask('GET', '/v1/leases?state=cancelled')).body.items.length).toBe(5);
    const list = (await first.ask('GET', '/v1/leases')).text;
    await first.stop();
    return { list, tables };
  }

  it('goes on from them and reads only what has come since', async () => {
    const log = new MemoryLog();
    const { list, tables } = await begun(log);
    const store = new WatchedStore(log);
    const second = await start({ store, tables });
    expect((await second.ask('GET', '/v1/leases')).text).toBe(list);
    // The last turn, which says that it is this log; the first, which says how it began; and none between.
    expect(store.turnsRead).toBeLessThan(4);
  });

  it('does not take those of another log for its own', async () => {
    const { tables } = await begun(new MemoryLog());
    const log = new MemoryLog();
    const { list } = await anotherBegun(log);
    const second = await start({ store: new MemoryStore(log), tables });
    expect((await second.ask('GET', '/v1/leases')).text).toBe(list);
  });

  /** Another log, of the same length. */
  async function anotherBegun(log: MemoryLog): Promise<{ list: string }> {
    rmSync(join(directory, 'other'), { recursive: true, force: true });
    mkdirSync(join(directory, 'other'));
    const first = await start({ store: new MemoryStore(log), tables: join(directory, 'other', 'read-tables.db') });
    for (let i = 0; i < 30; i++) await first.lease(EVERYTHING);
    const list = (await first.ask('GET', '/v1/leases')).text;
    await first.stop();
    return { list };
  }
});

describe('readers', () => {
  it('are told that the history is being read, and then get all of it', async () => {
    const log = new MemoryLog();
    const first = await start({ store: new MemoryStore(log) });
    for (let i = 0; i < 5; i++) await first.lease(EVERYTHING);
    await first.stop();

    const store = new SlowStore(log);
    service = await Service.prepare({ store });
    const early = await service.ask('GET', '/v1/leases');
    expect(early.body.code).toBe('not-ready');
    expect(early.headers['retry-after']).toBe('1');
    expect((await service.ask('GET', '/livez')).status).toBe(200);
    expect((await service.ask('GET', '/readyz')).status).toBe(503);
    store.open();
    await service.ready;
    expect((await service.ask('GET', '/v1/leases')).body.items).toHaveLength(5);
  });
});

class WatchedStore extends MemoryStore {
  turnsRead = 0;

  override async *read(after: number): AsyncGenerator<Turn> {
    for await (const turn of super.read(after)) {
      this.turnsRead++;
      yield turn;
    }
  }
}

/** A store that gives its turns only when it has been opened. */
class SlowStore extends MemoryStore {
  open: () => void = () => {};
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  override async *read(after: number): AsyncGenerator<Turn> {
    await this.opened;
    yield* super.read(after);
  }
}

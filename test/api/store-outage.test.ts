/** A store that does not answer, seen from the loop's client: who is told what, and what is never carried out. */

import { afterEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { TurnGate } from '../../api/turn-gate.js';
import type { Appended, Turn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';

let service: Service | null = null;
afterEach(async () => {
  await service?.stop();
  service = null;
});

/** A store whose appends wait while it hangs. */
class HangingStore extends MemoryStore {
  /** An append waits. */
  asked = false;
  private held: Promise<void> | null = null;
  answers: () => void = () => {};

  hang(): void {
    this.held = new Promise((resolve) => {
      this.answers = () => {
        this.held = null;
        resolve();
      };
    });
  }

  override async append(turn: Turn, expected: number, epoch: number): Promise<Appended> {
    this.asked = this.held !== null;
    await this.held;
    return super.append(turn, expected, epoch);
  }
}

describe('a store that hangs', () => {
  it('keeps nobody waiting; of two requests the one whose turn was under way is carried out, the other never', async () => {
    const log = new MemoryLog();
    const store = new HangingStore(log);
    const running = await Service.start({ store });
    service = running;
    store.hang();
    const before = log.turns.length;
    const under = running.ask('POST', '/v1/leases', { ...SMALL, name: 'under-way' });
    await eventually(() => store.asked).toBe(true);
    const behind = running.ask('POST', '/v1/leases', { ...SMALL, name: 'behind' });
    expect(await under).toMatchObject({ status: 503, body: { code: 'outcome-unknown' } });
    expect(await behind).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
    expect((await running.ask('POST', '/v1/leases', SMALL)).body.code).toBe('store-unavailable');
    expect((await running.ask('GET', '/readyz')).status).toBe(503);
    expect((await running.ask('GET', '/v1/leases')).status).toBe(200);
    store.answers();
    await eventually(async () => (await running.ask('GET', '/readyz')).status).toBe(200);
    await running.lease({ name: 'after' });
    const asked = log.turns
      .slice(before)
      .flatMap((turn) => turn.inputs.flatMap((input) => (input.type === 'LeaseRequested' ? [input.terms.name] : [])));
    expect(asked).toEqual(['under-way', 'after']);
  });
});

describe('a command', () => {
  it('is taken or withdrawn, whichever comes first, and its ticket can be used again', () => {
    const gate = new TurnGate(TurnGate.memory(2));
    gate.send(0);
    gate.send(1);
    expect(gate.take(0)).toBe(true);
    expect(gate.withdraw(0)).toBe(false);
    expect(gate.withdraw(1)).toBe(true);
    expect(gate.take(1)).toBe(false);
    gate.send(1);
    expect(gate.take(1)).toBe(true);
  });

  it('waits for its turn as long as the append takes, counted from the first try', () => {
    const memory = TurnGate.memory(1);
    const loop = new TurnGate(memory);
    const main = new TurnGate(memory);
    expect(main.appendingMs()).toBe(0);
    loop.beginAppend();
    const busy = process.hrtime.bigint() + 20_000_000n;
    while (process.hrtime.bigint() < busy);
    loop.beginAppend();
    expect(main.appendingMs()).toBeGreaterThanOrEqual(19);
    loop.endAppend();
    expect(main.appendingMs()).toBe(0);
  });
});

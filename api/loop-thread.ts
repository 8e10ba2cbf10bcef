/** The loop's thread: it chooses the store, the world and the machines, and runs the loop. It never serves reads. */

import { hostname } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { merge, Observable, Subject } from 'rxjs';
import { failpoint } from '../adapters/failpoint.js';
import type { Call } from '../adapters/callback.js';
import { LiveWorld } from '../adapters/live/world.js';
import type { EventStore, Observation, Turn } from '../engine/index.js';
import { Batches } from './batches.js';
import { EXIT_BUG, endingOf } from './exit-codes.js';
import { type Found, Loop, type LoopPorts } from './loop.js';
import type { FromLoop, LoopSettings, ToLoop } from './loop-messages.js';
import { isNews, openMachines, tellOfNodes } from './machines.js';
import type { OpenMachines } from './opened-machines.js';
import { leadOrFollow } from './standby.js';
import { lockDataDir, openStore } from './store.js';
import { Term } from './term.js';

async function main(settings: LoopSettings, tell: (message: FromLoop) => void): Promise<void> {
  const release = lockDataDir(settings.store);
  const store = await openStore(settings.store);
  const stop = new AbortController();
  const { beats } = store;
  try {
    let url = '';
    const terms = new Terms(settings, store, tell, () => loop.stepDown());
    const loop: Loop = new Loop(settings, store, tell, (found) => terms.portsFor(found, url));
    const told = new Promise<ToLoop>((resolve) => {
      parentPort!.on('message', (batch: readonly ToLoop[]) => {
        for (const message of batch) {
          if (message.type === 'stop') stop.abort();
          loop.receive(message);
          resolve(message);
        }
      });
    });
    tell({ type: 'opened' });
    const first = await told;
    if (first.type !== 'go') return;
    const { kept } = first;
    url = first.url;
    const afterTerm = () => terms.end(stop.signal.aborted);
    if (beats !== undefined) await leadOrFollow({ loop, store, beats, tell, kept, stop: stop.signal, afterTerm });
    else await loop.run(kept).finally(afterTerm);
  } finally {
    failpoint('cluster-closed');
    await store.close();
    release();
  }
}

/** What a loop runs on as long as it leads, and what has to be ended then. */
class Terms {
  private machines: OpenMachines | null = null;
  private term: Term | null = null;

  constructor(
    private readonly settings: LoopSettings,
    private readonly store: EventStore,
    private readonly tell: (message: FromLoop) => void,
    private readonly stepDown: () => void,
  ) {}

  /** The machines with the nodes that the log has seen, and a world whose time goes on from the last turn. */
  async portsFor(found: Found, url: string): Promise<LoopPorts> {
    const { state } = found;
    const { beats = null } = this.store;
    let begin: (world: LiveWorld) => void = () => {};
    const begun = new Promise<LiveWorld>((resolve) => {
      begin = resolve;
    });
    const opened = await openMachines(this.settings, found, {
      onRefused: (highest) => this.term?.superseded(highest),
      warn: (text) => this.tell({ type: 'notice', text }),
      onHealth: (health) => this.tell({ type: 'host', health }),
      onSample: (sample) => this.tell({ type: 'sample', sample }),
      keep: async (note) => (await (await begun).submit({ type: 'KeepNote', ...note })).decided.ok,
    });
    const { machines, clock } = opened;
    this.machines = machines;
    const observed = new Observable<Observation>((listener) => machines.listen(listener));
    const surveyed = new Subject<Observation>();
    const world = new LiveWorld({ observations: merge(observed, surveyed), clock, from: state.now });
    begin(world);
    for (const observation of await machines.survey()) if (isNews(state, observation)) surveyed.next(observation);
    const term = new Term({
      machines,
      beats,
      url,
      onFound: (observations) => {
        for (const observation of observations) surveyed.next(observation);
      },
      onCertain: (certain) => this.tellCertain(certain),
      onLost: this.stepDown,
    });
    this.term = term;
    const onTurn = (turn: Turn): void => {
      tellOfNodes(machines, turn);
      for (const input of turn.inputs)
        if (input.type === 'EpochClaimed') {
          if (beats !== null) this.tell({ type: 'role', role: 'leader', epoch: input.epoch, leader: url });
          term.begin(input.epoch);
        }
    };
    const claim = { after: opened.epoch, ...(beats === null ? {} : { by: `${hostname()}:${process.pid}`, url }) };
    const hear = async (call: Call) => (await machines.called?.(call)) ?? false;
    return { cluster: term.cluster, world, now: () => clock.now(), onTurn, hear, claim };
  }

  /** `left`: the service ends, so others need not wait. */
  async end(left: boolean): Promise<void> {
    const { term, machines } = this;
    this.term = null;
    this.machines = null;
    await term?.end(left);
    await machines?.close();
  }

  private tellCertain(certain: boolean): void {
    if (certain) this.tell({ type: 'fresh' });
    this.tell({ type: 'store', writable: certain, detail: certain ? '' : UNCERTAIN });
  }
}

const UNCERTAIN = 'the store has not answered for a while, and another service may lead by now';

/** The answers of a turn go together, and before the next one: an append may keep the thread for long. */
const { send: tell } = new Batches<FromLoop>((batch) => parentPort!.postMessage(batch), queueMicrotask);

// The last message ends the thread from the outside: by itself it might be gone before the message is.
main(workerData as LoopSettings, tell).then(
  () => tell({ type: 'ended' }),
  (error: unknown) => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const { exitCode, hint } = endingOf(error) ?? { exitCode: EXIT_BUG, hint: '' };
    tell({ type: 'failed', exitCode, message, hint, stack });
  },
);

/**
 * The loop and its surroundings, wherever it runs: reads the log, takes it over as its writer, begins it where it is
 * empty, and runs. Every turn is told first, and only then are those answered who asked for it.
 */

import {
  type Answer,
  type Claimant,
  type Cluster,
  type Command,
  decodeState,
  emptyState,
  type Epoch,
  encodeState,
  encodeTurn,
  type EventStore,
  foldTurn,
  type Instant,
  type NodeClass,
  run,
  type Snapshot,
  StaleWriterError,
  type State,
  STATE_VERSION,
  type Turn,
  type World,
} from '../engine/index.js';
import type { ChainedLog } from '../adapters/event-store/chain.js';
import { failpoint } from '../adapters/failpoint.js';
import type { Call } from '../adapters/callback.js';
import { ConfigError } from './config.js';
import { checkGenesis, openingOf } from './genesis.js';
import type { ProofBegin } from './log-proof.js';
import type { FromLoop, LoopSettings, Made, ToLoop, TurnTimes } from './loop-messages.js';
import { pack, unpack } from './packed.js';
import { turnDigest } from './records/read-tables.js';
import type { Kept } from './records/tables.js';
import { TurnGate } from './turn-gate.js';

/** The live world: it takes commands, and answers them when their turn is durable. */
export interface CommandWorld extends World {
  /** `isWanted`: asked when the command's turn has come; it may have been withdrawn. */
  submit(command: Command, isWanted?: () => boolean): Promise<Answer>;
  /** Takes nothing more; `next` says that the world is over when what was taken is done. */
  close(): void;
}

export interface LoopPorts {
  readonly cluster: Cluster;
  readonly world: CommandWorld;
  readonly now: () => Instant;
  /** Hears of every turn before its orders: nodes that come and go concern the cluster, too. */
  readonly onTurn: (turn: Turn) => void;
  /** Whether this VM, which says that it is ready, is waited for. Absent: none is. */
  readonly hear?: (call: Call) => Promise<boolean>;
  /** Who claims the log, and an epoch that the machines have seen: the claim is for a later one. */
  readonly claim?: Claimant & { readonly after: Epoch };
}

/** What the log says when it is opened. */
export interface Found {
  readonly state: State;
  readonly first: Turn | null;
  /** All nodes there have ever been. */
  readonly nodes: readonly NodeClass[];
}

/** Turns told at once while history is read. */
const BATCH = 512;
const SNAPSHOT_TURNS = 5_000;
/** A full disk is tried again so often. */
const RETRY_MS = 1_000;

export class Loop {
  private ports: LoopPorts | null = null;
  private world: CommandWorld | null = null;
  private stopping = false;
  private leaving = false;
  /** Given to the store, not yet told. */
  private appending: Turn | null = null;
  /** When its inputs came, and when it was given to the store. */
  private takenAt = 0;
  private appendAt = 0;
  /** Waits to hear whether the follower has kept its tables. */
  private onKept: (done: boolean) => void = () => {};
  /** Was asked for, and is to be saved. */
  private made: Made | null = null;
  /** The last turn that was told, and the nodes that there were by then. */
  private told = 0;
  private readonly nodes: NodeClass[] = [];
  /** Nodes of turns up to this one are known already. */
  private nodesKnown = 0;
  private begun = false;
  private readonly gate: TurnGate;
  /** Tickets whose commands were not answered. */
  private readonly sent = new Set<number>();

  /** `portsFor` makes cluster and world for what the log says. */
  constructor(
    private readonly settings: LoopSettings,
    private readonly store: EventStore & Pick<ChainedLog, 'hash'>,
    private readonly tell: (message: FromLoop) => void,
    private readonly portsFor: (found: Found) => Promise<LoopPorts>,
  ) {
    this.gate = new TurnGate(settings.gate);
  }

  /** Runs until it is told to stop. The store is closed by whoever opened it. `kept`: see `go`. */
  async run(kept: Kept | null = null): Promise<void> {
    await this.lead(await this.rebuild(kept));
    if (this.leaving) throw new StaleWriterError('the machines are commanded by another service');
  }

  /** From what the log leads to: takes it over, and runs until it is told to stop, or to step down. */
  async lead(found: Found): Promise<void> {
    // 1. Is it the log that was meant?
    const { state } = found;
    checkGenesis(this.settings, found.first);
    this.appending = null;
    this.leaving = false;
    // 2. The ports, and the turn that takes the log over.
    const ports = await this.portsFor(found);
    const { cluster, world } = ports;
    this.ports = ports;
    this.world = world;
    failpoint('epoch-claim');
    const opening = openingOf(this.settings.genesis, state, ports.claim).map((command) => world.submit(command));
    const announced = this.announce(opening, ports);
    if (this.stopping || this.leaving) world.close();
    // 3. The loop.
    try {
      const running = run(state, { store: this.patient(), cluster, world: this.watched(ports, state) });
      await Promise.all([running, announced]);
    } finally {
      this.ports = null;
      this.world = null;
      world.close();
      this.gate.endAppend();
      for (const ticket of this.sent)
        this.reply({ type: 'refused', ticket, detail: 'this service does not lead any more' });
    }
    if (!this.leaving) await this.saveLast(state);
  }

  /** Another one leads: the turn in hand is finished, and nothing more is taken. */
  stepDown(): void {
    this.leaving = true;
    this.world?.close();
  }

  receive(message: ToLoop): void {
    switch (message.type) {
      case 'command':
        this.submit(message.ticket, message.command);
        return;
      case 'ping':
        this.tell({ type: 'pong', ticket: message.ticket });
        return;
      case 'call':
        void this.hear(message.ticket, message.call);
        return;
      case 'stop':
        this.stopping = true;
        this.world?.close();
        return;
      case 'kept':
        this.onKept(message.done);
        return;
      case 'made':
        this.made = message.snapshot;
        return;
      case 'go':
    }
  }

  /** `null`: whoever leads knows, or its host. */
  private async hear(ticket: number, call: Call): Promise<void> {
    const { ports } = this;
    const isKnown = ports === null ? null : await (ports.hear?.(call) ?? Promise.resolve(false)).catch(() => null);
    this.tell({ type: 'called', ticket, isKnown });
  }

  private submit(ticket: number, command: Command): void {
    if (this.world === null || this.stopping) {
      const detail = this.stopping ? 'the service is stopping' : 'this service does not lead just now';
      this.tell({ type: 'refused', ticket, detail });
      return;
    }
    this.sent.add(ticket);
    this.world
      .submit(command, () => this.gate.take(ticket))
      .then(
        (answer) => this.reply({ type: 'answer', ticket, answer }),
        (error: Error) => this.reply({ type: 'refused', ticket, detail: error.message }),
      );
  }

  /** One for each command. */
  private reply(message: Extract<FromLoop, { type: 'answer' | 'refused' }>): void {
    if (this.sent.delete(message.ticket)) this.tell(message);
  }

  /**
   * Reads what the snapshot has not of the log, and tells what was not told. All of it is told where the follower's tables
   * cannot be used: they are missing, of another log, or of turns that this one has not.
   */
  async rebuild(kept: Kept | null): Promise<Found> {
    // 1. Where to begin.
    const latest = await this.store.latestSnapshot();
    const snapshot = latest?.version === STATE_VERSION ? latest : null;
    if (!this.begun) await this.begin(kept, snapshot);
    let state = snapshot === null ? emptyState() : decodeState(unpack(snapshot.state));
    const from = state.turn;
    // 2. The turns since.
    let batch: Turn[] = [];
    for await (const turn of this.store.read(Math.min(this.told, from))) {
      if (turn.number > from) state = foldTurn(state, turn);
      if (turn.number <= this.told) continue;
      batch.push(turn);
      if (batch.length < BATCH) continue;
      this.tellTurns(batch);
      batch = [];
    }
    this.tellTurns(batch);
    return { state, first: await turnAt(this.store, 1), nodes: this.nodes };
  }

  /** Says once how the follower begins. */
  private async begin(kept: Kept | null, snapshot: Snapshot | null): Promise<void> {
    const tables = kept !== null && (await this.isOfThisLog(kept)) ? kept : null;
    const told = tables !== null && snapshot !== null && snapshot.turn <= tables.turn ? snapshot : null;
    const proof = told === null ? null : await this.proofAt(told.turn);
    const { revision: head } = await this.store.head();
    this.tell({ type: 'begin', snapshot: told?.state ?? null, useTables: tables !== null, proof, head });
    this.begun = true;
    this.told = told?.turn ?? 0;
    this.nodesKnown = tables?.turn ?? 0;
    this.nodes.push(...(tables?.nodeClasses ?? []));
  }

  private async proofAt(turn: number): Promise<ProofBegin> {
    const [hash, first] = [await this.store.hash(turn), await this.store.hash(1)];
    if (hash === null || first === null)
      throw new Error(`the snapshot is of turn ${turn}, which the log does not hold`);
    return { turn, hash: hash.toString('hex'), first: first.toString('hex') };
  }

  private async isOfThisLog({ turn, digest }: Kept): Promise<boolean> {
    const found = await turnAt(this.store, turn);
    return found !== null && turnDigest(encodeTurn(found)) === digest;
  }

  /** The next turns of the log. */
  tellTurns(turns: readonly Turn[], took?: TurnTimes): void {
    if (turns.length === 0) return;
    for (const { number, inputs } of turns)
      for (const input of number > this.nodesKnown ? inputs : [])
        if (input.type === 'NodesAdded') this.nodes.push(input.nodes);
    this.told = turns.at(-1)!.number;
    const texts = turns.map(encodeTurn);
    this.tell(took === undefined ? { type: 'turns', texts } : { type: 'turns', texts, took });
  }

  /** Says that it is ready when the opening turn is durable. */
  private async announce(opening: readonly Promise<Answer>[], { now }: LoopPorts): Promise<void> {
    const answers = await Promise.allSettled(opening);
    for (const answer of answers) {
      if (answer.status === 'rejected') {
        if (this.stopping || this.leaving) return;
        throw answer.reason;
      }
      const { decided } = answer.value;
      if (!decided.ok) throw new ConfigError(`the log cannot be begun: ${decided.rejection.detail}`);
    }
    failpoint('epoch-claimed');
    this.tell({ type: 'ready', now: now() });
  }

  /** The store, except that a full disk is waited for: nothing was written, and later there may be room. */
  private patient(): EventStore {
    const { store } = this;
    return {
      append: async (turn, expected, epoch) => {
        this.appending = turn;
        this.appendAt = performance.now();
        this.gate.beginAppend();
        for (let told = false; ; told = true) {
          try {
            const appended = await store.append(turn, expected, epoch);
            if (told) this.tell({ type: 'store', writable: true, detail: '' });
            return appended;
          } catch (error) {
            if (!isFull(error) || this.stopping) throw error;
            if (!told) this.tell({ type: 'store', writable: false, detail: (error as Error).message });
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          }
        }
      },
      read: (after) => store.read(after),
      head: () => store.head(),
      subscribe: (after) => store.subscribe(after),
      saveSnapshot: (snapshot) => store.saveSnapshot(snapshot),
      latestSnapshot: () => store.latestSnapshot(),
      close: () => store.close(),
    };
  }

  /** The world, except that the turn just appended is told before anybody hears more of it. */
  private watched({ world, onTurn }: LoopPorts, state: State): World {
    let asked = state.turn;
    this.made = null;
    return {
      next: async (wakeup) => {
        this.tellAppended(onTurn);
        // What it costs grows with what there is.
        if (state.turn - asked >= Math.max(SNAPSHOT_TURNS, state.leases.size)) {
          asked = state.turn;
          this.tell({ type: 'snapshot' });
        }
        await this.saveMade();
        const input = await world.next(wakeup);
        this.takenAt = performance.now();
        return input;
      },
      answer: (answers) => {
        this.tellAppended(onTurn);
        failpoint('turn-told');
        world.answer(answers);
      },
    };
  }

  /** The loop goes on only from turns that are durable, however their append went. */
  private tellAppended(onTurn: (turn: Turn) => void): void {
    const turn = this.appending;
    if (turn === null) return;
    this.appending = null;
    this.gate.endAppend();
    const took = { scheduleMs: this.appendAt - this.takenAt, appendMs: performance.now() - this.appendAt };
    onTurn(turn);
    this.tellTurns([turn], { at: performance.timeOrigin + this.takenAt, ...took });
  }

  /** At the end nobody waits for it. The follower's tables come first: they can be brought on from an earlier snapshot only. */
  private async saveLast(state: State): Promise<void> {
    if (await this.keep()) await this.save({ turn: state.turn, state: pack(encodeState(state)) });
  }

  private async saveMade(): Promise<void> {
    const { made } = this;
    this.made = null;
    if (made !== null) await this.save(made);
  }

  /** Saves time at the next start; where there is no room for it, the log alone will do. */
  private async save({ turn, state }: Made): Promise<void> {
    try {
      await this.store.saveSnapshot({ turn, version: STATE_VERSION, state });
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** The follower keeps its tables as they are now: a later start goes on from there. False: the disk refuses. */
  async keep(): Promise<boolean> {
    const kept = new Promise<boolean>((resolve) => {
      this.onKept = resolve;
    });
    this.tell({ type: 'keep' });
    return kept;
  }
}

async function turnAt(store: EventStore, number: number): Promise<Turn | null> {
  for await (const turn of store.read(number - 1)) return turn;
  return null;
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreError' && (error as { code?: unknown }).code === 'full';
}

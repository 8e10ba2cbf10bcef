/**
 * What the main thread and the loop's thread share without messages, since a thread that stands in a hanging disk reads
 * none: how long a turn has been waiting to be durable, and of each command whether it went into a turn or was withdrawn
 * before that. Exactly one of the two happens: a command that was withdrawn is never carried out.
 */

const WAITS = 0;
const TAKEN = 1;
const WITHDRAWN = 2;
const SINCE_BYTES = 8;

export class TurnGate {
  /** One number: when the append began, in milliseconds of a clock that all threads share; 0: none is under way. */
  private readonly since: BigInt64Array;
  private readonly commands: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.since = new BigInt64Array(memory, 0, 1);
    this.commands = new Int32Array(memory, SINCE_BYTES);
  }

  /** Memory for tickets 0 to `tickets` − 1. */
  static memory(tickets: number): SharedArrayBuffer {
    return new SharedArrayBuffer(SINCE_BYTES + 4 * tickets);
  }

  /** The command of this ticket is on its way to the loop. */
  send(ticket: number): void {
    Atomics.store(this.commands, ticket, WAITS);
  }

  /** True: the command will not be carried out. False: it is in a turn. */
  withdraw(ticket: number): boolean {
    return Atomics.compareExchange(this.commands, ticket, WAITS, WITHDRAWN) === WAITS;
  }

  /** True: the command goes into a turn. False: it was withdrawn. */
  take(ticket: number): boolean {
    return Atomics.compareExchange(this.commands, ticket, WAITS, TAKEN) === WAITS;
  }

  /** A turn is given to the store. */
  beginAppend(): void {
    if (Atomics.load(this.since, 0) === 0n) Atomics.store(this.since, 0, sharedNow());
  }

  /** The turn is durable. */
  endAppend(): void {
    Atomics.store(this.since, 0, 0n);
  }

  /** How long a turn has been waiting to be durable; 0: none is. */
  appendingMs(): number {
    const since = Atomics.load(this.since, 0);
    return since === 0n ? 0 : Number(sharedNow() - since);
  }
}

function sharedNow(): bigint {
  return process.hrtime.bigint() / 1_000_000n;
}

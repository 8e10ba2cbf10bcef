/**
 * The process beside the service for one host: started, watched, ended and started again. What was under way in one that
 * is gone may have been done: nobody knows until somebody looks.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { HypervisorError, type HypervisorListener } from '../hypervisor.js';
import { CALLS, type CallName, type FromWorker, legible, monotonicMs, type ToWorker } from './calls.js';
import { LANES_MAX } from './limits.js';

const WAITING_MAX = 1024;
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const CALL_BYTES_MAX = 4 * 1024 * 1024;
const OPEN_MS = 30_000;
const PING_MS = 2_000;
const SILENT_MS = 15_000;
const AGAIN_MS = { first: 500, most: 30_000 } as const;
const STDERR_MAX = 2_000;
/** What libvirt and ssh may need of the environment; secrets of the service are none of their business. */
const ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR'];

interface Waiting {
  readonly name: CallName;
  readonly args: readonly unknown[];
  readonly bytes: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: HypervisorError) => void;
  readonly until: number;
  timer: NodeJS.Timeout;
  sentAt: number | null;
}

type State = 'opening' | 'open' | 'down' | 'closed';

export class Connection {
  private state: State = 'down';
  private child: ChildProcess | null = null;
  private listener: HypervisorListener | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private waitingBytes = 0;
  private nextTicket = 1;
  private attempts = 0;
  private why = 'not connected yet';
  private stderr = '';
  private heardAt = 0;
  private pinging: NodeJS.Timeout | null = null;
  private again: NodeJS.Timeout | null = null;
  /** Whether anybody has been told that there is no connection. */
  private toldDown = false;

  constructor(
    private readonly uri: string,
    private readonly worker: URL,
  ) {
    this.open();
  }

  listen(listener: HypervisorListener): void {
    this.listener = listener;
    // Whoever comes late hears how things stand.
    const { state, why } = this;
    if (state === 'open') queueMicrotask(() => listener.connected());
    if (state === 'down') queueMicrotask(() => listener.disconnected(why));
  }

  call(name: CallName, args: readonly unknown[]): Promise<unknown> {
    const bytes = Buffer.byteLength(JSON.stringify(args));
    const refusal = this.refusal(bytes);
    if (refusal !== null) return Promise.reject(new HypervisorError('failed', `${name}: ${refusal}`));
    return new Promise((resolve, reject) => {
      const ticket = this.nextTicket++;
      const until = monotonicMs() + CALLS[name].ms;
      const timer = setTimeout(() => this.late(ticket), CALLS[name].ms);
      this.waiting.set(ticket, { name, args, bytes, resolve, reject, until, timer, sentAt: null });
      this.waitingBytes += bytes;
      if (this.state === 'open') this.send(ticket);
    });
  }

  private refusal(bytes: number): string | null {
    if (this.state === 'closed') return `the connection to ${this.uri} was closed`;
    if (this.state === 'down') return `not connected to ${this.uri}: ${this.why}`;
    if (bytes > CALL_BYTES_MAX) return `what is to be sent has more than ${CALL_BYTES_MAX} bytes`;
    if (this.waiting.size >= WAITING_MAX || this.waitingBytes + bytes > WAITING_BYTES_MAX)
      return `too much waits for ${this.uri} already; try again later`;
    return null;
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (this.again !== null) clearTimeout(this.again);
    await this.end();
    this.giveUp('the connection was closed');
  }

  private open(): void {
    this.state = 'opening';
    this.stderr = '';
    const child = fork(this.worker, [this.uri], {
      env: { ...environment(), LC_ALL: 'C.UTF-8', UV_THREADPOOL_SIZE: String(LANES_MAX + 8) },
      execArgv: ['--max-old-space-size=256'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.on('data', (text: Buffer) => {
      this.stderr = `${this.stderr}${text.toString('utf8')}`.slice(-STDERR_MAX);
    });
    child.on('message', (message: FromWorker) => this.hear(child, message));
    child.on('error', (error) => this.lost(child, error.message));
    child.on('exit', (code, signal) => this.lost(child, this.lastWords(code, signal)));
    const timer = setTimeout(() => {
      if (this.child === child && this.state === 'opening') this.lost(child, `no answer within ${OPEN_MS / 1000} s`);
    }, OPEN_MS);
    child.once('exit', () => clearTimeout(timer));
  }

  private lastWords(code: number | null, signal: NodeJS.Signals | null): string {
    const end = signal === null ? `exit code ${code}` : signal;
    return legible(`the process that talks to libvirt ended (${end})${this.stderr === '' ? '' : `: ${this.stderr}`}`);
  }

  private hear(child: ChildProcess, message: FromWorker): void {
    if (child !== this.child || this.state === 'closed') return;
    this.heardAt = monotonicMs();
    switch (message.type) {
      case 'opened':
        return this.opened();
      case 'over':
        return this.lost(child, message.why);
      case 'answer':
        return this.settle(message.ticket)?.resolve(message.value);
      case 'failure': {
        const waiting = this.settle(message.ticket);
        waiting?.reject(new HypervisorError(message.kind, `${waiting.name}: ${message.message}`, message.code));
        return;
      }
      case 'within':
        return this.extend(message.ticket, message.ms);
      case 'lifecycle':
        return this.listener?.lifecycle(message.uuid, message.event, message.detail);
      case 'pong':
        return;
    }
  }

  private opened(): void {
    this.state = 'open';
    this.attempts = 0;
    this.toldDown = false;
    this.pinging = setInterval(() => this.ping(), PING_MS);
    // Told first: who looks through the host begins before anybody else's calls are through.
    this.listener?.connected();
    for (const ticket of [...this.waiting.keys()]) this.send(ticket);
  }

  private send(ticket: number): void {
    const waiting = this.waiting.get(ticket);
    if (waiting === undefined || waiting.sentAt !== null) return;
    waiting.sentAt = monotonicMs();
    const { name, args, until } = waiting;
    this.post({ type: 'call', ticket, name, args, until });
  }

  private post(message: ToWorker): void {
    // A process that is ending takes nothing: that it ended is told separately.
    this.child?.send(message, () => {});
  }

  private ping(): void {
    this.post({ type: 'ping' });
    this.endIfSilentSince(monotonicMs() - SILENT_MS);
  }

  private extend(ticket: number, ms: number): void {
    const waiting = this.waiting.get(ticket);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.late(ticket), ms);
  }

  private late(ticket: number): void {
    const waiting = this.settle(ticket);
    if (waiting === undefined) return;
    waiting.reject(lostCall(waiting, `no answer from ${this.uri} in time`));
    if (waiting.sentAt !== null) this.endIfSilentSince(waiting.sentAt);
  }

  /** A process that stands still would go on with what nobody expects any more. */
  private endIfSilentSince(instant: number): void {
    const child = this.child;
    if (child === null || this.heardAt >= instant) return;
    // It may be us who stood still: what has come meanwhile is read first.
    setImmediate(() => {
      if (this.heardAt < instant) this.lost(child, 'the process that talks to libvirt does not answer');
    });
  }

  private settle(ticket: number): Waiting | undefined {
    const waiting = this.waiting.get(ticket);
    if (waiting === undefined) return undefined;
    this.waiting.delete(ticket);
    this.waitingBytes -= waiting.bytes;
    clearTimeout(waiting.timer);
    return waiting;
  }

  /** The process is gone, or has to go. */
  private lost(child: ChildProcess, why: string): void {
    if (child !== this.child || this.state === 'closed') return;
    this.state = 'down';
    this.why = why;
    void this.end();
    this.giveUp(`the connection to ${this.uri} was lost: ${why}`);
    if (!this.toldDown) {
      this.toldDown = true;
      this.listener?.disconnected(why);
    }
    this.again = setTimeout(() => this.open(), waitBeforeAttempt(this.attempts++));
  }

  private giveUp(why: string): void {
    for (const ticket of [...this.waiting.keys()]) {
      const waiting = this.settle(ticket);
      waiting?.reject(lostCall(waiting, why));
    }
  }

  /** Ends the process; done when it is gone. */
  private async end(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (this.pinging !== null) clearInterval(this.pinging);
    if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

/** What was never sent was never done; of everything else nobody has said no, and asking again may do. */
function lostCall({ name, sentAt }: Waiting, why: string): HypervisorError {
  return new HypervisorError(sentAt === null ? 'failed' : 'unknown', `${name}: ${why}`);
}

/** Doubles, from half a second to half a minute; a half of it by chance, so that not all come at once. */
function waitBeforeAttempt(attempt: number): number {
  const most = Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** Math.min(attempt, 16));
  return Math.max(AGAIN_MS.first, most / 2 + (Math.random() * most) / 2);
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * One connection to libvirt, with one call under way at a time: libvirt keeps errors by thread, and tells them by
 * connection, so two calls on one connection could not be told apart.
 */

import { HypervisorError } from '../hypervisor.js';
import { legible } from './calls.js';
import { call, callback, decode, free, now, type Pointer, textAt } from './library.js';

const MESSAGE_MAX = 64 * 1024;

/** virErrorNumber, as far as it makes a difference here. */
export const FAULT = {
  internal: 1,
  noSupport: 3,
  invalidArgument: 8,
  noDomain: 42,
  noNetwork: 43,
  noPool: 49,
  noVolume: 50,
  operationInvalid: 55,
  argumentUnsupported: 74,
  noMetadata: 80,
  blockCopyActive: 83,
} as const;

/** What libvirt said. */
export class LibvirtError extends Error {
  constructor(
    readonly code: number,
    readonly domain: number,
    message: string,
  ) {
    super(message);
  }
}

interface Fault {
  readonly code: number;
  readonly domain: number;
  readonly message: Pointer | null;
}

/** What was told last, by the number of the lane; 0: while a connection is made. */
const told = new Map<number, LibvirtError>();
let hearing: Pointer;

/** Once, before the first connection. */
export function hearErrors(): void {
  hearing = callback('void Hear(void *lane, void *error)', hear);
  now('virSetErrorFunc', null, hearing);
}

/** Runs while the thread of the call waits for it: the error lives no longer. */
function hear(lane: Pointer | null, error: Pointer | null): void {
  if (error === null) return;
  const { code, domain, message } = decode<Fault>(error, 'LibvirtFault');
  const text = message === null ? '' : (textAt(message, MESSAGE_MAX) ?? 'a message that is too long');
  told.set(Number(lane ?? 0n), new LibvirtError(code, domain, legible(text) || 'libvirt gave no reason'));
}

let laneNumber = 0;
let opening: Promise<unknown> = Promise.resolve();

/** Seconds between questions whether the other side is there, and how many may be left without an answer. */
const KEEP_ALIVE = { seconds: 5, missed: 3 };

export class Lane {
  private readonly number = ++laneNumber;
  /** Since when no call is under way on it. */
  freeSince = 0;

  private constructor(readonly connection: Pointer) {
    now('virConnSetErrorFunc', connection, BigInt(this.number), hearing);
  }

  /** Connections are made one after another: whose an error is could not be told otherwise. */
  static open(uri: string): Promise<Lane> {
    const next = opening.then(async () => {
      told.delete(0);
      const connection = await call<Pointer | null>('virConnectOpen', uri);
      if (connection === null) throw told.get(0) ?? new LibvirtError(0, 0, 'libvirt gave no reason');
      await call('virConnectSetKeepAlive', connection, KEEP_ALIVE.seconds, KEEP_ALIVE.missed);
      return new Lane(connection);
    });
    opening = next.catch(() => {});
    return next;
  }

  close(): void {
    told.delete(this.number);
    call('virConnectClose', this.connection).catch(() => {});
  }

  /** Whether calls may still get through; asks nobody. */
  get isAlive(): boolean {
    return now<number>('virConnectIsAlive', this.connection) === 1;
  }

  /** A function that gives a number, negative where it failed. */
  async status(name: string, ...args: Parameters<typeof call>[1][]): Promise<number> {
    const result = await this.run<number>(name, args);
    if (result < 0) throw this.fault(name);
    return result;
  }

  /** A function that gives an object, or null where it failed. */
  async pointer(name: string, ...args: Parameters<typeof call>[1][]): Promise<Pointer> {
    const result = await this.run<Pointer | null>(name, args);
    if (result === null) throw this.fault(name);
    return result;
  }

  /** A function that gives a text of its caller's. */
  async text(bytesMax: number, name: string, ...args: Parameters<typeof call>[1][]): Promise<string> {
    return taken(await this.pointer(name, ...args), bytesMax, name);
  }

  private run<T>(name: string, args: Parameters<typeof call>[1][]): Promise<T> {
    // C would read such a text as one that ends there.
    if (args.some((arg) => typeof arg === 'string' && arg.includes('\0')))
      throw new HypervisorError('failed', `${name}: a text contains a NUL character`);
    told.delete(this.number);
    return call<T>(name, ...args);
  }

  private fault(name: string): LibvirtError {
    return told.get(this.number) ?? new LibvirtError(0, 0, `${name} failed, and libvirt gave no reason`);
  }
}

/** The text at a pointer, which is freed. */
export function taken(pointer: Pointer, bytesMax: number, what: string): string {
  try {
    const text = textAt(pointer, bytesMax);
    if (text === null) throw new HypervisorError('failed', `${what}: the answer has more than ${bytesMax} bytes`);
    return text;
  } finally {
    free(pointer);
  }
}

/** Runs with an object of libvirt's, and lets go of it. */
export async function using<T>(
  pointer: Pointer,
  release: `vir${string}Free`,
  work: (pointer: Pointer) => Promise<T>,
): Promise<T> {
  try {
    return await work(pointer);
  } finally {
    now(release, pointer);
  }
}

/** As `work` says; what libvirt says with one of these codes is `otherwise` instead. */
export async function unless<T, U>(codes: readonly number[], otherwise: U, work: () => Promise<T>): Promise<T | U> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LibvirtError && codes.includes(error.code)) return otherwise;
    throw error;
  }
}

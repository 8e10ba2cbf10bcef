/** What a process did to its files and sockets, read from a trace of its system calls. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** For strace: the calls that the reader understands. Strings are whole, and in hexadecimal. */
export const CALLS =
  'open,openat,close,dup,pwrite64,write,writev,fsync,fdatasync,ftruncate,fallocate,rename,renameat,renameat2,' +
  'unlink,unlinkat,link,linkat,mkdir,mkdirat,accept4,clone,clone3,fork,vfork';
export const STRING_BYTES = 4 * 1024 * 1024;

/** A call that succeeded. Moments are numbers of lines: it began at `from`, and had returned at `until`. */
export interface Call {
  readonly name: string;
  readonly from: number;
  until: number;
  readonly args: string;
  readonly result: number;
}

/**
 * The calls of a trace that strace wrote with `-f -xx`, in the order in which they returned; of processes that the traced
 * one has begun, nothing: their files have numbers of their own.
 */
export async function readTrace(path: string): Promise<Call[]> {
  const calls: (Call & { readonly thread: string })[] = [];
  /** Who began each thread, and whether it is one of the same process. */
  const begunBy = new Map<string, { readonly by: string; readonly same: boolean }>();
  const unfinished = new Map<string, { readonly from: number; readonly text: string }>();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path, 'latin1') })) {
    line++;
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(text) ?? [];
    if (thread === undefined || rest === undefined) throw new Error(`${path}:${line}: not a line of strace`);
    if (/^(\+\+\+|---)/.test(rest)) continue;
    const begun = / <unfinished \.\.\.>$/.exec(rest);
    if (begun !== null) {
      unfinished.set(thread, { from: line, text: rest.slice(0, begun.index) });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest);
    const before = resumed === null ? null : unfinished.get(thread);
    if (before === undefined) throw new Error(`${path}:${line}: the beginning of the call is missing`);
    unfinished.delete(thread);
    const whole = before === null ? rest : before.text + rest.slice(resumed![0].length);
    const call = /^(\w+)\((.*)\) += (-?\d+|\?)/s.exec(whole);
    if (call === null) throw new Error(`${path}:${line}: not understood: ${whole.slice(0, 200)}`);
    const result = Number(call[3]);
    if (Number.isNaN(result) || result < 0) continue;
    const [, name, args] = call as unknown as [string, string, string];
    if (BEGINS.test(name)) begunBy.set(String(result), { by: thread, same: args.includes('CLONE_THREAD') });
    else calls.push({ thread, name, from: before?.from ?? line, until: line, args, result });
  }
  // A child may be heard of before the call that began it has returned: only now it is known who is whose.
  const isOwn = (thread: string): boolean => {
    const begun = begunBy.get(thread);
    return begun === undefined || (begun.same && isOwn(begun.by));
  };
  return calls.filter(({ thread }) => isOwn(thread)).map(({ thread: _, ...call }) => call);
}

const BEGINS = /^(clone3?|v?fork)$/;

/** The strings among the arguments. */
export function stringsOf(args: string): Buffer[] {
  return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)].map(([, text, cut]) => {
    if (cut !== undefined) throw new Error('the trace has cut a string short');
    return Buffer.from(text!.replaceAll('\\x', ''), 'hex');
  });
}

/** The number that is argument `index`, counted over arguments that are no strings. */
export function numberAt(args: string, index: number): number {
  const numbers = args
    .replaceAll(/"[^"]*"/g, '""')
    .split(', ')
    .map((text) => (/^(0[xX][0-9a-f]+|\d+)/.exec(text) === null ? Number.NaN : Number.parseInt(text, 10)));
  return numbers.at(index) ?? Number.NaN;
}

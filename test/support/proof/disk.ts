/**
 * What may be on a disk after a power loss, worked out from a trace of the process that wrote it. Surely there is what was
 * synced before. Of what was written later, any part may be there, down to single sectors of 512 bytes; a file's name is
 * surely there when its directory was synced after it was given; names that were not follow in their order.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../engine/index.js';
import { type Call, numberAt, stringsOf } from './trace.js';

const SECTOR = 512;

/** Something that a sync makes certain. */
interface Change {
  readonly from: number;
  readonly until: number;
}

interface Write extends Change {
  readonly offset: number;
  /** null: the file is cut, or filled with zeros, at `offset`. */
  readonly bytes: Buffer | null;
}

interface Sync {
  readonly from: number;
  readonly until: number;
}

/** A file or a directory, under whatever names. */
interface Node {
  readonly directory: boolean;
  readonly writes: Write[];
  readonly names: Naming[];
  readonly syncs: Sync[];
}

/** In a directory, `name` stands for `node` from now on; null: for nothing. */
interface Naming extends Change {
  readonly puts: readonly { readonly name: string; readonly node: Node | null }[];
}

export interface Sent {
  /** When the call that wrote it to a socket began. */
  readonly from: number;
  readonly text: string;
}

/** The part of the file system below `root`, which was empty when the trace began, through time. */
export class TracedDisk {
  readonly sent: Sent[] = [];
  /** The moments at which something here may have changed: after each, the power may fail. */
  readonly moments: number[] = [];
  private readonly top: Node = newNode(true);
  /** As the process sees it: path below root → node. */
  private readonly nodes = new Map<string, Node>([['', this.top]]);
  /** As `nodes`, with those that are no more. */
  private readonly earlier = new Map<string, Node>();
  private readonly open = new Map<number, { readonly node: Node | null; at: number }>();

  constructor(
    private readonly root: string,
    calls: readonly Call[],
  ) {
    for (const call of calls) this.apply(call);
  }

  /** The syncs of the file that had `path`, and its writes, for those who count. */
  file(path: string): { readonly writes: readonly Write[]; readonly syncs: readonly Sync[] } {
    const node = this.earlier.get(path);
    if (node === undefined) throw new Error(`${path} is not in the trace`);
    return node;
  }

  /** Writes to `target` what may be there when the power fails at `moment`. */
  image(moment: number, random: Random, target: string): void {
    mkdirSync(target, { recursive: true });
    const keep = random.pick(KEEPINGS);
    for (const [path, node] of this.tree(moment, random, this.top, '')) {
      const file = join(target, path);
      if (node.directory) mkdirSync(file, { recursive: true });
      else writeFileSync(file, contentOf(node, moment, random, keep), { mode: 0o600 });
    }
  }

  private *tree(moment: number, random: Random, directory: Node, at: string): Generator<[string, Node]> {
    const names = new Map<string, Node>();
    const begun = directory.names.filter(({ from }) => from < moment);
    const certain = begun.filter((naming) => syncedAt(naming, directory.syncs) < moment).length;
    const kept = certain + random.below(begun.length - certain + 1);
    for (const { puts } of begun.slice(0, kept)) {
      for (const { name, node } of puts) {
        if (node === null) names.delete(name);
        else names.set(name, node);
      }
    }
    for (const [name, node] of names) {
      const path = join(at, name);
      yield [path, node];
      if (node.directory) yield* this.tree(moment, random, node, path);
    }
  }

  private apply(call: Call): void {
    const act = ACTS[call.name];
    if (act === undefined) throw new Error(`the reader of traces does not know ${call.name}`);
    act.call(this, call);
  }

  /** The path below the root; null: elsewhere. */
  private below(path: Buffer | undefined): string | null {
    const text = path?.toString('utf8') ?? '';
    if (text === this.root) return '';
    return text.startsWith(`${this.root}/`) ? text.slice(this.root.length + 1) : null;
  }

  private name(call: Call, path: string, puts: Naming['puts']): void {
    this.moments.push(call.from + 1, call.until + 1);
    const at = dirname(path);
    const directory = this.nodes.get(at === '.' ? '' : at);
    if (directory === undefined) throw new Error(`${at}: a directory that the trace does not know`);
    directory.names.push({ from: call.from, until: call.until, puts });
  }

  opened(call: Call): void {
    const path = this.below(stringsOf(call.args)[0]);
    if (path === null) {
      this.open.set(call.result, { node: null, at: 0 });
      return;
    }
    let node = this.nodes.get(path);
    if (node === undefined) {
      if (!call.args.includes('O_CREAT')) throw new Error(`${path} was opened, and never made`);
      node = newNode(false);
      this.nodes.set(path, node);
      this.earlier.set(path, node);
      this.name(call, path, [{ name: path.split('/').at(-1)!, node }]);
    } else if (call.args.includes('O_TRUNC')) node.writes.push({ ...moments(call), offset: 0, bytes: null });
    this.open.set(call.result, { node, at: 0 });
  }

  wrote(call: Call): void {
    const open = this.open.get(numberAt(call.args, 0));
    this.moments.push(call.from + 1, call.until + 1);
    const bytes = Buffer.concat(stringsOf(call.args)).subarray(0, call.result);
    if (open === undefined) this.sent.push({ from: call.from, text: bytes.toString('utf8') });
    if (open === undefined || open.node === null) return;
    const offset = call.name === 'pwrite64' ? numberAt(call.args, -1) : open.at;
    if (call.name !== 'pwrite64') open.at += call.result;
    open.node.writes.push({ ...moments(call), offset, bytes });
  }

  synced(call: Call): void {
    this.moments.push(call.from + 1, call.until + 1);
    this.open.get(numberAt(call.args, 0))?.node?.syncs.push(moments(call));
  }

  cut(call: Call): void {
    const node = this.open.get(numberAt(call.args, 0))?.node;
    node?.writes.push({ ...moments(call), offset: numberAt(call.args, 1), bytes: null });
  }

  closed(call: Call): void {
    this.open.delete(numberAt(call.args, 0));
  }

  duplicated(call: Call): void {
    const open = this.open.get(numberAt(call.args, 0));
    if (open !== undefined) this.open.set(call.result, open);
  }

  connected(call: Call): void {
    this.open.delete(call.result);
  }

  renamed(call: Call): void {
    const [from, to] = stringsOf(call.args).map((path) => this.below(path));
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const node = this.nodes.get(from)!;
    if (dirname(from) !== dirname(to)) throw new Error('a name that moves to another directory is not understood');
    this.nodes.delete(from);
    this.nodes.set(to, node);
    this.earlier.set(to, node);
    this.name(call, to, [
      { name: from.split('/').at(-1)!, node: null },
      { name: to.split('/').at(-1)!, node },
    ]);
  }

  linked(call: Call): void {
    const [from, to] = stringsOf(call.args).map((path) => this.below(path));
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const node = this.nodes.get(from)!;
    this.nodes.set(to, node);
    this.name(call, to, [{ name: to.split('/').at(-1)!, node }]);
  }

  unlinked(call: Call): void {
    const path = this.below(stringsOf(call.args)[0]);
    if (path === null) return;
    this.nodes.delete(path);
    this.name(call, path, [{ name: path.split('/').at(-1)!, node: null }]);
  }

  made(call: Call): void {
    const path = this.below(stringsOf(call.args)[0]);
    if (path === null || path === '') return;
    const node = newNode(true);
    this.nodes.set(path, node);
    this.name(call, path, [{ name: path.split('/').at(-1)!, node }]);
  }
}

const ACTS: Readonly<Record<string, (this: TracedDisk, call: Call) => void>> = {
  open: TracedDisk.prototype.opened,
  openat: TracedDisk.prototype.opened,
  close: TracedDisk.prototype.closed,
  dup: TracedDisk.prototype.duplicated,
  pwrite64: TracedDisk.prototype.wrote,
  write: TracedDisk.prototype.wrote,
  writev: TracedDisk.prototype.wrote,
  fsync: TracedDisk.prototype.synced,
  fdatasync: TracedDisk.prototype.synced,
  ftruncate: TracedDisk.prototype.cut,
  fallocate: () => {},
  rename: TracedDisk.prototype.renamed,
  renameat: TracedDisk.prototype.renamed,
  renameat2: TracedDisk.prototype.renamed,
  unlink: TracedDisk.prototype.unlinked,
  unlinkat: TracedDisk.prototype.unlinked,
  link: TracedDisk.prototype.linked,
  linkat: TracedDisk.prototype.linked,
  mkdir: TracedDisk.prototype.made,
  mkdirat: TracedDisk.prototype.made,
  accept4: TracedDisk.prototype.connected,
};

/** Which writes that were not synced are there: some disks keep all, some none, some any part of any. */
type Keeping = 'none' | 'all' | 'first' | 'some' | 'torn';
const KEEPINGS: readonly Keeping[] = ['none', 'all', 'first', 'some', 'torn', 'torn'];

/** From when on the change surely is on the disk: the first sync that began after it has ended. */
export function syncedAt({ until }: Change, syncs: readonly Sync[]): number {
  let low = 0;
  for (let high = syncs.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (syncs[middle]!.from >= until) high = middle;
    else low = middle + 1;
  }
  return syncs[low]?.until ?? Number.POSITIVE_INFINITY;
}

function contentOf(node: Node, moment: number, random: Random, keep: Keeping): Buffer {
  const begun = node.writes.filter(({ from }) => from < moment);
  const last = node.syncs.filter(({ until }) => until < moment).at(-1);
  const certain = last === undefined ? 0 : begun.filter(({ until }) => until <= last.from).length;
  const first = random.below(begun.length - certain + 1);
  const content = new Content();
  for (const [index, write] of begun.entries()) {
    if (index < certain || keep === 'all') content.take(write);
    else if (keep === 'first' && index < certain + first) content.take(write);
    else if (keep === 'some' && random.chance(1, 2)) content.take(write);
    else if (keep === 'torn' && random.chance(2, 3)) {
      for (const piece of sectorsOf(write)) if (random.chance(1, 2)) content.take(piece);
    }
  }
  return content.bytes();
}

/** A disk writes sectors, whole and in any order. */
function sectorsOf(write: Write): Write[] {
  if (write.bytes === null) return [write];
  const pieces: Write[] = [];
  for (let at = 0; at < write.bytes.length; ) {
    const room = SECTOR - ((write.offset + at) % SECTOR);
    pieces.push({ ...write, offset: write.offset + at, bytes: write.bytes.subarray(at, at + room) });
    at += room;
  }
  return pieces;
}

class Content {
  private buffer = Buffer.alloc(64 * 1024);
  private length = 0;

  take({ offset, bytes }: Write): void {
    const end = offset + (bytes?.length ?? 0);
    if (end > this.buffer.length) {
      const larger = Buffer.alloc(2 * end);
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    if (bytes === null) {
      if (offset < this.length) this.buffer.fill(0, offset, this.length);
      this.length = offset;
    } else {
      bytes.copy(this.buffer, offset);
      this.length = Math.max(this.length, end);
    }
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

function newNode(directory: boolean): Node {
  return { directory, writes: [], names: [], syncs: [] };
}

function moments({ from, until }: Call): Change {
  return { from, until };
}

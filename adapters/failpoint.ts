/**
 * Failpoints: places at every boundary of durability where a test can end the process, let an operation fail, or let it
 * hang. They do nothing unless the environment says so when the process begins:
 *
 *     LEASEHOLD_FAILPOINT=append-committed@3=kill,anchor-written=error:EIO,append-begin@2+=sleep:5000
 *
 * `@3`: only the third time, `@2+`: from the second time on, otherwise every time. Without the variable one costs a comparison.
 */

/** Every failpoint, and what has just happened there, or is about to. docs/proof.md tells the same. */
export const FAILPOINTS = {
  'directory-made': 'the data directory is made, and not yet synced into its parent',
  'file-created': 'a file of the store is made, and its directory is not yet synced',
  'lock-taken': 'the lock is taken; the note of who holds it is not yet written',
  'schema-begin': 'the tables of a new store are about to be made',
  'schema-made': 'the tables of a new store are made',
  'format-raising': 'a store of an earlier format is brought to this one, in a transaction that is not yet committed',
  'format-raised': 'a store of an earlier format has been brought to this one',
  'anchor-part': 'a new anchor is written under its temporary name',
  'anchor-named': 'a new anchor has its name; its directory is not yet synced',
  'store-opened': 'the store is open; the log has not been read',
  'epoch-claim': 'the turn that takes the log over is about to be taken',
  'epoch-claimed': 'the log is taken over; nobody has been told that the service is ready',
  'append-begin': 'a turn is about to be appended; nothing of it is written',
  'append-inserted': 'a turn is in a transaction that is not yet committed',
  'append-committed': 'a turn is committed and synced; the anchor does not know of it',
  'anchor-written': 'the anchor is written, and not yet synced',
  'anchor-synced': 'the anchor is synced; nobody has been told of the turn',
  'checkpoint-begin': 'the write-ahead log is about to be brought into the database',
  'checkpoint-done': 'the write-ahead log has been brought into the database',
  'snapshot-begin': 'a snapshot is about to be saved',
  'snapshot-inserted': 'a snapshot is in a transaction that is not yet committed',
  'snapshot-saved': 'a snapshot is saved',
  'turn-told': 'readers have been told of the turn; whoever asked for it has no answer yet',
  'answer-begin': 'the answer to a request is about to be written to its socket',
  'answer-sent': 'the answer to a request is on its way',
  'enact-begin': 'an order is about to be given to the cluster',
  'enact-done': 'the cluster has the order',
  'vm-prepared': 'a VM has its disks on its host, and is not defined there',
  'vm-defined': 'a VM is defined, and not started',
  'vm-started': 'a VM runs, and nobody has been told',
  'vm-booting': 'a VM runs, and is not ready yet',
  'vm-saved': 'the memory of a VM is in its file, which was not read back',
  'vm-suspended': 'a VM is suspended, and nobody has been told',
  'vm-restored': 'a VM runs on, and is still on record as suspended',
  'vm-resumed': 'a VM is resumed, and nobody has been told',
  'vm-acting': 'a VM is about to be reset or told to reboot, and that is on record',
  'vm-acted': 'a VM was reset or told to reboot, and that is not on record yet',
  'vm-carried': 'saved VMs are whole on the hosts that they are carried to, and still on those that they come from',
  'vm-left': 'saved VMs are on the hosts that they were carried to alone, and nobody has been told',
  'vm-moving': 'a VM that runs is about to be moved; the other host has what it needs',
  'vm-moved': 'a VM runs on another host, and is still on record as on its way',
  'disk-copying': 'the disk of a VM that runs is about to be copied to another directory, and that is on record',
  'disk-copied': 'a VM goes on from the copy of its disk, and is still on record with the old one',
  'image-keeping': 'a VM that writes its image is off; its disk is about to be read, and that is not on record',
  'image-saved': 'what a VM has written is in the repository, and the log does not know of it',
  'image-kept': 'what a VM has written is in its image, and its disk still on its host',
  'vm-stopped': 'a VM is gone with all it had, and nobody has been told',
  'journal-begin': 'the cluster is about to note what it has done',
  'journal-written': 'the cluster has noted it, and not yet synced it',
  'journal-synced': 'the cluster has noted it on disk; the scheduler has not been told',
  'journal-copied': 'the journal is written anew under its temporary name, and not yet synced',
  'journal-copy-synced': 'the new journal is synced, and the old one still has the name',
  'journal-named': 'the new journal has the name; its directory is not yet synced',
  'token-written': 'the admin token is written and synced under a temporary name',
  'token-named': 'the admin token has its name; its directory is not yet synced',
  'stream-flush': 'a turn is about to be written to somebody who follows the log',
  'stop-begin': 'the service was told to stop',
  'cluster-closed': 'the cluster is closed, the store still open',
  'store-closing': 'the store is about to be closed',
  'store-closed': 'the database and the anchor are closed; the lock is still held',
  'copy-written': 'a copy of the store is written and synced; its anchor is not',
  'copy-anchored': 'a copy has its anchor, and still a temporary name',
  'copy-named': 'a copy has its name; its directory is not yet synced',
  'export-written': 'an exported log is written and synced under its temporary name',
  'export-named': 'an exported log has its name; its directory is not yet synced',
  'seal-written': 'turns are in a sealed file that was read back, and still in the store',
  'seal-removed': 'sealed turns have left the store',
} as const;

export type Failpoint = keyof typeof FAILPOINTS;

/** At a named place. Without LEASEHOLD_FAILPOINT nothing happens. */
export function failpoint(name: Failpoint): void {
  if (armed !== null) reach(armed, name);
}

/** What is armed in this process, for a warning at its start; null: nothing. Throws an Error where it makes no sense. */
export function armedFailpoints(): string | null {
  if (fault !== null) throw new Error(fault);
  return armed === null ? null : [...armed.keys()].join(', ');
}

type Action =
  | { readonly kind: 'kill' }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'sleep'; readonly ms: number };

interface Armed {
  readonly action: Action;
  /** The times at which it acts: from the first to the last. */
  readonly from: number;
  readonly until: number;
  reached: number;
}

const VARIABLE = 'LEASEHOLD_FAILPOINT';
const PART = /^([a-z-]+)(?:@([1-9]\d{0,8})(\+)?)?=(?:(kill)|error:([A-Z][A-Z0-9_]{1,63})|sleep:(\d{1,7}))$/;

let fault: string | null = null;
const armed = parse(process.env[VARIABLE] ?? '');

function parse(text: string): Map<string, Armed> | null {
  if (text === '') return null;
  const found = new Map<string, Armed>();
  for (const part of text.split(',')) {
    const [, name = '', nth, on, , code, ms] = PART.exec(part) ?? [];
    if (!Object.hasOwn(FAILPOINTS, name)) {
      fault = `${VARIABLE}: "${part.slice(0, 100)}" is no failpoint; write NAME[@N[+]]=kill, error:CODE or sleep:MS`;
      return null;
    }
    const action: Action =
      code !== undefined
        ? { kind: 'error', code }
        : ms !== undefined
          ? { kind: 'sleep', ms: Number(ms) }
          : { kind: 'kill' };
    const from = Number(nth ?? 1);
    found.set(name, { action, from, until: nth === undefined || on ? Number.POSITIVE_INFINITY : from, reached: 0 });
  }
  return found;
}

function reach(points: ReadonlyMap<string, Armed>, name: Failpoint): void {
  const point = points.get(name);
  if (point === undefined) return;
  point.reached++;
  if (point.reached < point.from || point.reached > point.until) return;
  const { action } = point;
  // The system ends all threads of the process before this call returns.
  if (action.kind === 'kill') process.kill(process.pid, 'SIGKILL');
  // The thread stands still, as it does when a disk hangs.
  else if (action.kind === 'sleep') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.ms);
  else throw Object.assign(new Error(`${action.code}: failpoint ${name}`), { code: action.code });
}

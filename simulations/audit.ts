/**
 * `leasehold audit`: a log held against its hashes and what was kept of it elsewhere, and replayed through today's
 * scheduler. One reading of the log does both.
 */

import { readFileSync } from 'node:fs';
import { Trust, readCheckpoints, readPublicKeys } from '../adapters/event-store/checkpoints.js';
import { GENESIS } from '../adapters/event-store/chain.js';
import { CodecError, type Divergence, UnknownRulesError } from '../engine/index.js';
import { InputError, USAGE } from './input-error.js';
import { type Fault, LogChain } from './log-chain.js';
import { type Claim, type LogSource, type SourceEntry, type SourceOptions, claimOf, openSource } from './log-source.js';
import { Replayed } from './replayed.js';

export { entriesOf } from './log-source.js';

export interface AuditOptions extends SourceOptions {
  /** False: the hashes alone. */
  readonly replay?: boolean;
  /** Files of anchors. */
  readonly anchors?: readonly string[];
  /** A file of signed checkpoints, and the public keys that are trusted. */
  readonly checkpoints?: string | undefined;
  readonly pubkey?: string | undefined;
  /** A file of receipts. */
  readonly receipts?: string | undefined;
  /** The first turn that is held against its hash. */
  readonly from?: number;
}

/** What the replay found. `divergence` null and `checkpoint` null: today's scheduler decides as the log says. */
export interface ReplayResult {
  readonly decisions: number;
  readonly leases: number;
  readonly eventsPerSecond: number;
  /** SHA-256 over the decisions recorded: the `digest` of the simulation that wrote the log. */
  readonly digest: string;
  readonly divergence: Divergence | null;
  /** The first checkpoint of the log that does not agree, where no decision differs: some input was altered before it. */
  readonly checkpoint: { readonly turn: number; readonly after: number } | null;
}

export interface ChainResult {
  readonly turns: number;
  readonly seconds: number;
  readonly turnsPerSecond: number;
  readonly peakRssMiB: number;
  /** Where the log ends, and which it is (the hash of its first turn); null: nothing asked for hashes. */
  readonly head: { readonly turn: number; readonly hash: string } | null;
  readonly log: string | null;
  /** Whether the log keeps hashes of its own. */
  readonly hashes: boolean;
  /** How many anchors, checkpoints and receipts were held against it. */
  readonly compared: number;
  readonly faults: readonly Fault[];
  readonly counts: LogChain['counts'];
}

export type AuditResult = ChainResult & Partial<ReplayResult>;

export interface Audited {
  readonly result: AuditResult;
  /** The log could not be read to its end. */
  readonly failure: Error | null;
}

const PROGRESS_EVERY = 4096;

/** Replays the whole log. Throws what the reader of the log throws, and UnknownRulesError. */
export async function auditLog(options: AuditOptions): Promise<AuditResult & ReplayResult> {
  const { result, failure } = await auditWhole({ ...options, replay: true });
  if (failure !== null) throw failure;
  return result as AuditResult & ReplayResult;
}

/** As far as the log can be read; what then keeps it from being read on is in the result. */
export async function auditWhole(
  options: AuditOptions,
  onProgress: ((turns: number) => void) | null = null,
): Promise<Audited> {
  const begin = performance.now();
  const { replay = true, from = 1 } = options;
  // 1. What the log is held against.
  const keys = options.pubkey === undefined ? null : readPublicKeys(options.pubkey);
  const claims = [...(options.anchors ?? []).flatMap(claimOf), ...receiptsOf(options.receipts)];
  const source = await openSource(options, options.anchors !== undefined && options.anchors.length > 0);
  try {
    const before = from === 1 ? GENESIS : await source.hash(from - 1);
    const after = before === null ? { turn: 0, hash: GENESIS } : { turn: from - 1, hash: before };
    const chain = new LogChain(after, [...source.claims, ...claims], from, keys && new Trust(keys), !replay);
    if (options.checkpoints !== undefined && keys !== null)
      takeCheckpoints(chain, options.checkpoints, new Trust(keys));
    // 2. One reading for both.
    const replayed = replay ? new Replayed() : null;
    const failure = await readThrough(source, after.turn, chain, replayed, onProgress);
    if (failure === null) chain.end();
    // 3. What was found.
    const seconds = (performance.now() - begin) / 1000;
    const result = { ...chainResult(chain, seconds), ...(replayed && replayResult(replayed, seconds)) };
    return { result, failure };
  } finally {
    await source.close();
  }
}

/**
 * Reads the log once: for its hashes to the end, and for the replay as long as that agrees. What keeps it from being read
 * on, or else a turn that is none; null: nothing.
 */
async function readThrough(
  source: LogSource,
  after: number,
  chain: LogChain,
  replayed: Replayed | null,
  onProgress: ((turns: number) => void) | null,
): Promise<Error | null> {
  let failure: Error | null = null;
  const replay = (entry: SourceEntry): void => {
    if (replayed === null || failure !== null || replayed.divergence !== null || replayed.disagreement !== null) return;
    if ('checkpoint' in entry) replayed.checkpoint(entry.checkpoint);
    if (!('text' in entry)) return;
    try {
      replayed.turn(entry.text);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      failure = source.damage(entry, error);
    }
  };
  try {
    for await (const lot of source.entries(after))
      for (const entry of lot) {
        chain.take(entry);
        if (chain.turn % PROGRESS_EVERY === 0) onProgress?.(chain.turn);
        replay(entry);
      }
  } catch (error) {
    if (error instanceof UnknownRulesError) throw error;
    failure ??= error as Error;
  }
  return failure;
}

/** Each file of checkpoints is trusted in its own order. */
function takeCheckpoints(chain: LogChain, path: string, trust: Trust): void {
  for (const { line, checkpoint } of readCheckpoints(path)) {
    chain.takeSigned(checkpoint, `the checkpoint ${path}:${line}`, trust);
  }
}

const RECEIPT = /^pos=(\d{1,15});hash=([0-9a-f]{64})$/;

function receiptsOf(path: string | undefined): Claim[] {
  if (path === undefined) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError((error as Error).message, { file: path }, 'Give the file in which receipts were kept.', USAGE);
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line === '') return [];
    const [, turn, hash] = RECEIPT.exec(line) ?? [];
    const hint = 'A line is pos=<turn>;hash=<64 hex>, as the header Receipt says it.';
    if (turn === undefined) throw new InputError('is no receipt', { file: path, line: index + 1 }, hint, USAGE);
    return [{ turn: Number(turn), hash: Buffer.from(hash!, 'hex'), where: `the receipt ${path}:${index + 1}` }];
  });
}

function chainResult(chain: LogChain, seconds: number): ChainResult {
  const { turn, hash, first, kept, compared, faults, counts } = chain;
  return {
    turns: turn,
    seconds,
    turnsPerSecond: turn / seconds,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    head: hash === null ? null : { turn, hash: hash.toString('hex') },
    log: first?.toString('hex') ?? null,
    hashes: kept,
    compared,
    faults,
    counts,
  };
}

function replayResult(replayed: Replayed, seconds: number): ReplayResult {
  const { decisions, events, state, divergence, disagreement } = replayed;
  return {
    decisions,
    leases: state.nextSequence - 1,
    eventsPerSecond: events / seconds,
    digest: replayed.digest(),
    divergence,
    checkpoint: disagreement,
  };
}

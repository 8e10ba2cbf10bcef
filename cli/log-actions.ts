/** What `leasehold log` does. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isStoreUrl, storeAt } from '../adapters/event-store/by-url.js';
import type { ChainedLog } from '../adapters/event-store/chain.js';
import { publicPath, rotateCheckpointKey } from '../adapters/event-store/checkpoint-key.js';
import { keyId, readCheckpoints, readPublicKeys } from '../adapters/event-store/checkpoints.js';
import { exportTurns } from '../adapters/event-store/export.js';
import { LogWriter } from '../adapters/event-store/log-writer.js';
import { anchorAnew, openSqliteStore } from '../adapters/event-store/sqlite.js';
import { backUp, restore } from '../adapters/event-store/sqlite-backup.js';
import { seal, type Until } from '../adapters/event-store/sqlite-seal.js';
import { sealedDirectory } from '../adapters/event-store/sqlite-sealed.js';
import type { Anchored } from '../adapters/event-store/anchor.js';
import { encodeTurn, type EventStore } from '../engine/index.js';
import { InputError, USAGE } from '../simulations/input-error.js';
import { type TailOptions, tailOf } from './log-tail.js';
import { type Format, printOne, printValue, write } from './output.js';

export interface Options {
  readonly anchor?: string;
}

interface KeyOptions {
  readonly dataDir: string;
  readonly checkpointKey?: string;
  readonly checkpoints?: string;
  readonly rotate?: boolean;
}

export async function stats(
  path: string,
  { output, ...options }: Options & { readonly output: Format },
): Promise<void> {
  const store = await opened(path, options);
  try {
    const figures = await figuresOf(store);
    if (output !== 'table') return await printValue(figures, output as 'json' | 'yaml');
    const fields = Object.keys(figures) as (keyof typeof figures)[];
    await printOne(
      figures,
      fields.map((title) => ({ title, value: (all) => all[title] })),
      output,
    );
  } finally {
    await store.close();
  }
}

/** Every turn is read, and so checked. */
async function figuresOf(store: EventStore) {
  const { epoch } = await store.head();
  const figures = { turns: 0, epoch, inputs: 0, decisions: 0, leases: 0, from: '', until: '', textMiB: 0 };
  let bytes = 0;
  for await (const turn of store.read(0)) {
    const time = new Date(turn.now).toISOString();
    figures.from ||= time;
    figures.until = time;
    figures.turns = turn.number;
    figures.inputs += turn.inputs.length;
    figures.decisions += turn.decisions.length;
    for (const input of turn.inputs) if (input.type === 'LeaseRequested') figures.leases++;
    bytes += encodeTurn(turn).length;
  }
  return { ...figures, textMiB: Number((bytes / 2 ** 20).toFixed(1)) };
}

export async function tail(path: string, options: Options & TailOptions): Promise<void> {
  const store = await opened(path, options);
  try {
    await tailOf(store, options);
  } finally {
    await store.close();
  }
}

export async function exportLog(
  path: string,
  file: string,
  options: Options & { readonly checkpoints?: string },
): Promise<void> {
  if (existsSync(file)) throw new InputError('is there already', { file }, 'Choose another name.', USAGE);
  const beside = isStoreUrl(path) ? null : join(dirname(path), 'checkpoints.ndjson');
  const kept = options.checkpoints ?? (beside !== null && existsSync(beside) ? beside : null);
  const checkpoints = kept === null ? [] : readCheckpoints(kept).flatMap(({ checkpoint }) => checkpoint ?? []);
  const store = await opened(path, options);
  try {
    const { revision } = await store.head();
    const log = new LogWriter(file);
    try {
      const shown = isStoreUrl(path) ? (await storeAt(path)).shown : path;
      const end = await exportTurns(store, shown, revision, checkpoints, log);
      await log.finish();
      await tell(end);
    } catch (error) {
      await log.abandon();
      throw error;
    }
  } finally {
    await store.close();
  }
}

export async function backup(path: string, file: string, { anchor }: Options): Promise<void> {
  await tell(await backUp(path, file, anchor));
}

export async function restoreStore(
  file: string,
  path: string,
  { anchor, acceptLoss }: Options & { readonly acceptLoss?: boolean },
): Promise<void> {
  const restored = restore(file, path, acceptLoss === true, anchor);
  await tell(restored);
  if (restored.lost > 0) await write(`${restored.lost} turns that were acknowledged are lost\n`);
}

export async function sealTurns(path: string, { before, anchor }: Options & { readonly before: Until }): Promise<void> {
  const sealed = await seal(path, before, anchor);
  if (sealed === null) return await write('nothing to seal: turns that the snapshots have not stay where they are\n');
  const { first, last, hash, file } = sealed;
  await write(`turns ${first} to ${last}, ${hash.toString('hex')}: ${join(sealedDirectory(path), file)}\n`);
}

export async function makeAnchor(path: string, { anchor }: Options): Promise<void> {
  await tell(anchorAnew(path, anchor));
}

export async function forget(project: string, { personalKeys }: { readonly personalKeys: string }): Promise<void> {
  const { destroyKeys } = await import('../adapters/project-keys/project-keys.js');
  let destroyed: number;
  try {
    destroyed = destroyKeys(personalKeys, project === '' ? null : project);
  } catch (error) {
    throw new InputError((error as Error).message, { file: personalKeys }, 'Give the directory of the service.', 3);
  }
  if (destroyed === 0)
    throw new InputError(
      `there is no key of project "${project}"`,
      { file: personalKeys },
      'Nothing was destroyed. Keys may also be in backups of the directory.',
      3,
    );
  await write(`${destroyed} ${destroyed === 1 ? 'key' : 'keys'} destroyed\n`);
}

/** The key that signs checkpoints; `rotate`: it introduces another one, which signs from then on. */
export async function checkpointKey(options: KeyOptions): Promise<void> {
  const { dataDir, rotate } = options;
  const path = options.checkpointKey ?? join(dataDir, 'checkpoint.key');
  const file = options.checkpoints ?? join(dataDir, 'checkpoints.ndjson');
  if (rotate === true) await write(`${JSON.stringify(rotateCheckpointKey(path, file, new Date()))}\n`);
  for (const key of readPublicKeys(publicPath(path))) {
    await write(`${keyId(key)}\n${key.export({ type: 'spki', format: 'pem' }) as string}`);
  }
}

async function tell({ turn, hash }: Anchored): Promise<void> {
  await write(`turn ${turn}, ${hash.toString('hex')}\n`);
}

async function opened(path: string, { anchor }: Options): Promise<EventStore & ChainedLog> {
  if (isStoreUrl(path)) return (await storeAt(path)).open(true, anchor);
  return openSqliteStore(path, anchor === undefined ? { readOnly: true } : { readOnly: true, anchor });
}

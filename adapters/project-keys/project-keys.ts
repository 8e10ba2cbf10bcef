/** The keys of projects: a directory with a file for each. Another process may take one away at any time: then it is gone. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, syncDirectory } from '../durable-files.js';

const KEY_BYTES = 32;
const KEYS_MAX = 10_000;
const KEY_FILE = /^([0-9a-f]{16})\.key$/;

/** The directory cannot be used, or a key in it. Messages name no path: clients may see them. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

interface ProjectKey {
  readonly id: string;
  readonly project: string | null;
  readonly key: Buffer;
}

export class ProjectKeys {
  private readonly byId = new Map<string, ProjectKey>();
  private readonly latest = new Map<string | null, ProjectKey>();

  /** Throws a KeysError where others could read the keys, or one is damaged. */
  constructor(private readonly directory: string) {
    try {
      makeDirectory(directory);
      if ((statSync(directory).mode & 0o077) !== 0)
        throw new KeysError(`others than its owner have access to ${directory}; run: chmod 700 ${directory}`);
      for (const { id } of keyFiles(directory)) this.withId(id);
    } catch (error) {
      if (error instanceof KeysError) throw error;
      throw new KeysError(`the keys in ${directory} cannot be used: ${(error as Error).message}`);
    }
  }

  /** The key for what is new of a project; made where there is none. */
  of(project: string | null): ProjectKey {
    const known = this.latest.get(project);
    if (known !== undefined && existsSync(this.pathOf(known.id))) return known;
    if (this.byId.size >= KEYS_MAX)
      throw new KeysError(`there are keys for ${KEYS_MAX} projects, and no more are made`);
    const made = { id: randomBytes(8).toString('hex'), project, key: randomBytes(KEY_BYTES) };
    try {
      this.store(made);
    } catch (error) {
      throw new KeysError(`it cannot be stored (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
    return made;
  }

  /** Null: there is no such key, or not any more. */
  withId(id: string): Buffer | null {
    if (!/^[0-9a-f]{16}$/.test(id) || !existsSync(this.pathOf(id))) return null;
    const known = this.byId.get(id);
    if (known !== undefined) return known.key;
    const { project, key } = JSON.parse(readFileSync(this.pathOf(id), 'utf8')) as {
      project: string | null;
      key: string;
    };
    const found = { id, project, key: Buffer.from(key, 'base64url') };
    if (found.key.length !== KEY_BYTES) throw new KeysError(`${id}.key holds no key`);
    this.note(found);
    return found.key;
  }

  /** On disk before it is used: what it seals is lost without it. */
  private store(made: ProjectKey): void {
    const part = `${this.pathOf(made.id)}.part`;
    const file = openSync(part, 'wx', 0o600);
    try {
      writeSync(file, `${JSON.stringify({ project: made.project, key: made.key.toString('base64url') })}\n`);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, this.pathOf(made.id));
    syncDirectory(this.directory);
    this.note(made);
  }

  private note(key: ProjectKey): void {
    this.byId.set(key.id, key);
    this.latest.set(key.project, key);
  }

  private pathOf(id: string): string {
    return join(this.directory, `${id}.key`);
  }
}

/** Destroys the keys of a project, and returns how many there were. A service that uses them notices at once. */
export function destroyKeys(directory: string, project: string | null): number {
  let destroyed = 0;
  for (const { path } of keyFiles(directory)) {
    if ((JSON.parse(readFileSync(path, 'utf8')) as { project: string | null }).project !== project) continue;
    const file = openSync(path, 'r+');
    try {
      // Some file systems leave the old text somewhere all the same: see the documentation.
      writeSync(file, '0'.repeat(statSync(path).size), 0);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    rmSync(path);
    destroyed++;
  }
  if (destroyed > 0) syncDirectory(directory);
  return destroyed;
}

function keyFiles(directory: string): { readonly id: string; readonly path: string }[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const id = KEY_FILE.exec(name)?.[1];
      return id === undefined ? [] : [{ id, path: join(directory, name) }];
    });
}

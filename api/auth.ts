/** The admin token: made at the first start, kept in a file that only its owner reads, compared in constant time. */

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, syncDirectory } from '../adapters/durable-files.js';
import { failpoint } from '../adapters/failpoint.js';
import { ConfigError } from './config.js';

export const TOKEN_FILE = 'admin.token';
const TOKEN = /^[A-Za-z0-9_-]{32,256}$/;

/**
 * The token in `file`, or that of the data directory, made where there is none. Throws a ConfigError where others could
 * read it.
 */
export function adminToken(dataDir: string, file: string | null): { readonly token: string; readonly path: string } {
  const path = join(dataDir, TOKEN_FILE);
  prepareDirectory(dataDir);
  if (file !== null) return { token: readToken(file), path: file };
  if (!existsSync(path)) makeToken(path, dataDir);
  return { token: readToken(path), path };
}

/** The file is there whole or not at all, also after a power loss, and of two services that make it at once one does. */
function makeToken(path: string, dataDir: string): void {
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
    failpoint('token-written');
    linkSync(part, path);
    failpoint('token-named');
    syncDirectory(dataDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  } finally {
    rmSync(part, { force: true });
  }
}

/** What a secret is recognised by. */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Whether it is the secret of that digest. Takes the same time whatever is given. */
export function isSecret(given: string, digest: Buffer): boolean {
  return timingSafeEqual(secretDigest(given), digest);
}

function prepareDirectory(dataDir: string): void {
  try {
    makeDirectory(dataDir);
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

function readToken(path: string): string {
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      throw new ConfigError(`${path} can be read by others than its owner; run: chmod 600 ${path}`);
    }
    const token = readFileSync(path, 'utf8').trim();
    if (TOKEN.test(token)) return token;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unusable(path, error);
  }
  throw new ConfigError(
    `${path} holds no token (32 to 256 letters, digits, - and _); remove it to have a new one made`,
  );
}

function unusable(path: string, error: unknown): ConfigError {
  return new ConfigError(`${path} cannot be used: ${(error as Error).message}; choose another with --data-dir`);
}

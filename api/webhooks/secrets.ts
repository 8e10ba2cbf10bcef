/**
 * What webhooks are signed with. No secret is kept anywhere: each follows from a key in a file of the service, the webhook and
 * how often its secret was changed. So nothing in the log, and nothing that is answered, helps to sign.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory, syncDirectory } from '../../adapters/durable-files.js';
import { ConfigError } from '../config.js';

export const WEBHOOK_KEY_FILE = 'webhook.key';
const KEY = /^[A-Za-z0-9_-]{43}$/;

export class WebhookSecrets {
  /** Tells this key from others, and nothing else of it. */
  readonly keyId: string;

  constructor(private readonly key: Buffer) {
    this.keyId = derived(key, 'leasehold webhook key id').toString('hex').slice(0, 16);
  }

  /** The key in `file`, made where there is none. Throws a ConfigError where others could read it. */
  static open(file: string): WebhookSecrets {
    try {
      if (!existsSync(file)) makeKey(file);
      if ((statSync(file).mode & 0o077) !== 0)
        throw new ConfigError(`${file} can be read by others than its owner; run: chmod 600 ${file}`);
      const text = readFileSync(file, 'utf8').trim();
      if (KEY.test(text)) return new WebhookSecrets(Buffer.from(text, 'base64url'));
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(`${file} cannot be used: ${(error as Error).message}; choose another with --webhook-key`);
    }
    throw new ConfigError(`${file} holds no key of webhooks (32 bytes as base64url); put back the one that was there`);
  }

  /** 256 bits. `generation` counts the secrets that the webhook has had. */
  of(webhook: string, generation: number): Buffer {
    return derived(this.key, `leasehold webhook secret ${webhook} ${generation}`);
  }
}

/** As receivers are given it. */
export function secretText(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

function derived(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** It is there whole or not at all, and of two services that make it at once one does. */
function makeKey(file: string): void {
  const part = `${file}.${process.pid}.part`;
  makeDirectory(dirname(file));
  try {
    writeFileSync(part, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
    linkSync(part, file);
    syncDirectory(dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

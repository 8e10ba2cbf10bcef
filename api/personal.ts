/**
 * Names and labels of leases may tell of persons. Where the service has keys, they are in the log encrypted (AES-256-GCM),
 * with a key of their project: who destroys the key has erased them, and the log's chain still holds.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Terms } from '../engine/index.js';
import { Problem } from './problems.js';

/** What was said of a lease beside what it needs. Erased: nothing. */
export interface Said {
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the keys are. */
export interface Keys {
  /** The key for what is new of a project. Throws where none can be made. */
  of(project: string | null): { readonly id: string; readonly key: Buffer };
  /** Null: there is no such key, or not any more. */
  withId(id: string): Buffer | null;
}

/** What clients can name no label: by it sealed terms are told from others. */
const SEALED = '~1';
const PURPOSE = Buffer.from('leasehold personal 1', 'latin1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Personal {
  /** `keys` null: what is new is logged as it is, and what was sealed stays so. */
  constructor(private readonly keys: Keys | null) {}

  /** The terms as they are logged. Throws a Problem where the disk takes no new key. */
  seal(terms: Terms): Terms {
    const { name, labels, project } = terms;
    if (this.keys === null || (name === null && labels === null)) return terms;
    const { id, key } = keyOf(this.keys, project);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(PURPOSE);
    const text = Buffer.from(JSON.stringify({ name, labels }), 'utf8');
    const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return { ...terms, name: null, labels: { [SEALED]: `${id}.${sealed.toString('base64url')}` } };
  }

  /** What was said, where it was not sealed or its key is still there. */
  open({ name, labels }: Terms): Said {
    const sealed = labels?.[SEALED];
    if (sealed === undefined) return { name, labels: labels ?? {} };
    const [id, text] = sealed.split('.', 2);
    const key = this.keys?.withId(id!) ?? null;
    return (key === null ? null : opened(key, Buffer.from(text!, 'base64url'))) ?? { name: null, labels: {} };
  }
}

/** Null: not what this key has sealed. */
function opened(key: Buffer, sealed: Buffer): Said | null {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(PURPOSE);
  try {
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const { name, labels } = JSON.parse(text.toString('utf8')) as {
      name: string | null;
      labels: Said['labels'] | null;
    };
    return { name, labels: labels ?? {} };
  } catch {
    return null;
  }
}

function keyOf(keys: Keys, project: string | null): { readonly id: string; readonly key: Buffer } {
  try {
    return keys.of(project);
  } catch (error) {
    throw new Problem('store-unavailable', `no key for the project: ${(error as Error).message}`);
  }
}

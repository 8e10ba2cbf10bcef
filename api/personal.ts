/**
 * Names and labels of leases, and what is said of their VMs, may tell of persons. Where the service has keys, they are in
 * the log encrypted (AES-256-GCM), with a key of their project: who destroys the key has erased them, and the log's chain
 * still holds.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type MachineWishes, readWishes } from '../adapters/machine-wishes.js';
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

/** What clients can name no label: by it sealed terms are told from others. What is sealed of VMs begins with it. */
const SEALED = '~1';
const NAMES = Buffer.from('leasehold personal 1', 'latin1');
/** Another purpose: neither can be put in the place of the other. */
const MACHINE = Buffer.from('leasehold machine 1', 'latin1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Personal {
  /** `keys` null: what is new is logged as it is, and what was sealed stays so. */
  constructor(private readonly keys: Keys | null) {}

  /** The terms as they are logged. Throws a Problem where the disk takes no new key. */
  seal(terms: Terms): Terms {
    const { name, labels, machine, project } = terms;
    const named = name !== null || labels !== null;
    if (this.keys === null || (!named && machine === undefined)) return terms;
    const projectKey = keyOf(this.keys, project);
    const names = named
      ? { name: null, labels: { [SEALED]: sealed(projectKey, NAMES, JSON.stringify({ name, labels })) } }
      : {};
    return {
      ...terms,
      ...names,
      ...(machine === undefined ? {} : { machine: `${SEALED}${sealed(projectKey, MACHINE, machine)}` }),
    };
  }

  /** What was said, where it was not sealed or its key is still there. */
  open({ name, labels }: Terms): Said {
    const text = labels?.[SEALED];
    if (text === undefined) return { name, labels: labels ?? {} };
    const said = this.opened(NAMES, text);
    if (said === null) return { name: null, labels: {} };
    const told = JSON.parse(said) as { name: string | null; labels: Said['labels'] | null };
    return { name: told.name, labels: told.labels ?? {} };
  }

  /** What was said of its VMs; null: nothing. `erased`: something, and nobody knows any more what. */
  machine({ machine }: Terms): MachineWishes | null | 'erased' {
    if (machine === undefined) return null;
    const text = machine.startsWith(SEALED) ? this.opened(MACHINE, machine.slice(SEALED.length)) : machine;
    return text === null ? 'erased' : readWishes(text);
  }

  /** Null: its key is gone, or it is not what that key has sealed. */
  private opened(purpose: Buffer, text: string): string | null {
    const [id, bytes] = text.split('.', 2);
    const key = this.keys?.withId(id!) ?? null;
    return key === null ? null : opened(key, purpose, Buffer.from(bytes!, 'base64url'));
  }
}

/** `id.text`: the key's id, and what it has sealed. */
function sealed({ id, key }: ReturnType<Keys['of']>, purpose: Buffer, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(purpose);
  const bytes = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return `${id}.${Buffer.concat(bytes).toString('base64url')}`;
}

/** Null: not what this key has sealed for this. */
function opened(key: Buffer, purpose: Buffer, bytes: Buffer): string | null {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(purpose);
  try {
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
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

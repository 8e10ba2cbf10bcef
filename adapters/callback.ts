/**
 * How a VM says by itself that it is of use: it asks for a URL with a secret in it that it was given before its first
 * start. Nobody else has the secret: with the domain its digest is on record, and in no log is either of them.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { LeaseId } from '../engine/index.js';

export interface Secret {
  readonly text: string;
  readonly digest: string;
}

/** Which VM it is that calls, and what of its secret may be compared. */
export interface Call {
  readonly lease: LeaseId;
  readonly vm: number;
  readonly digest: string;
}

/** What stands for the URL in user data. */
export const READY_URL = '{{ready-url}}';

/** Of 256 bits. */
export function newSecret(): Secret {
  const text = randomBytes(32).toString('base64url');
  return { text, digest: digestOf(text) };
}

/** `base`: how VMs reach the service. Nothing in it means anything to a shell that reads a line with it in quotes. */
export function readyUrl(base: string, lease: LeaseId, vm: number, { text }: Secret): string {
  return `${base.replace(/\/+$/, '')}/v1/ready?secret=${lease}.${vm}.${text}`;
}

/** Null: it is no secret of ours. */
export function readCall(said: string): Call | null {
  const [, lease, vm, text] = SAID.exec(said) ?? [];
  return text === undefined ? null : { lease: lease!, vm: Number(vm), digest: digestOf(text) };
}

const SAID = /^([A-Za-z0-9]{1,40}(?:-[1-9]\d{0,5})?)\.([1-9]\d{0,6})\.([A-Za-z0-9_-]{43})$/;

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON files of other programs, and their members by name, without trusting any of it. */

import { nameOf, readBytes } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';

const BYTES_MAX = 256 * 1024 * 1024;

export type Members = Readonly<Record<string, unknown>>;

/** Reads the file (or stdin) whole. Throws WorkloadError. */
export async function readJson(source: string): Promise<unknown> {
  const file = nameOf(source);
  const bytes = await readBytes(source, BYTES_MAX);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const problem = `not JSON: ${(error as Error).message.slice(0, 200)}`;
    throw new WorkloadError(problem, { file }, 'Is this the right file, and whole?');
  }
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of these members that is there and not null. */
export function member(of: Members, ...names: readonly string[]): unknown {
  for (const name of names) if (Object.hasOwn(of, name) && of[name] !== null) return of[name];
  return undefined;
}

/** A number, also as text; null: it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : null;
}

/** A text, also of a number; null: neither. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

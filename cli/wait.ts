/** Waiting for a lease: until it is in a state, as the log tells it, without asking again and again. */

import type { LeaseView } from './api.js';
import type { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import { interruptible } from './interrupt.js';
import { lastFailureOf } from './last-failure.js';
import { turnsAfter } from './turn-stream.js';

/** What is waited for: any of these states. */
export interface Goal {
  readonly states: readonly string[];
  readonly timeoutMs: number | null;
}

export const ENDED: readonly string[] = ['done', 'rejected', 'cancelled', 'failed', 'expired'];
const STATES: readonly string[] = [
  ...['waiting', 'reserved', 'starting', 'active', 'suspending', 'suspended', 'resuming', 'stopping'],
  ...ENDED,
];

/** `state=active`, `state=done,failed`, or `over`: it has ended, one way or another. */
export function statesIn(text: string): readonly string[] {
  if (text === 'over') return ENDED;
  const [, states] = /^state=(.+)$/.exec(text) ?? [];
  const usage = 'Write state=active, state=done,failed or over';
  if (states === undefined) throw new CliError(`--for: ${JSON.stringify(text)}`, `${usage}.`, EXIT.usage);
  return statesNamed('--for', states, `${usage}; `);
}

/** `waiting,active`. */
export function statesNamed(option: string, text: string, usage = ''): readonly string[] {
  const states = text.toLowerCase().split(',');
  const unknown = states.find((state) => !STATES.includes(state));
  if (unknown === undefined) return states;
  const wrong = `${option}: there is no state ${JSON.stringify(unknown)}`;
  const hint = `${usage}states: ${STATES.join(', ')}.`;
  throw new CliError(wrong, hint.charAt(0).toUpperCase() + hint.slice(1), EXIT.usage);
}

/** Resolves with the lease once it is there. Throws where it cannot come to it any more, and when time is up. */
export async function waitFor(client: Client, id: string, known: LeaseView | null, goal: Goal): Promise<LeaseView> {
  const over = new AbortController();
  const timer = goal.timeoutMs === null ? null : setTimeout(() => over.abort(), goal.timeoutMs);
  let lease = known;
  try {
    return await interruptible(
      () => `lease ${id} is ${lease?.state ?? 'not known yet'}; it goes on without you: leasehold show ${id}`,
      async () => {
        lease ??= await read(client, id);
        if (await isThere(client, lease, goal)) return lease;
        for await (const { text } of turnsAfter(client, lease.turn, over.signal)) {
          if (!text.includes(JSON.stringify(id))) continue;
          lease = await read(client, id);
          if (await isThere(client, lease, goal)) return lease;
        }
        const hint = `It goes on without you; leasehold why ${id} says what it waits for.`;
        throw new CliError(`lease ${id} is still ${lease.state}`, hint, EXIT.timedOut);
      },
    );
  } finally {
    if (timer !== null) clearTimeout(timer);
    over.abort();
  }
}

async function read(client: Client, id: string): Promise<LeaseView> {
  return (await client.ask('get', '/v1/leases/{id}', { path: { id } })).body;
}

async function isThere(client: Client, { id, state }: LeaseView, { states }: Goal): Promise<boolean> {
  if (states.includes(state)) return true;
  if (!ENDED.includes(state)) return false;
  const failure = state === 'failed' ? await lastFailureOf(client, id) : null;
  const why = failure === null ? '' : `: ${failure}`;
  const hint = `leasehold why ${id} tells how it came to that.`;
  throw new CliError(`lease ${id} is ${state}, and stays so${why}`, hint, EXIT.failure);
}

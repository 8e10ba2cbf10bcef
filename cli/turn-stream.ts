/** The log as it grows, over server-sent events: goes on where it stopped when the connection breaks. */

import type { Client } from './client.js';
import { CliError, EXIT } from './errors.js';

/** So often in a row the stream may break off without a turn before it is given up. */
const BREAKS_MAX = 8;
const PAUSE_MS_MAX = 5_000;

export interface StreamedTurn {
  readonly number: number;
  /** As it was logged. */
  readonly text: string;
}

/** Turns after `after`, each once and in order, for as long as it is listened to. */
export async function* turnsAfter(client: Client, after: number, signal?: AbortSignal): AsyncGenerator<StreamedTurn> {
  let last = after;
  for (let breaks = 0; signal?.aborted !== true; breaks++) {
    try {
      for await (const turn of once(client, last, signal)) {
        last = turn.number;
        breaks = 0;
        yield turn;
      }
    } catch (error) {
      // What the service says no to, it says no to again.
      if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable || breaks >= BREAKS_MAX) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE_MS_MAX, 100 * 2 ** breaks)));
  }
}

/** One connection, until it ends. */
async function* once(client: Client, after: number, signal: AbortSignal | undefined): AsyncGenerator<StreamedTurn> {
  let number = after;
  let text = '';
  for await (const line of client.lines('v1/events', signal, after)) {
    if (line.startsWith('id:')) number = Number(line.slice(3));
    else if (line.startsWith('data:')) text += line.slice(5).trimStart();
    else if (line === '' && text !== '') {
      yield { number, text };
      text = '';
    }
  }
}

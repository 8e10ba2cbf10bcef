/** The thread in which the past is read: off the service's own, whatever it takes. */

import type { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../adapters/background-thread.js';
import { ProjectKeys } from '../../adapters/project-keys/project-keys.js';
import { Personal } from '../personal.js';
import { OverRows } from '../records/over-rows.js';
import { PastFile } from '../records/past-file.js';
import { openStore } from '../store.js';
import type { FromPast, PastSettings, ToPast } from './past-messages.js';
import type { PastQuestion } from './past-port.js';
import { PastServer } from './past-server.js';
import { PastViews } from './past-views.js';

giveWay();
const settings = workerData as PastSettings;
const tell = (message: FromPast): void => parentPort!.postMessage(message);

/** Bodies under way. */
const bodies = new Map<number, Readable>();

async function serverOf({ store: place, ...others }: PastSettings): Promise<PastServer> {
  const { pastPath, tablesPath, personalKeys, logLevel, everyTurns, bytesMax } = others;
  const store = await openStore(place, true);
  const views = new PastViews({
    history: (after) => store.read(after),
    file: PastFile.open(pastPath, bytesMax),
    over: OverRows.open(tablesPath),
    everyTurns,
  });
  const personal = new Personal(personalKeys === null ? null : new ProjectKeys(personalKeys));
  return PastServer.build(views, personal, logLevel);
}

async function receive(server: PastServer, message: ToPast): Promise<void> {
  switch (message.type) {
    case 'answer':
      return answer(server, message.ticket, message.question);
    case 'turn-at':
      tell({ type: 'turn', ticket: message.ticket, turn: await server.turnAt(message.at, message.head) });
      return;
    case 'state-at':
      tell({ type: 'state', ticket: message.ticket, state: await server.stateAt(message.question) });
      return;
    case 'more':
      bodies.get(message.ticket)?.resume();
      return;
    case 'leave':
      bodies.get(message.ticket)?.destroy();
      bodies.delete(message.ticket);
      return;
    case 'grown':
      server.grown(message.head);
  }
}

async function answer(server: PastServer, ticket: number, question: PastQuestion): Promise<void> {
  const { status, headers, body } = await server.answer(question);
  tell({ type: 'head', ticket, status, headers });
  bodies.set(ticket, body);
  body.pause();
  body.on('data', (bytes: Uint8Array) => {
    // The next one when it is asked for.
    body.pause();
    tell({ type: 'chunk', ticket, bytes });
  });
  body.once('end', () => end(ticket, { type: 'end', ticket }));
  body.once('error', ({ message: detail }) => end(ticket, { type: 'failed', ticket, detail }));
}

function end(ticket: number, message: FromPast): void {
  if (bodies.delete(ticket)) tell(message);
}

// What cannot be begun ends the thread, and whoever waits hears of it.
const server = serverOf(settings);
parentPort!.on('message', (message: ToPast) => {
  server
    .then((ready) => receive(ready, message))
    .catch((error: unknown) => {
      if (!('ticket' in message)) throw error;
      tell({ type: 'failed', ticket: message.ticket, detail: (error as Error).message });
    });
});

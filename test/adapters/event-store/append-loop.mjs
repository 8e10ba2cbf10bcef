/**
 * A writer in a process of its own, to be killed or to have its disk taken away: appends turns to the store at the path
 * given, as many as the second argument says, and prints one line of JSON for each answer or error once it has it.
 * An answer other than `appended` and an error of the store are tried again, up to three times in a row.
 */

import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../dist/adapters/event-store/sqlite.js';

const RETRIES_MAX = 3;

async function main(path, count) {
  const store = openSqliteStore(path);
  let { revision, epoch } = await store.head();
  epoch++;
  say({ opened: revision });
  let retries = 0;
  for (let left = count; left > 0; ) {
    const answer = await tryAppend(store, turn(revision + 1, left === count ? epoch : null), epoch);
    say(answer);
    if (answer.outcome === 'appended') {
      revision = answer.revision;
      left--;
      retries = 0;
    } else if (++retries > RETRIES_MAX) return;
  }
  await store.close();
}

async function tryAppend(store, turn, epoch) {
  try {
    return await store.append(turn, turn.number - 1, epoch);
  } catch (error) {
    return { error: error.name, code: error.code, message: error.message, head: await store.head() };
  }
}

/** Mostly small; one in ten fills several pages, one in fifty is stored in parts. */
function turn(number, claimed) {
  const detail = 'x'.repeat(number % 50 === 0 ? 600_000 : number % 10 === 0 ? 20_000 : 100);
  const inputs = [{ type: 'OrderFailed', at: number, lease: 'a', order: '1.0', detail }];
  if (claimed !== null) inputs.unshift({ type: 'EpochClaimed', epoch: claimed });
  return { number, now: number, inputs, decisions: [] };
}

/** At once: what is buffered dies with the process. */
function say(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

try {
  await main(process.argv[2], Number(process.argv[3]));
} catch (error) {
  say({ failed: error.name, code: error.code, message: error.message });
}

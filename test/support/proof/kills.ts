/**
 * The service is killed at random moments while sixteen clients write, or kills itself at a failpoint; after each death
 * the log is held against the clients' books, and the service is started again. Several data directories at a time.
 */

import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../engine/index.js';
import { ServedProcess, temporaryDirectory } from '../process.js';
import { inspect } from './inspection.js';
import { Books, startWriters } from './writers.js';

/** A log is begun anew after so many deaths: reading it each time would take longer and longer. */
const DEATHS_A_LOG = 20;
/** So often the log is replayed through the scheduler, too. */
const REPLAY_EVERY = 10;
/** It dies so long, at most, after so many answers, at most. */
const RUN_MS_MAX = 100;
const ANSWERS_MAX = 60;

export interface Killed {
  kills: number;
  answers: number;
  leases: number;
  replays: number;
  readyMsMax: number;
}

/** Kills the service `kills` times in all, in `lanes` data directories at once. Throws what is wrong, with its seed. */
export async function killAtRandom(kills: number, lanes: number, seed: number): Promise<Killed> {
  const total: Killed = { kills: 0, answers: 0, leases: 0, replays: 0, readyMsMax: 0 };
  let left = kills;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let log = 0; left > 0; log++) {
        const deaths = Math.min(DEATHS_A_LOG, left);
        left -= deaths;
        await oneLog(deaths, seed + 1_000 * log + lane, total);
      }
    }),
  );
  return total;
}

async function oneLog(deaths: number, seed: number, total: Killed): Promise<void> {
  const random = new Random(seed);
  const directory = temporaryDirectory();
  const books = new Books();
  try {
    for (let death = 1; death <= deaths; death++) {
      // 1. Up, and how long that took.
      const begin = performance.now();
      const service = await ServedProcess.start(directory.path);
      total.readyMsMax = Math.max(total.readyMsMax, performance.now() - begin);
      // 2. Load, and death at any moment of it.
      const writers = startWriters(service, books, random);
      const enough = books.answers + random.below(ANSWERS_MAX);
      while (books.answers < enough) await sleep(1);
      await sleep(random.below(RUN_MS_MAX));
      await service.signal('SIGKILL');
      await writers;
      // 3. What is in the log.
      const replay = death % REPLAY_EVERY === 0 || death === deaths;
      const wrong = await inspect(directory.path, books, replay);
      if (wrong.length > 0) throw new Error(`seed ${seed}, death ${death}: ${wrong.slice(0, 10).join('; ')}`);
      total.kills++;
      total.replays += Number(replay);
    }
  } finally {
    total.answers += books.answers;
    total.leases += books.leases.size;
    rmSync(directory.path, { recursive: true, force: true });
  }
}

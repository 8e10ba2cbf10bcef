/** The real service and its commands die at every named place between two steps of durability. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILPOINTS, type Failpoint } from '../../adapters/failpoint.js';
import { needs } from '../support/needs.js';
import { leasehold, temporaryDirectory } from '../support/process.js';
import { IN_DISK_MOVES, IN_KEEPING, IN_MIGRATIONS, Life, ON_MACHINES } from '../support/proof/deaths.js';

const LIVES = Number(process.env.LEASEHOLD_CRASH_LIVES ?? 5);
const SEED = Number(process.env.LEASEHOLD_CRASH_SEED ?? 20261121);
const LANES = 2;
const ALL = Object.keys(FAILPOINTS) as Failpoint[];

describe('failpoints', needs('build'), () => {
  it(`every one is died at ${LIVES} times, and nothing acknowledged is lost`, { timeout: 0 }, async () => {
    const elsewhere = [...ON_MACHINES, ...IN_MIGRATIONS, ...IN_DISK_MOVES, ...IN_KEEPING];
    const deaths = new Map(ALL.filter((point) => !elsewhere.includes(point)).map((point) => [point, 0]));
    let left = LIVES;
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (left > 0) {
          const life = new Life(SEED + left--);
          await life.live();
          for (const point of life.reached) deaths.set(point, deaths.get(point)! + 1);
        }
      }),
    );
    console.log(JSON.stringify(Object.fromEntries(deaths)));
    expect([...deaths].filter(([, count]) => count < LIVES)).toEqual([]);
  });

  it('one that is not known is refused, and one that is armed is announced', async () => {
    const directory = temporaryDirectory();
    const serve = (failpoints: string) =>
      leasehold(['serve', '--port', '0', '--data-dir', join(directory.path, 'data')], {
        env: { LEASEHOLD_FAILPOINT: failpoints },
      });
    try {
      expect(await serve('append-beginn=kill')).toMatchObject({
        code: 78,
        stderr: expect.stringContaining('no failpoint'),
      });
      const { signal, stderr } = await serve('append-begin=kill');
      expect(signal).toBe('SIGKILL');
      expect(stderr).toContain('LEASEHOLD_FAILPOINT is set, this is a test: append-begin');
    } finally {
      directory.remove();
    }
  });
});

describe('the list of failpoints', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const sources = ['adapters', 'api', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );

  it('has those of the sources, each at one place or more', () => {
    const used = new Set(sources.flatMap((text) => [...text.matchAll(/\bfailpoint\('([a-z-]+)'\)/g)].map((m) => m[1])));
    expect([...used].sort()).toEqual([...ALL].sort());
    expect(ALL.length).toBeGreaterThanOrEqual(25);
  });

  it('is the one of the documentation', () => {
    const text = readFileSync(join(root, 'docs/proof.md'), 'utf8');
    const told = [...text.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, name, what]) => [name, what]);
    expect(told).toEqual(Object.entries(FAILPOINTS));
  });
});

/**
 * Logs recorded by earlier versions, replayed by this one. A difference is a change in decisions: raise RULES, say so in
 * the changelog, and record anew with LEASEHOLD_RECORD_GOLDEN=1 (before 1.0; afterwards old logs keep their own rules).
 */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeTurn } from '../../engine/index.js';
import { auditLog } from '../../simulations/audit.js';
import { simulate } from '../../simulations/simulate.js';
import { swarm } from '../swarm/swarm.js';

const LOGS = 'test/golden/logs';

/** Small and spiteful: lost nodes, failed orders, preemption of every kind, under each kind of backfilling. */
const SEEDS = [3, 20, 32, 49, 92, 745, 1142];

const SIMULATIONS = [
  { name: 'mixed', trace: 'simulations/samples/mixed.xml' },
  { name: 'kth-easy', trace: 'simulations/samples/kth-1996-first-weeks.swf.gz' },
  { name: 'kth-conservative', trace: 'simulations/samples/kth-1996-first-weeks.swf.gz', backfilling: 'conservative' },
];

async function record(): Promise<void> {
  for (const seed of SEEDS) {
    const { turns } = await swarm(seed);
    writeFileSync(join(LOGS, `swarm-${seed}.ndjson.gz`), gzipSync(`${turns.map(encodeTurn).join('\n')}\n`));
  }
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-golden-'));
  for (const { name, ...options } of SIMULATIONS) {
    await simulate({ ...options, out: join(directory, name), log: true });
    await copyFile(join(directory, name, 'turns.ndjson.gz'), join(LOGS, `${name}.ndjson.gz`));
  }
  rmSync(directory, { recursive: true });
}

describe('recorded logs', () => {
  beforeAll(async () => {
    if (process.env.LEASEHOLD_RECORD_GOLDEN === '1') await record();
  });

  const names = readdirSync(LOGS).filter((name) => name.endsWith('.ndjson.gz'));

  test('are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(SEEDS.length + SIMULATIONS.length);
  });

  test.each(names)('%s: every decision is taken again', async (name) => {
    const result = await auditLog({ source: join(LOGS, name) });
    expect(result.divergence).toBeNull();
    expect(result.checkpoint).toBeNull();
    expect(result.turns).toBeGreaterThan(10);
  });
});

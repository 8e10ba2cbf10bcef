/**
 * Logs recorded by earlier versions, replayed by this one. A difference is a change in decisions: raise RULES, say so in
 * the changelog, and record anew with LEASEHOLD_RECORD_GOLDEN=1 (before 1.0; afterwards old logs keep their own rules).
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportTurns } from '../../adapters/event-store/export.js';
import { LogWriter } from '../../adapters/event-store/log-writer.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { encodeTurn } from '../../engine/index.js';
import { auditLog, auditWhole } from '../../simulations/audit.js';
import { simulate } from '../../simulations/simulate.js';
import { needs } from '../support/needs.js';
import { approvalScenario } from '../swarm/approvals.js';
import { maintenanceScenario } from '../swarm/maintenance.js';
import { swarm } from '../swarm/swarm.js';
import { verbScenario } from '../swarm/verbs.js';
import { scenario } from '../swarm/workload.js';

const LOGS = 'test/golden/logs';

/** Small and spiteful: lost nodes, failed orders, preemption of every kind, under each kind of backfilling. */
const SEEDS = [3, 20, 32, 49, 92, 745, 1142];

/** As `leasehold log export` writes them, with hashes. */
const EXPORTED = [7, 11, 58, 101, 231, 333, 404, 555, 616, 777, 888, 999];

/** What owners and operators ask for: approvals and warnings, and nodes that are drained by a deadline. */
const ASKED = [
  { name: 'approvals', seeds: [25, 29], plan: (seed: number) => approvalScenario(seed, verbScenario(seed)) },
  { name: 'drains', seeds: [21, 39], plan: maintenanceScenario },
];

const SIMULATIONS = [
  { name: 'mixed', trace: 'simulations/samples/mixed.xml' },
  { name: 'kth-easy', trace: 'simulations/samples/kth-1996-first-weeks.swf.gz' },
  { name: 'kth-conservative', trace: 'simulations/samples/kth-1996-first-weeks.swf.gz', backfilling: 'conservative' },
];

/** What is not there yet: a log that is, is never written again. Delete the one that is to be recorded anew. */
async function record(): Promise<void> {
  const isMissing = (name: string) => !existsSync(join(LOGS, `${name}.ndjson.gz`));
  const plain = SEEDS.map((seed) => ({ name: `swarm-${seed}`, seed, plan: scenario(seed) }));
  const asked = ASKED.flatMap(({ name, seeds, plan }) =>
    seeds.map((seed) => ({ name: `${name}-${seed}`, seed, plan: plan(seed) })),
  );
  for (const { name, seed, plan } of [...plain, ...asked].filter((one) => isMissing(one.name))) {
    const { turns } = await swarm(seed, true, plan);
    writeFileSync(join(LOGS, `${name}.ndjson.gz`), gzipSync(`${turns.map(encodeTurn).join('\n')}\n`));
  }
  for (const seed of EXPORTED.filter((one) => isMissing(`exported-${one}`))) {
    const { turns } = await swarm(seed);
    const log = new MemoryLog();
    log.turns.push(...turns);
    const file = new LogWriter(join(LOGS, `exported-${seed}.ndjson.gz`));
    await exportTurns(new MemoryStore(log), 'the log', turns.length, [], file);
    await file.finish();
  }
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-golden-'));
  for (const { name, ...options } of SIMULATIONS.filter((one) => isMissing(one.name))) {
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
    expect(names.length).toBeGreaterThanOrEqual(SEEDS.length + EXPORTED.length + SIMULATIONS.length);
  });

  test('end where they always did: the last turn of each, and the hash of all', async () => {
    const heads: Record<string, string> = {};
    for (const name of names) {
      const { result } = await auditWhole({ source: join(LOGS, name), replay: false });
      expect(result.faults).toEqual([]);
      heads[name] = `${result.head!.turn} ${result.head!.hash}`;
    }
    await expect(`${JSON.stringify(heads, null, 2)}\n`).toMatchFileSnapshot('logs/heads.json');
  });

  test.each(names)('%s: another program, written for the purpose, comes to the same', needs('python3'), (name) => {
    const heads = JSON.parse(readFileSync(join(LOGS, 'heads.json'), 'utf8')) as Record<string, string>;
    expect(execFileSync('python3', ['docs/verify-log.py', join(LOGS, name)], { encoding: 'utf8' })).toBe(
      `${heads[name]}\n`,
    );
  });

  test.each(names)('%s: every decision is taken again', async (name) => {
    const result = await auditLog({ source: join(LOGS, name) });
    expect(result.divergence).toBeNull();
    expect(result.checkpoint).toBeNull();
    expect(result.turns).toBeGreaterThan(10);
  });
});

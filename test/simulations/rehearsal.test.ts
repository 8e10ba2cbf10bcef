/** The leases that are run before a workload: all of them run, whatever the site, and none of their instants is small. */

import { expect, test } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { SimulatedWorld } from '../../adapters/simulated/world.js';
import { type Command, emptyState, type Lease, POLICY_DEFAULT, run } from '../../engine/index.js';
import { Fates } from '../../simulations/fates.js';
import { rehearsal } from '../../simulations/rehearsal.js';
import { watched } from '../../simulations/simulate.js';
import { flatPool, parseNodes } from '../../simulations/site-options.js';
import type { SiteDescription } from '../../simulations/workloads/entry.js';

const NAMED = parseNodes(['3x cpu=8,memory=32GiB', '1x cpu=2,memory=1GiB']);
const SITES: [string, SiteDescription][] = [
  ['one processor', flatPool(1)],
  ['many processors', flatPool(100_000)],
  ['nodes that are shared', parseNodes(['16x cpu=8,memory=32GiB'])],
  [
    'nodes with names',
    { ...NAMED, classes: NAMED.classes.map((one, i) => ({ ...one, names: i === 0 ? ['a', 'b', 'c'] : null })) },
  ],
];

test.each(SITES)('on %s', async (_, site) => {
  const state = emptyState();
  const workload = rehearsal(site);
  const genesis: Command[] = [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: POLICY_DEFAULT },
    { type: 'DeclareSite', resources: workload.site.resources },
    ...workload.site.classes.map(({ first: __, ...nodes }): Command => ({ type: 'AddNodes', nodes })),
  ];
  const cluster = new SimulatedCluster();
  const world = new SimulatedWorld({ genesis, arrivals: workload, cluster });
  const over: Lease[] = [];
  const tell = (lease: Lease) => over.push(lease);
  await run(state, {
    store: new MemoryStore(new MemoryLog()),
    cluster,
    world: watched(world, state, tell, new Fates(new Set())),
  });
  expect(over.map(({ outcome }) => outcome)).toEqual(Array.from({ length: workload.total! }, () => 'done'));
  for (const { submitted, firstStart, ended } of over)
    for (const instant of [submitted, firstStart, ended]) expect(instant).toBeGreaterThan(2 ** 31);
  expect(over.some(({ submitted, firstStart }) => firstStart! > submitted)).toBe(true); // some wait
});

/** Node choices, requirements and rank as they are played: where the VMs really are. */

import { expect, test } from 'vitest';
import type { Terms } from '../../engine/index.js';
import { drawn, MINUTE, nodes, play } from '../support/play.js';

test.each([
  ['striping@1', {}, 'n1 |A2\nn2 |A2\nn3 |AA'],
  ['n-by-hosts@1', { n: 2 }, 'n1 |A2\nn2 |AA\nn3 |..'],
  ['packed@1', {}, 'n1 |A2\nn2 |..\nn3 |..'],
] as const)('%s %j: three VMs of A, then two of B', async (nodeChoice, nodeChoiceOptions, drawing) => {
  const leases = [
    { id: 'A', vms: 3, minutes: 10 },
    { id: 'B', vms: 2, minutes: 5, at: 5 },
  ];
  const played = await play([nodes(3, 8, 8192)], leases, { nodeChoice, nodeChoiceOptions });
  expect(played.draw(10)).toBe(drawing);
});

test('a lease runs where its requirements are met, on nodes of the highest rank', async () => {
  const terms = (requirements: string | null, rank: string | null): Terms => ({
    groups: [{ name: null, vms: 1, demand: [1000, 1024], image: null }],
    duration: 10 * MINUTE,
    start: { kind: 'best-effort', before: null },
    preemptible: true,
    where: { labels: {}, requirements, rank },
    name: null,
    user: null,
    project: null,
    labels: null,
  });
  const asked = (lease: string, at: number, ...where: Parameters<typeof terms>) => ({
    at,
    command: { type: 'SubmitLease', lease, terms: terms(...where), key: null } as const,
  });
  const played = await play([nodes(2, 2, 2048), nodes(1, 4, 4096), nodes(1, 2, 2048)], [], {}, [
    asked('A', 0, 'cpu >= 4 || node == 4', null), // the first of the two with fewest leases
    asked('B', 0, null, 'cpuFree'), // 3 cpus are left on node 3
    asked('C', 0, 'memory < 4096', '-vms * 10 + node'), // nodes 1, 2 and 4 are empty
    asked('D', 0, 'memory < 4096', '-vms * 10 + node'),
    asked('E', 5, 'cpu > 4', null),
  ]);
  expect(played.draw(15)).toBe(
    drawn(`
    n1 |...
    n2 |DD.
    n3 |22.
    n4 |CC.`),
  );
  expect(played.over.get('E')!.outcome).toBe('rejected');
});

/** From one format to another: what can be kept is kept, and what cannot is told. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { data, refusal } from '../files.js';
import { anyLeases, converted, lwfLeases, readBack, sourceOf, written } from './tools.js';

describe('there and back', () => {
  test('LWF, YAML, LWF: everything', async () => {
    await fc.assert(
      fc.asyncProperty(lwfLeases, async (leases) => {
        const about = { name: 'mixed <1>', description: 'a "test"', attributes: { load: '50 %' } };
        const lwf = await written(sourceOf(leases, about), 'lwf');
        expect(lwf.losses).toEqual([]);
        const yaml = await converted(lwf.text, 'lwf', 'yaml');
        const again = await converted(yaml.text, 'yaml', 'lwf');
        expect([yaml.losses, again.losses]).toEqual([[], []]);
        expect(again.text).toBe(lwf.text);
        expect((await readBack(again.text, 'lwf')).leases).toEqual(leases.map(({ line: _, ...lease }) => lease));
      }),
      { numRuns: 60 },
    );
  });

  test('YAML and CSV keep all of the leases, with groups that differ', async () => {
    await fc.assert(
      fc.asyncProperty(anyLeases, async (leases) => {
        const yaml = await written(sourceOf(leases), 'yaml');
        expect((await readBack(yaml.text, 'yaml')).leases).toEqual(leases.map(({ line: _, ...lease }) => lease));
        const csv = await written(sourceOf(leases), 'csv');
        expect(csv.losses).toEqual(['left out the site: 1']);
        expect((await readBack(csv.text, 'csv')).leases).toEqual(leases.map(({ line: _, ...lease }) => lease));
      }),
      { numRuns: 60 },
    );
  });

  const field = (min: number, max: number) => fc.integer({ min, max });
  const optional = field(-1, 5000);
  const job = fc.record({
    gap: field(0, 5000),
    run: field(1, 90_000),
    procs: field(1, 64),
    estimate: field(1, 100_000),
    memory: fc.oneof(fc.constant(-1), field(1, 5_000_000)),
    others: fc.tuple(...Array.from({ length: 11 }, () => optional)),
  });

  test('SWF, LWF, SWF: every job with all its fields', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 20 }), async (jobs) => {
        let submit = 0;
        const rows = jobs.map(({ gap, run, procs, estimate, memory, others }, i) => {
          submit += i === 0 ? 0 : gap;
          const [wait, cpu, used, requested, status, user, group, executable, queue, partition, before] = others;
          const asked = requested! > 0 ? requested : procs;
          const first = [i + 1, submit, wait, run, procs, cpu, used, asked, estimate, memory];
          return [...first, status, user, group, executable, queue, partition, before, -1].join(' ');
        });
        const swf = `; MaxProcs: 64\n${rows.join('\n')}\n`;
        const lwf = await converted(swf, 'swf', 'lwf');
        const again = await converted(lwf.text, 'lwf', 'swf');
        const jobRows = again.text.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
        expect(jobRows).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  test('SWF, Batsim, SWF: times and processors', async () => {
    const swf =
      '; MaxProcs: 8\n7 0 -1 50 2 -1 -1 2 60 -1 1 3 -1 -1 -1 -1 -1 -1\n8 5 -1 10 8 -1 -1 8 10 -1 1 3 -1 -1 -1 -1 -1 -1\n';
    const batsim = await converted(swf, 'swf', 'batsim');
    expect(JSON.parse(batsim.text)).toEqual({
      jobs: [
        { id: '7', subtime: 0, walltime: 60, res: 2, profile: 'delay-50' },
        { id: '8', subtime: 5, walltime: 10, res: 8, profile: 'delay-10' },
      ],
      profiles: { 'delay-50': { type: 'delay', delay: 50 }, 'delay-10': { type: 'delay', delay: 10 } },
      nb_res: 8,
    });
    expect(batsim.losses).toContain('left out users: 2');
    const again = await converted(batsim.text, 'batsim', 'swf');
    expect(again.text).toContain('\n7 0 -1 50 2 -1 -1 2 60 -1 -1 -1 -1 -1 -1 -1 -1 -1\n8 5 -1 10 8 -1 -1 8 10 ');
    expect(again.text).toContain('; MaxProcs: 8\n');
  });

  test("Haizea's own workloads, through YAML", async () => {
    for (const name of ['25_hetero_multicpu', '16_deadline_preempt', '11_transfer_multicast_noreuse']) {
      const xml = readFileSync(data(`haizea/${name}/workload.xml`), 'utf8');
      const first = await readBack(xml, 'lwf');
      const yaml = await converted(xml, 'lwf', 'yaml');
      const second = await readBack(yaml.text, 'yaml');
      expect(second.leases, name).toEqual(first.leases);
      expect(second.site, name).toEqual(first.site);
    }
  });
});

describe('what is lost is told', () => {
  test('by SWF, of leases that are no batch jobs', async () => {
    const yaml = `
name: mixed
site: {nodes: [{count: 2, capacity: {cpu: 4, memory: 1GiB, gpu: 1}}]}
leases:
  - {id: a, submit: 0, vms: 2, resources: {cpu: 1.5, memoryMiB: 100, gpu: 1}, duration: 1h, image: x, user: eve, project: p}
  - {id: 7, submit: 1.5, groups: [{name: m, vms: 1, resources: {cpu: 1}}, {vms: 2, resources: {cpu: 2}}], duration: 60}
  - {submit: 3, vms: 1, resources: {cpu: 1}, duration: 60, start: {kind: advance, at: 10m}, labels: {k: v}, name: n}
  - {submit: 4, vms: 1, resources: {cpu: 1}, duration: 60, start: {before: 100, kind: best-effort}, preemptible: false}
  - {submit: 5, vms: 1, resources: {cpu: 1}, duration: 60, where: {labels: {site: lyon}}}
`;
    const { text, losses } = await converted(yaml, 'yaml', 'swf');
    expect(text.split('\n').filter((line) => /^\d/.test(line))).toEqual([
      '1 0 -1 3600 4 -1 -1 4 3600 51200 -1 1 -1 -1 -1 -1 -1 -1',
      '7 1 -1 60 5 -1 -1 5 60 -1 -1 -1 -1 -1 -1 -1 -1 -1',
      '2 3 -1 60 1 -1 -1 1 60 -1 -1 -1 -1 -1 -1 -1 -1 -1',
      '3 4 -1 60 1 -1 -1 1 60 -1 -1 -1 -1 -1 -1 -1 -1 -1',
      '4 5 -1 60 1 -1 -1 1 60 -1 -1 -1 -1 -1 -1 -1 -1 -1',
    ]);
    expect(losses).toEqual([
      'left out the name of the workload: 1',
      'left out projects: 1',
      'left out disk images: 1',
      'left out gpu of VMs: 1',
      'left out names of groups: 1',
      'left out that a lease may not be preempted: 2',
      'left out names of leases: 1',
      'left out labels that are not from SWF: 1',
      'left out the latest time of beginning: 1',
      'left out where a lease may run: 1',
      'changed the nodes of the site: their processors: 1',
      'changed VMs of other than one cpu: as many processors, at least one: 2',
      'changed ids that are no numbers, or taken: the next free number: 4',
      'changed users that are no numbers, or taken: numbered as they appear: 1',
      'changed groups of different VMs: one job with all their processors: 1',
      'changed times: rounded to whole seconds: 1',
      'changed advance leases: jobs that are queued: 1',
    ]);
  });

  test('by LWF, of what it has no place for', async () => {
    const yaml = `
site: {nodes: [{count: 2, capacity: {cpu: 4}, labels: {rack: a}, names: [n1, n2], units: {gpu: [g0, g1]}}]}
leases:
  - {submit: 0, vms: 1, resources: {cpu: 1}, duration: 60, image: 'repo:tag', name: n, project: p, maxRate: 2.5, priority: 3, labels: {a/b: c, d: e}}
  - {submit: 0, groups: [{vms: 1, resources: {cpu: 1}, image: x}, {vms: 1, resources: {gpu: 1}}], duration: 60, user: " eve "}
`;
    const { text, losses } = await converted(yaml, 'yaml', 'lwf');
    expect(text).toContain('<disk-image id="repo-tag" size="0"/>');
    expect(text).toContain('user="eve"');
    expect(text).toContain('<attr name="simul_userrate" value="2.5"/>');
    expect(losses).toEqual([
      'left out names of nodes: 2',
      'left out labels of nodes: 2',
      'left out names of leases: 1',
      'left out projects: 1',
      'left out priorities: 1',
      'left out labels with names that LWF does not take: 1',
      'changed named units of nodes: their number: 2',
      'changed names of images: "-" instead of ":": 1',
      'changed control characters and outer blanks: removed: 1',
      'changed different images in one lease: that of the first group: 1',
      'assumed sizes of images (0 MiB): 2',
    ]);
  });

  test('of an LWF file: what no lease says', async () => {
    const lwf =
      '<lease-workload><lease-requests><lease-request arrival="00:00:10"><realduration time="02:00:00"/>' +
      '<lease preemptible="true" state="2" submit-time="0"><nodes><node-set numnodes="1"><res type="CPU">' +
      '<instance amount="100"/><instance amount="50"/></res></node-set></nodes><start/><duration time="01:00:00"/>' +
      '<deadline time="00:30:00"/><software><none/></software></lease></lease-request></lease-requests></lease-workload>';
    const { text, losses } = await converted(lwf, 'lwf', 'yaml');
    expect(text).toContain(
      '- {"id":"1","submit":10,"vms":1,"resources":{"cpu":1.5},"duration":3600,"start":{"kind":"best-effort","before":0}}',
    );
    expect(losses).toEqual([
      'left out attribute state of <lease>: 1',
      'left out attribute submit-time of <lease>: 1',
      'changed instances in a lease: added up: 1',
      'changed real durations: cut at the duration asked for: 1',
      'changed deadlines before any end: the lease may begin at 0 at the latest: 1',
      'assumed ids: the next free number: 1',
    ]);
  });

  test('of an SWF file: rows that cannot be used', async () => {
    const swf =
      '; MaxProcs: 4\n1 100 -1 50 2 1.5 -1 2 40 2048 1 1 1 1 1 1 -1 -1\n2 100 -1 0 2 -1 -1 2 60 -1 1 1 1 1 1 1 -1 -1\n' +
      '3 90 -1 50 9 -1 -1 9 60 -1 1 1 1 1 1 1 -1 -1\n4 50 -1 50 1 -1 -1 1 -1 1500 1 1 1 1 1 1 -1 -1\n';
    const { text, losses } = await converted(swf, 'swf', 'csv');
    expect(text.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^4,0,50,50,,1,1,2,,,best-effort,/),
      expect.stringMatching(/^1,50,40,40,,2,1,2,,,best-effort,.*""SWF_avgcputime"":""1.5""/),
    ]);
    expect(losses).toEqual([
      'left out the site: 1',
      'left out jobs without run time: 1',
      'left out jobs wider than the machine: 1',
      'changed run times: cut at the duration asked for: 1',
      'changed order: sorted by time of submission: 1',
      'changed times: the first job, submitted at 50 s, is submitted at 0: 1',
      'assumed memory of the nodes (1000000 MiB): 1',
      'assumed durations of jobs that give none: the run time: 1',
    ]);
  });
});

describe('cut and bent', () => {
  const SWF = `; MaxProcs: 100\n${[0, 3600, 7200, 90_000]
    .map((submit, i) => `${i + 1} ${submit} -1 50 ${[1, 10, 64, 100][i]} -1 -1 -1 60 -1 1 1 1 1 ${i % 2} 1 -1 -1`)
    .join('\n')}\n`;

  test('a window of time begins at 0', async () => {
    const { text, leases, losses } = await converted(SWF, 'swf', 'csv', { fromTime: 3_600_000, length: 3_600_001 });
    expect(leases).toBe(2);
    expect(
      text
        .split('\n')
        .slice(1, 3)
        .map((line) => line.split(',').slice(0, 2)),
    ).toEqual([
      ['2', '0'],
      ['3', '3600'],
    ]);
    expect(losses).toContain('left out leases submitted outside of the window: 2');
  });

  test('some queues', async () => {
    const { leases, losses } = await converted(SWF, 'swf', 'csv', { queues: ['1', '9'] });
    expect(leases).toBe(2);
    expect(losses).toContain('left out leases of other queues: 2');
  });

  test('a smaller machine keeps every job: at least one VM stays', async () => {
    const { text, losses } = await converted(SWF, 'swf', 'yaml', { scale: 10 });
    expect([...text.matchAll(/"vms":(\d+)/g)].map(([, vms]) => vms)).toEqual(['1', '1', '6', '10']);
    expect(text).toContain('"count":10');
    expect(losses).toEqual(
      expect.arrayContaining(['changed scale: leases that keep one VM: 1', 'changed scale: rounded down: 2']),
    );
  });

  test('the memory of each VM', async () => {
    const { text } = await converted(SWF, 'swf', 'yaml', { memoryMiB: 512 });
    expect(text.match(/"memoryMiB":512/g)).toHaveLength(4);
  });

  test('advance leases move with their submission', async () => {
    const yaml =
      'leases: [{submit: 0, vms: 1, resources: {cpu: 1}, duration: 1}, {submit: 100, vms: 1, resources: {cpu: 1}, duration: 1, start: {kind: advance, at: 150}}]';
    const { text } = await converted(yaml, 'yaml', 'csv', { fromTime: 100_000 });
    expect(text).toContain('2,0,1,1,,1,1,,,advance,,50,,,false');
  });

  test('nothing left is an error', async () => {
    const error = await refusal(() => converted(SWF, 'swf', 'yaml', { queues: ['none'] }));
    expect(error.message).toContain('no lease is left');
  });
});

/** What Slurm, OAR and Batsim say of their jobs, as leases. */

import { describe, expect, test } from 'vitest';
import { refusal } from '../files.js';
import { converted, readBack } from './tools.js';

describe('sacct', () => {
  const HEADER =
    'JobID|User|Account|Partition|Submit|Start|End|ElapsedRaw|TimelimitRaw|ReqCPUS|NNodes|ReqMem|State|QOS';
  const rows = (...lines: string[]) => `${[HEADER, ...lines].join('\n')}\n`;

  test('a job on n nodes is n VMs that share its cpus and memory', async () => {
    const psv = rows(
      '101|anna|phys|short|2026-01-05T08:00:00|2026-01-05T08:10:00|x|3600|120|64|2|128G|COMPLETED|normal',
    );
    const { leases, losses } = await readBack(psv, 'slurm');
    expect(leases).toEqual([
      {
        id: '101',
        submit: 0,
        run: 3_600_000,
        terms: {
          groups: [{ name: null, vms: 2, demand: [32_000, 65_536], image: null }],
          duration: 7_200_000,
          start: { kind: 'best-effort', before: null },
          preemptible: true,
          where: null,
          name: null,
          user: 'anna',
          project: 'phys',
          labels: { queue: 'short' },
        },
      },
    ]);
    expect(losses).toEqual([
      { kind: 'left out', what: 'column "QOS"', count: 1, first: 1 },
      { kind: 'changed', what: 'times: the first lease is submitted at 0', count: 1, first: 2 },
    ]);
  });

  test('steps, jobs that never ran, and jobs without limit', async () => {
    const psv = rows(
      '1|a|p|q|2026-01-05T08:00:00|||60|10|1|1|1000M|COMPLETED|',
      '1.batch||||2026-01-05T08:00:00|||60||1|1||COMPLETED|',
      '2|a|p|q|2026-01-05T07:00:00|Unknown|Unknown|0|10|1|1|1000M|CANCELLED by 7|',
      '3_[4-9]|a|p|q|2026-01-05T07:00:00+01:00|||90|UNLIMITED|7|2|4Gc|RUNNING|',
      '4|a|p|q|1767600000|||7200|60|1|1||TIMEOUT|',
      '4|a|p|q|1767600000|||7200|60|1|1||TIMEOUT|',
    );
    const { text, losses } = await converted(psv, 'slurm', 'csv');
    expect(text.split('\n').slice(1)).toEqual([
      '3_-4-9-,0,90,90,,1,4,14336,,,best-effort,,,,,true,a,p,,"{""queue"":""q""}",,,,,',
      '3_-4-9-,0,90,90,,1,3,14336,,,best-effort,,,,,true,a,p,,"{""queue"":""q""}",,,,,',
      '1,7200,600,60,,1,1,1000,,,best-effort,,,,,true,a,p,,"{""queue"":""q""}",,,,,',
      '4,7200,3600,3600,,1,1,0,,,best-effort,,,,,true,a,p,,"{""queue"":""q""}",,,,,',
      '',
    ]);
    expect(losses).toEqual([
      'left out column "QOS": 1',
      'left out job steps: 1',
      'left out jobs without run time: 1',
      'left out jobs with an id that was there already: 1',
      'changed run times of jobs that had not ended: as long as they had run: 1',
      'changed ids: only letters, digits, ".", "_" and "-": 1',
      'changed run times: cut at the duration asked for: 1',
      'changed order: sorted by time of submission: 1',
      'changed times: the first lease is submitted at 0: 3',
      'assumed durations of jobs that give none: the run time: 1',
      'assumed memory of VMs (0 MiB): the job does not say: 1',
    ]);
  });

  test.each([
    ['JobID|Submit|ElapsedRaw|ReqCPU\n1|2026-01-05T08:00:00|5|1\n', 'the header lacks ReqCPUS', '"reqcpus" misspelt'],
    ['JobID|Submit|ElapsedRaw|ReqCPUS\n1|yesterday|5|1\n', '1 jobs without time of submission', '--from'],
    ['', 'no jobs', '--from'],
  ])('%j is refused', async (content, problem, hint) => {
    const error = await refusal(() => converted(content, 'slurm', 'yaml'));
    expect(error.message).toContain(problem);
    expect(error.hint).toContain(hint);
  });
});

describe('OAR', () => {
  const job = {
    Job_Id: 72,
    owner: 'kam',
    project: 'default',
    queue: 'default',
    state: 'Terminated',
    submissionTime: '1285579829',
    startTime: 1285579830,
    stopTime: 1285583430,
    walltime: '7200',
    wanted_resources: '-l "{type = \'default\'}/network_address=2/core=4,walltime=2:0:0" ',
    types: ['besteffort'],
  };

  test('a job that has ended, as it was asked for', async () => {
    const { leases, losses } = await readBack(JSON.stringify({ '72': job }), 'oar');
    expect(leases).toMatchObject([
      {
        id: '72',
        submit: 0,
        run: 3_600_000,
        terms: {
          groups: [{ vms: 2, demand: [4000, 0] }],
          duration: 7_200_000,
          user: 'kam',
          labels: { queue: 'default' },
        },
      },
    ]);
    expect(losses.map(({ what }) => what)).toEqual([
      'member types of jobs',
      'times: the first lease is submitted at 0',
      'memory of VMs (0 MiB): the job does not say',
    ]);
  });

  test('a reservation that runs, on the resources that it has', async () => {
    const running = {
      ...{ ...job, stopTime: 0, walltime: '1:00:00', reservation: 'Scheduled', scheduledStart: 1285580829 },
      ...{ assigned_resources: [1, 2, 3, 3], assigned_network_address: ['a'] },
    };
    const { leases } = await readBack(JSON.stringify([running]), 'oar');
    expect(leases).toMatchObject([
      {
        run: 3_600_000,
        terms: {
          groups: [{ vms: 1, demand: [3000, 0] }],
          duration: 3_600_000,
          start: { kind: 'advance', at: 1_000_000 },
          preemptible: false,
        },
      },
    ]);
  });

  test.each(['[]', '{"items": []}', '7', '{"a": 1}'])('%s is refused', async (content) => {
    const error = await refusal(() => converted(content, 'oar', 'yaml'));
    expect(error.exitCode).toBe(1);
  });
});

describe('Batsim', () => {
  test('what only the platform knows is taken from the walltime', async () => {
    const workload = {
      nb_res: 16,
      version: 3,
      jobs: [
        { id: 'w0!a', subtime: 10.5, walltime: 100, res: 4, profile: 'sleep' },
        { id: 'b', subtime: 11, walltime: 50, res: 2, profile: 'compute', extra: 1 },
        { id: 'c', subtime: 12, walltime: -1, res: 2, profile: 'sleep' },
        { id: 'd', subtime: 12, res: 2, profile: 'compute' },
      ],
      profiles: { sleep: { type: 'delay', delay: 20 }, compute: { type: 'parallel_homogeneous', cpu: 1e9, com: 0 } },
    };
    const { text, losses } = await converted(JSON.stringify(workload), 'batsim', 'csv');
    expect(
      text
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(',').slice(0, 6).join()),
    ).toEqual(['a,0,100,20,,4', 'b,0.5,50,50,,2', 'c,1.5,20,20,,2']);
    expect(losses).toEqual([
      'left out member "version": 1',
      'left out member "extra" of jobs: 1',
      'left out jobs without run time: 1',
      'left out the site: 1',
      'changed times: the first lease is submitted at 0: 3',
      'assumed memory of the nodes (1000000 MiB): 1',
      'assumed memory of VMs (0 MiB): the job does not say: 3',
      'assumed run times of profiles of type "parallel_homogeneous": the walltime: 2',
      'assumed durations of jobs that give none: the run time: 1',
    ]);
  });
});

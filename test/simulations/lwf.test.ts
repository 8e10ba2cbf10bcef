/** Haizea's workload format: all 41 sample workloads, compared with what Haizea itself understood. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readHaizeaSite } from '../../simulations/workloads/haizea-site.js';
import { readLwf } from '../../simulations/workloads/lwf.js';
import { data, file, refusal } from './files.js';

const CASES = readdirSync(data('haizea'));

/** A lease as Haizea's own run recorded it. */
interface Recorded {
  readonly id: number;
  readonly submit: number;
  readonly type: 'AR' | 'Best-effort' | 'Immediate' | 'Deadline';
  readonly numnodes: number;
  readonly preemptible: boolean;
  readonly req_duration: number;
  readonly known_duration: number | null;
  readonly req_start: number | string;
  readonly requested: readonly {
    readonly CPU: readonly number[];
    readonly Memory: readonly number[];
    readonly nodes: readonly number[];
  }[];
}

const KINDS = { AR: 'advance', 'Best-effort': 'best-effort', Immediate: 'immediate', Deadline: 'deadline' } as const;
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

test('there are 41 of them', () => {
  expect(CASES).toHaveLength(41);
});

// There Haizea's run added leases and start times from two more files.
test.each(CASES.filter((name) => name !== '32_annotation_injection'))(
  '%s is understood as Haizea understood it',
  async (name) => {
    const { entries, notes } = await readLwf(data(`haizea/${name}/workload.xml`));
    const recorded = JSON.parse(readFileSync(data(`haizea/${name}/schedule.json`), 'utf8')) as readonly Recorded[];
    expect(notes).toEqual([]);
    // Where Haizea crashed, its record is shorter.
    expect(recorded.length).toBeGreaterThan(0);
    for (const lease of recorded) {
      const entry = entries.find(({ id }) => id === String(lease.id));
      expect(entry).toMatchObject({
        submit: lease.submit * 1000,
        run: Math.min(lease.req_duration, lease.known_duration ?? lease.req_duration) * 1000,
        terms: {
          duration: lease.req_duration * 1000,
          preemptible: lease.preemptible,
          start: { kind: KINDS[lease.type] },
        },
      });
      const { start, groups } = entry!.terms;
      if (start.kind === 'advance') expect(start.at).toBe(Number(lease.req_start) * 1000);
      if (start.kind === 'deadline') expect(start.notBefore).toBe(Number(lease.req_start) * 1000);
      const perVm = groups.flatMap(({ vms, demand }) => Array.from({ length: vms }, () => demand));
      expect(perVm).toHaveLength(lease.numnodes);
      for (const { CPU, Memory, nodes } of lease.requested) {
        for (const vm of nodes) expect(perVm[vm - 1]).toEqual([sum(CPU) * 10, sum(Memory)]);
      }
    }
  },
);

test('a site of several kinds of nodes', async () => {
  const { site } = await readLwf(data('haizea/25_hetero_multicpu/workload.xml'));
  expect(site.resources.map(({ name }) => name)).toEqual(['cpu', 'memory']);
  expect(site.classes).toEqual([
    { first: 1, count: 2, capacity: [4000, 4096], exclusive: false, labels: {}, names: null, units: {} },
    { first: 3, count: 2, capacity: [2000, 1024], exclusive: false, labels: {}, names: null, units: {} },
  ]);
});

const SITE =
  '<site><resource-types names="CPU Memory Disk Licence"/><nodes><node-set numnodes="2">' +
  '<res type="CPU" amount="12.5"/><res type="Memory" amount="1024"/><res type="Licence" amount="3"/>' +
  '</node-set></nodes></site>';

/** A workload with one lease; what is given replaces the usual. */
function workload(
  parts: { site?: string; lease?: string; start?: string; rest?: string; request?: string; nodes?: string } = {},
): string {
  const nodes = parts.nodes ?? '<node-set numnodes="1"><res type="CPU" amount="100"/></node-set>';
  return `<?xml version="1.0" encoding="utf-8"?>
<!-- R&D: a comment -->
<lease-workload name="a &amp; b"><description>Text &lt; here</description>${parts.site ?? SITE}
 <lease-requests>
  <lease-request arrival="00:00:01"><lease ${parts.lease ?? 'id="1" preemptible="True"'}>
   <nodes>${nodes}</nodes>${parts.start ?? '<start/>'}
   <duration time="01:00:00.5"/>${parts.rest ?? ''}<software><none/></software>
  </lease></lease-request>${parts.request ?? ''}
 </lease-requests>
</lease-workload>`;
}

const again = (arrival: string, attributes: string) =>
  workload()
    .replace(/[\s\S]*(<lease-request arrival[\s\S]*<\/lease-request>)[\s\S]*/, '$1')
    .replace('00:00:01', arrival)
    .replace('id="1"', attributes);

async function lease(parts: Parameters<typeof workload>[0]) {
  return (await readLwf(file('w.xml', workload(parts)))).entries[0]!;
}

describe('leases', () => {
  test('times, demand and line', async () => {
    const { name, entries } = await readLwf(file('w.xml', workload()));
    expect(name).toBe('a & b');
    expect(entries).toEqual([
      {
        line: 5,
        id: '1',
        submit: 1000,
        run: 3_600_500,
        terms: {
          groups: [{ name: null, vms: 1, demand: [1000, 0, 0, 0], image: null }],
          duration: 3_600_500,
          start: { kind: 'best-effort', before: null },
          preemptible: true,
          where: null,
          name: null,
          user: null,
          project: null,
          labels: null,
        },
      },
    ]);
  });

  test('days, hours over a day, signs', async () => {
    const at = async (time: string) => (await lease({ start: `<start><exact time="${time}"/></start>` })).terms.start;
    expect(await at('1:02:03:04.25')).toEqual({ kind: 'advance', at: 93_784_250 });
    expect(await at('+48:00:00')).toEqual({ kind: 'advance', at: 172_800_000 });
  });

  test('a deadline with an exact start, and without', async () => {
    const rest = '<deadline time="03:00:00"/>';
    expect((await lease({ start: '<start><exact time="00:30:00"/></start>', rest })).terms.start).toEqual({
      kind: 'deadline',
      notBefore: 1_800_000,
      by: 10_800_000,
    });
    expect((await lease({ rest })).terms.start).toEqual({ kind: 'best-effort', before: 7_199_500 });
  });

  test('node sets are groups in order; several CPUs are added up', async () => {
    const nodes =
      '<node-set numnodes="2"><res type="CPU"><instance amount="100"/><instance amount="50"/></res></node-set>' +
      '<node-set numnodes="1"><res type="Licence" amount="2"/><res type="Disk" amount="7"/></node-set>';
    expect((await lease({ nodes })).terms.groups.map(({ vms, demand }) => [vms, demand])).toEqual([
      [2, [1500, 0, 0, 0]],
      [1, [0, 0, 7, 2]],
    ]);
  });

  test('image, user and extras', async () => {
    const text = workload({
      lease: 'id="7" user="12" preemptible="false"',
      rest: '<extra><attr name="rate" value="0.1"/></extra>',
    });
    const { entries } = await readLwf(file('w.xml', text.replace('<none/>', '<disk-image id="debian" size="1024"/>')));
    expect(entries[0]?.terms).toMatchObject({
      user: '12',
      preemptible: false,
      labels: { rate: '0.1' },
      groups: [{ image: 'debian' }],
    });
  });

  test('what the user pays at most, in millionths; it stays among the extras', async () => {
    const rest = (rate: string) => `<extra><attr name="simul_userrate" value="${rate}"/></extra>`;
    const { entries } = await readLwf(file('w.xml', workload({ rest: rest('0.20') })));
    expect(entries[0]!.terms).toMatchObject({ maxRate: 200_000, labels: { simul_userrate: '0.20' } });
    for (const rate of ['', 'free', '-1', '1e3', '1000.1', '.5']) {
      const error = await refusal(() => readLwf(file('w.xml', workload({ rest: rest(rate) }))));
      expect(error.message).toContain('simul_userrate');
      expect(error.hint).toBe('Write a number from 0 to 1000.');
    }
  });

  test('requests without id are numbered with what is free', async () => {
    const request = again('00:00:02', '') + again('00:00:03', 'id="2"') + again('00:00:04', '');
    const { entries } = await readLwf(file('w.xml', workload({ request })));
    expect(entries.map(({ id }) => id)).toEqual(['1', '3', '2', '4']);
  });

  test('requests out of order are sorted, with a note', async () => {
    const request = again('00:00:05', 'id="2"') + again('00:00:00', 'id="3"') + again('00:00:01', 'id="4"');
    const { entries, notes } = await readLwf(file('w.xml', workload({ request })));
    expect(entries.map(({ id }) => id)).toEqual(['3', '1', '4', '2']);
    expect(notes).toEqual(['the requests are not in order of arrival (first at line 11): sorted']);
  });
});

describe('sites', () => {
  const expected = {
    resources: [
      { name: 'cpu', kind: 'amount' },
      { name: 'memory', kind: 'amount' },
      { name: 'disk', kind: 'amount' },
      { name: 'licence', kind: 'amount' },
    ],
    // Of disk and network, nodes that do not say have plenty.
    classes: [
      { first: 1, count: 2, capacity: [125, 1024, 1_000_000, 3], exclusive: false, labels: {}, names: null, units: {} },
    ],
  };

  test('alone in a file, or inside a workload', async () => {
    expect(await readHaizeaSite(file('site.xml', SITE))).toEqual(expected);
    expect(await readHaizeaSite(file('w.xml', workload()))).toEqual(expected);
  });

  test('a given site comes before the one of the file', async () => {
    const site = { resources: [{ name: 'cpu', kind: 'amount' as const }], classes: [] };
    expect((await readLwf(file('w.xml', workload()), { site })).site).toBe(site);
    expect(
      (await readLwf(file('w.xml', workload({ site: '' })), { site })).entries[0]?.terms.groups[0]?.demand,
    ).toEqual([1000]);
  });
});

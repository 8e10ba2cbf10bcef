/** Annotations as the simulator understands them, and the figures of a workload. */

import { describe, expect, test } from 'vitest';
import { annotate, annotationsIn } from '../../../simulations/haizea/annotations.js';
import { annotator } from '../../../simulations/workload-tools/annotate.js';
import { openSource } from '../../../simulations/workload-tools/formats.js';
import { termsWith } from '../../../simulations/workload-tools/lease-source.js';
import { workloadStats } from '../../../simulations/workload-tools/workload-stats.js';
import type { WorkloadEntry } from '../../../simulations/workloads/entry.js';
import { parseXml } from '../../../simulations/workloads/xml.js';
import { data, file, refusal } from '../files.js';
import { sourceOf, TextKept } from './tools.js';

const group = { name: null, vms: 2, demand: [1000, 512, 0, 0], image: null };

/** 20 leases of 1,000 s, a minute apart, of three users and of nobody; they had waited as long as they ran. */
const LEASES = Array.from({ length: 20 }, (_, i): WorkloadEntry => {
  const labels = { SWF_waittime: '1000', SWF_runtime: '1000' };
  const user = i % 4 === 3 ? null : `u${i % 4}`;
  return {
    line: i + 1,
    id: `l${i}`,
    submit: i * 60_000,
    run: 500_000,
    terms: termsWith({ groups: [group], duration: 1_000_000, user, labels }),
  };
});

async function annotated(config: string, leases: readonly WorkloadEntry[] | number = LEASES, seed = 1) {
  const output = new TextKept();
  const source = typeof leases === 'number' ? leases : sourceOf(leases).leases;
  await annotator(file('annotate.conf', config), seed).write(source, output);
  const annotations = annotationsIn(parseXml(Buffer.from(output.text), 'a.lwfa'), 'a.lwfa');
  const workload = annotate({ site: sourceOf([]).site!, entries: LEASES, notes: [] }, annotations);
  return { text: output.text, entries: workload.entries, notes: workload.notes };
}

const uniform = (min: number, max: number) => `distribution: uniform\nmin: ${min}\nmax: ${max}\n`;

describe('annotations', () => {
  test('advance leases with deadlines, prices and software', async () => {
    const config =
      `[general]\nattributes: a=b\n[start-delay]\ntype: multiple-of-duration\n${uniform(0.5, 2)}` +
      `[deadline-stretch]\ntype: multiple-of-duration\n${uniform(0, 3)}[user-rate]\n${uniform(1, 2)}` +
      '[software]\ndistribution: uniform\ndiscrete: true\nvalues: x.img|700\n';
    const { text, entries, notes } = await annotated(config);
    expect(notes).toEqual([]);
    expect(text).toContain('<attr name="a" value="b"/>');
    const rates = new Map<string, Set<string>>();
    for (const { submit, terms, imageSize } of entries) {
      const { start, labels, groups } = terms;
      expect(start.kind).toBe('deadline');
      if (start.kind !== 'deadline') continue;
      const delta = Number(labels!.simul_start_delta);
      const tau = Number(labels!.simul_deadline_tau);
      expect(delta >= 0.5 && delta <= 2 && tau >= 0 && tau <= 3).toBe(true);
      // The labels are rounded to hundredths, and the times to whole seconds.
      expect(Math.abs((start.notBefore - submit) / 1_000_000 - delta)).toBeLessThanOrEqual(0.0061);
      expect(Math.abs((start.by - start.notBefore) / 1_000_000 - (1 + tau))).toBeLessThanOrEqual(0.0071);
      expect((start.by - submit) % 1000).toBe(0);
      expect([groups[0]!.image, imageSize]).toEqual(['x.img', 700]);
      const user = terms.user ?? '';
      rates.set(user, (rates.get(user) ?? new Set()).add(labels!.simul_userrate!));
    }
    expect(['u0', 'u1', 'u2'].map((user) => rates.get(user)!.size)).toEqual([1, 1, 1]);
    expect(rates.get('')!.size).toBeGreaterThan(1);
  });

  test('absolute times, and the slowdown that the job had', async () => {
    const absolute = await annotated(
      `[start-delay]\ntype: absolute\n${uniform(30, 90)}[deadline-stretch]\ntype: absolute\n${uniform(100, 200)}`,
    );
    for (const { submit, terms } of absolute.entries) {
      if (terms.start.kind !== 'deadline') throw new Error(terms.start.kind);
      const delay = (terms.start.notBefore - submit) / 1000;
      const slack = (terms.start.by - terms.start.notBefore) / 1000 - 1000;
      expect(delay >= 30 && delay <= 90 && slack >= 99 && slack <= 201).toBe(true);
    }
    const original = await annotated(`[deadline-stretch]\ntype: original-slowdown\n${uniform(5, 7)}`);
    for (const { submit, terms } of original.entries) {
      // Waited as long as it ran: from no slack at all to once the duration. Without a start it is queued.
      if (terms.start.kind !== 'best-effort') throw new Error(terms.start.kind);
      const slack = (terms.start.before! - submit) / 1_000_000;
      expect(slack >= 0 && slack <= 1.001).toBe(true);
    }
  });

  test('for leases in order, and the same for the same seed', async () => {
    const config = `[start-delay]\ntype: absolute\n${uniform(0, 1000)}`;
    const { text, notes } = await annotated(config, 30);
    expect(notes).toEqual(['a.lwfa: 10 of 30 annotations are of no lease in the workload']);
    expect(text).not.toContain(' id=');
    expect((await annotated(config, 30)).text).toBe(text);
    expect((await annotated(config, 30, 2)).text).not.toBe(text);
  });

  test.each([
    ['[general]\n', 'nothing to annotate'],
    [`[start-delay]\n${uniform(0, 1)}`, '[start-delay] type'],
    [`[deadline-stretch]\ntype: original-slowdown\n${uniform(1, 1)}`, 'no range'],
    [`[nodes]\n${uniform(0, 1)}`, 'the section "nodes" is not known'],
    [`[user-rate]\n${uniform(-1, 1)}`, '[user-rate] min: -1 is less than 0'],
    ['[user-rate]\ndistribution: uniform\ndiscrete: true\nvalues: 1 -1\n', '[user-rate] values: not all are numbers'],
    [`[start-delay]\ntype: absolute\n${uniform(-60, 60)}`, '[start-delay] min: -60 is less than 0'],
    [`[deadline-stretch]\ntype: absolute\n${uniform(-1, 0)}`, '[deadline-stretch] min: -1 is less than 0'],
  ])('%j is refused', async (config, problem) => {
    expect((await refusal(() => annotated(config))).message).toContain(problem);
  });

  test('what needs leases says so', async () => {
    const ofDurations = `[start-delay]\ntype: multiple-of-duration\n${uniform(0, 1)}`;
    expect((await refusal(() => annotated(ofDurations, 3))).hint).toContain('absolute');
    const ofSlowdowns = `[deadline-stretch]\ntype: original-slowdown\n${uniform(0, 1)}`;
    const bare = LEASES.map((lease) => ({ ...lease, terms: { ...lease.terms, labels: null } }));
    expect((await refusal(() => annotated(ofSlowdowns, bare))).message).toContain('lease "l0" lacks SWF_waittime');
  });
});

describe('figures', () => {
  test('of leases whose figures are known', async () => {
    const images = LEASES.map((lease, i) =>
      i % 2 === 0 ? lease : { ...lease, terms: { ...lease.terms, groups: [{ ...group, image: i < 9 ? 'a' : 'b' }] } },
    );
    const stats = await workloadStats(sourceOf(images), null);
    expect(stats).toMatchObject({
      leases: 20,
      kinds: { 'best-effort': 20, immediate: 0, advance: 0, deadline: 0 },
      preemptible: 20,
      users: 3,
      span: 1140,
      cpus: 24.5,
      vms: { mean: 2, min: 2, median: 2, max: 2 },
      memoryMiBPerVm: { median: 512 },
      interarrival: { count: 19, mean: 60 },
      startDelay: { count: 0, mean: null, median: null },
      images: [
        { image: 'b', leases: 6, vms: 12 },
        { image: 'a', leases: 4, vms: 8 },
      ],
    });
    expect(stats.requestedUtilisation).toBeCloseTo((20 * 2 * 1000) / (24.5 * 1140), 10);
    expect(stats.actualUtilisation).toBeCloseTo((20 * 2 * 500) / (24.5 * 1140), 10);
    const longer = await workloadStats(sourceOf(images), 11_400_000);
    expect(longer.requestedUtilisation).toBeCloseTo(stats.requestedUtilisation! / 10, 10);
  });

  test('percentiles by nearest rank', async () => {
    const source = await openSource('swf', {
      ...{ source: data('traces/kth.swf.gz'), site: null, procs: null, sorted: true },
    });
    const { leases, run, duration } = await workloadStats(source, null);
    const runs: number[] = [];
    const again = await openSource('swf', {
      ...{ source: data('traces/kth.swf.gz'), site: null, procs: null, sorted: true },
    });
    for await (const entry of again.leases) runs.push(entry.run / 1000);
    runs.sort((a, b) => a - b);
    expect(leases).toBe(runs.length);
    expect([run.min, run.median, run.max]).toEqual([runs[0], runs[Math.ceil(runs.length / 2) - 1], runs.at(-1)]);
    expect(run.p90).toBe(runs[Math.ceil(runs.length * 0.9) - 1]);
    expect(duration.mean!).toBeGreaterThan(run.mean!);
  });

  test('without a site there is no utilisation', async () => {
    const stats = await workloadStats({ ...sourceOf(LEASES), site: null }, null);
    expect([stats.cpus, stats.requestedUtilisation, stats.actualUtilisation]).toEqual([null, null, null]);
  });
});

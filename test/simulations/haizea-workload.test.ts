/** What Haizea's configurations change of a workload: annotations, injected leases, overheads, memory. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Start } from '../../engine/index.js';
import { annotate, annotationsIn } from '../../simulations/haizea/annotations.js';
import type { HaizeaConfig } from '../../simulations/haizea/config.js';
import { inject } from '../../simulations/haizea/injection.js';
import { withMemory, withOverheads } from '../../simulations/haizea/overheads.js';
import type { WorkloadEntry, WorkloadRead } from '../../simulations/workloads/entry.js';
import { parseXml } from '../../simulations/workloads/xml.js';
import { refusal } from './files.js';

const HOUR = 3_600_000;
const SITE = {
  resources: [
    { name: 'cpu', kind: 'amount' },
    { name: 'memory', kind: 'amount' },
  ],
  classes: [],
} as const;
const WHEN_POSSIBLE: Start = { kind: 'best-effort', before: null };

function entry(id: string, submit: number, start: Start = WHEN_POSSIBLE, run = HOUR): WorkloadEntry {
  const terms = {
    groups: [{ name: null, vms: 2, demand: [1000, 1024], image: null }],
    duration: HOUR,
    start,
    preemptible: true,
    where: null,
    name: null,
    user: null,
    project: null,
    labels: { kept: '1', changed: '2' },
  };
  return { line: 1, id, submit, terms, run };
}

const workload = (...entries: WorkloadEntry[]): WorkloadRead => ({ site: SITE, entries, notes: [] });

const annotations = (...list: string[]) =>
  annotationsIn(
    parseXml(Buffer.from(`<lease-annotations>\n${list.join('\n')}\n</lease-annotations>`), 'a.lwfa'),
    'a.lwfa',
  );
const annotation = (id: number | null, content: string) =>
  `<lease-annotation${id === null ? '' : ` id="${id}"`}>${content}</lease-annotation>`;

/** The lease as the annotation makes it. */
const annotated = (content: string, start?: Start) =>
  annotate(workload(entry('1', 1000, start)), annotations(annotation(1, content))).entries[0]!;

describe('annotations', () => {
  test.each<[string, Start | undefined, Start]>([
    ['', undefined, WHEN_POSSIBLE],
    ['<start><exact time="+00:30:00.00"/></start>', undefined, { kind: 'advance', at: 1_801_000 }],
    ['<exact time="+01:00:00:00"/>', undefined, { kind: 'advance', at: 86_401_000 }],
    ['<start><now/></start>', undefined, { kind: 'immediate' }],
    ['<now/>', { kind: 'advance', at: 5000 }, { kind: 'immediate' }],
    ['<start/>', { kind: 'advance', at: 5000 }, WHEN_POSSIBLE],
    ['<deadline time="+03:00:00"/>', undefined, { kind: 'best-effort', before: 2 * HOUR + 1000 }],
    [
      '<deadline time="+03:00:00"/>',
      { kind: 'advance', at: 5000 },
      { kind: 'deadline', notBefore: 5000, by: 10_801_000 },
    ],
    [
      '<start><exact time="+00:00:01"/></start><deadline time="+03:00:00"/>',
      undefined,
      { kind: 'deadline', notBefore: 2000, by: 10_801_000 },
    ],
    [
      '<start><exact time="+00:00:01"/></start>',
      { kind: 'deadline', notBefore: 5000, by: 9 * HOUR },
      { kind: 'deadline', notBefore: 2000, by: 9 * HOUR },
    ],
    ['<start/>', { kind: 'deadline', notBefore: 5000, by: 9 * HOUR }, { kind: 'best-effort', before: 8 * HOUR }],
  ])('%s on %j', (content, before, after) => {
    expect(annotated(content, before).terms.start).toEqual(after);
  });

  test('software replaces software, extras are added to extras', () => {
    const { terms, imageSize } = annotated(
      '<software><disk-image id="foo.img" size="512"/></software>' +
        '<extra><attr name="changed" value="3"/><attr name="simul_userrate" value="0.2"/></extra>',
    );
    expect(terms.groups.map(({ image }) => image)).toEqual(['foo.img']);
    expect(imageSize).toBe(512);
    expect(terms.labels).toEqual({ kept: '1', changed: '3', simul_userrate: '0.2' });
    expect(terms.maxRate).toBe(200_000);
    const without = annotate(
      workload({ ...entry('1', 0), imageSize: 5 }),
      annotations(annotation(null, '<software><none/></software>')),
    ).entries[0]!;
    expect('imageSize' in without).toBe(false);
    expect(without.terms.groups[0]!.image).toBeNull();
  });

  test('without ids they go to the leases in order; what is left over is said', () => {
    const leases = workload(entry('a', 0), entry('b', 1), entry('c', 2));
    const now = annotation(null, '<now/>');
    const starts = (read: WorkloadRead) => read.entries.map(({ terms }) => terms.start.kind);
    const two = annotate(leases, annotations(now, annotation(null, '')));
    expect(starts(two)).toEqual(['immediate', 'best-effort', 'best-effort']);
    expect(two.notes).toEqual([]);
    expect(annotate(leases, annotations(now, now, now, now)).notes).toEqual([
      'a.lwfa: 1 of 4 annotations are of no lease in the workload',
    ]);
    expect(annotate(leases, annotations())).toEqual(leases);
  });

  test('leases without one stay as they are, and so does the order', () => {
    const id = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.uniqueArray(id), fc.uniqueArray(id), (leases, chosen) => {
        const before = workload(...leases.map((lease, i) => entry(String(lease), i)));
        const after = annotate(before, annotations(...chosen.map((lease) => annotation(lease, '<now/>'))));
        expect(after.entries.map((lease) => lease.id)).toEqual(before.entries.map((lease) => lease.id));
        after.entries.forEach((lease, i) => {
          if (chosen.includes(Number(lease.id))) expect(lease.terms.start.kind).toBe('immediate');
          else expect(lease).toBe(before.entries[i]);
        });
      }),
    );
  });

  test.each([
    [[annotation(1, ''), annotation(null, '')], ':3: /lease-annotations/lease-annotation[2]: some annotations name'],
    [[annotation(1, ''), annotation(1, '')], 'a second annotation of lease "1"'],
    [[annotation(1, '<start><now/></start><now/>')], 'more than one kind of start'],
    [[annotation(1, '<start><now/><exact time="1:00:00"/></start>')], 'more than one kind of start'],
    [[annotation(1, '<start><exact time="-00:00:01"/></start>')], 'time "-00:00:01" is too small'],
    [[annotation(1, '<deadline time="soon"/>')], 'time "soon" is no time'],
    [[annotation(1, '<duration time="01:00:00"/>')], 'unknown element in <lease-annotation>'],
    [[annotation(1, '<software/>')], 'not one kind of software'],
    [[annotation(1, '<now/><deadline time="+03:00:00"/>')], 'lease "1" would start now and have a deadline'],
    [
      [
        annotation(
          1,
          `<extra>${Array.from({ length: 63 }, (_, i) => `<attr name="a${i}" value=""/>`).join('')}</extra>`,
        ),
      ],
      'too many extras for lease "1"',
    ],
  ])('%j is refused', async (list, message) => {
    const error = await refusal(() => annotate(workload(entry('1', 0)), annotations(...list)));
    expect(error.message).toContain(message);
    expect(error.message).toContain('a.lwfa');
    expect(error.hint).not.toBe('');
  });

  test('a workload is no annotations', async () => {
    const error = await refusal(() => annotationsIn(parseXml(Buffer.from('<lease-workload/>'), 'w'), 'w'));
    expect(error.message).toContain('unknown root element');
    expect(error.hint).toBe('Expected <lease-annotations>.');
  });
});

describe('injection', () => {
  test('ids that are numbers begin at a million; the trace goes first where submitted at once', () => {
    const { entries, notes } = inject(
      workload(entry('1', 0), entry('2', 10)),
      { ...workload(entry('1', 10), entry('2', 5), entry('urgent', 10)), notes: ['sorted'] },
      'i.xml',
    );
    expect(entries.map(({ id }) => id)).toEqual(['1', '1000002', '2', '1000001', 'urgent']);
    expect(notes).toEqual(['i.xml: sorted']);
  });

  test('an id that is in the trace already', async () => {
    const error = await refusal(() => inject(workload(entry('a', 0)), workload(entry('a', 0)), 'i.xml'));
    expect(error.message).toBe('i.xml:1: the id "a" is in the trace already');
    const number = await refusal(() => inject(workload(entry('1000001', 0)), workload(entry('1', 0)), 'i.xml'));
    expect(number.message).toBe('i.xml:1: the id "1000001" is in the trace already');
  });
});

describe('overheads', () => {
  const options = (changes: Partial<HaizeaConfig['tracefile']>): HaizeaConfig['tracefile'] => ({
    tracefile: null,
    annotationfile: null,
    injectionfile: null,
    'runtime-slowdown-overhead': 5,
    'add-overhead': 'all',
    'bootshutdown-overhead': 20_000,
    'override-memory': -1,
    ...changes,
  });
  const lengths = (start: Start, run: number, changes: Partial<HaizeaConfig['tracefile']> = {}) => {
    const [one] = withOverheads(workload(entry('1', 0, start, run)), options(changes), 'c').entries;
    return [one!.terms.duration, one!.run];
  };

  test('the duration asked for and the true one become longer alike', () => {
    expect(lengths(WHEN_POSSIBLE, HOUR)).toEqual([3_800_000, 3_800_000]);
    expect(lengths(WHEN_POSSIBLE, HOUR / 2)).toEqual([3_800_000, 1_910_000]);
    expect(lengths(WHEN_POSSIBLE, 1001)).toEqual([3_800_000, 22_000]); // 1.05 s: whole seconds, upward
    expect(lengths(WHEN_POSSIBLE, 1500, { 'runtime-slowdown-overhead': 0 })).toEqual([3_620_000, 21_500]);
  });

  test('only of those whom they are for', () => {
    const advance: Start = { kind: 'advance', at: 0 };
    expect(lengths(advance, HOUR)).toEqual([3_800_000, 3_800_000]);
    expect(lengths(advance, HOUR, { 'add-overhead': 'besteffort' })).toEqual([HOUR, HOUR]);
    expect(lengths(WHEN_POSSIBLE, HOUR, { 'add-overhead': 'besteffort' })).toEqual([3_800_000, 3_800_000]);
    expect(lengths(WHEN_POSSIBLE, HOUR, { 'add-overhead': 'none' })).toEqual([HOUR, HOUR]);
  });

  test('a deadline stays where it is', () => {
    const patient = withOverheads(workload(entry('1', 0, { kind: 'best-effort', before: HOUR })), options({}), 'c');
    expect(patient.entries[0]!.terms.start).toEqual({ kind: 'best-effort', before: HOUR - 200_000 });
    const deadline: Start = { kind: 'deadline', notBefore: 0, by: 2 * HOUR };
    expect(withOverheads(workload(entry('1', 0, deadline)), options({}), 'c').entries[0]!.terms.start).toBe(deadline);
  });

  test('what becomes too long is refused', async () => {
    const long = entry('1', 0);
    const thousandYears = { ...long, terms: { ...long.terms, duration: 1000 * 366 * 24 * HOUR } };
    const error = await refusal(() => withOverheads(workload(thousandYears), options({}), 'c'));
    expect(error.message).toBe('c: [tracefile] add-overhead: lease "1" becomes too long');
  });

  test('other memory for every VM', async () => {
    expect(withMemory(workload(entry('1', 0)), 512, 'c').entries[0]!.terms.groups[0]!.demand).toEqual([1000, 512]);
    const asItIs = workload(entry('1', 0));
    expect(withMemory(asItIs, -1, 'c')).toBe(asItIs);
    const error = await refusal(() => withMemory({ ...asItIs, site: { resources: [], classes: [] } }, 512, 'c'));
    expect(error.message).toBe('c: [tracefile] override-memory: the site has no memory');
    expect(error.exitCode).toBe(78);
  });
});

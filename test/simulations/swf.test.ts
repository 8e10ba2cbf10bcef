/** The SWF reader: its import rules, against a slow twin and the real logs. */

import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSwf, OutOfOrder } from '../../simulations/workloads/swf.js';
import { swfEntries } from '../../simulations/workloads/swf-terms.js';
import { data, file, stdin, swfRows } from './files.js';

/** A row with what matters; the rest is unknown. */
function row(
  id: number | string,
  submit: number | string,
  run: number | string,
  procs: number | string,
  estimate: number | string,
): string {
  return `${id} ${submit} -1 ${run} ${procs} -1 -1 ${procs} ${estimate} -1 1 7 1 -1 1 -1 -1 -1`;
}

const HEADER = '; MaxProcs: 100\n';

describe('the rules of import', () => {
  test('the raw KTH log gives the same jobs as the cleaned one', async () => {
    const raw = await swfRows(data('traces/KTH-SP2-1996-2.1-cln.swf.gz'));
    const cleaned = await swfRows(data('traces/kth.swf.gz'));
    const withoutLine = (rows: number[][]) => rows.map(([, ...job]) => job);
    expect(raw.rows).toHaveLength(27_992);
    expect(withoutLine(raw.rows)).toEqual(withoutLine(cleaned.rows));
    expect(raw.trace.procs).toBe(100);
    expect(raw.trace.header.acknowledge).toEqual(['Lars Malinowsky']);
    expect(raw.trace.header.unixStartTime).toBe(843_480_031);
  });

  test('jobs that cannot be had are dropped and counted, with the first line', async () => {
    const { rows, dropped, trace } = await swfRows(
      file(
        'a.swf',
        [
          '; MaxProcs: 64',
          row(1, 10, 60, 4, 600),
          row(2, 10, 0, 4, 600),
          row(3, 10, -1, 4, 600),
          row(4, 10, 60, -1, 600),
          row(5, 10, 60, 65, 600),
          row(6, -10, 60, 4, 600),
          row(7, 10, 'NaN', 4, 600),
          row(8, 10, '1e400', 4, 600),
          row(9, '9007199254740993', 60, 4, 600),
          row(10, 10, 60, 4, 99_999_999_999),
          '11 12 13',
          row(1, 10, 60, 4, 600),
          row('9007199254740993', 10, 60, 4, 600),
          row(12, 20, 60, 64, 600),
        ].join('\n'),
      ),
    );
    expect(rows.map(([line, id]) => [line, id])).toEqual([
      [2, 1],
      [15, 12],
    ]);
    expect(dropped).toEqual({
      'no-run-time': { count: 2, firstLine: 3 },
      'no-processors': { count: 1, firstLine: 5 },
      'too-wide': { count: 1, firstLine: 6 },
      'negative-submit': { count: 1, firstLine: 7 },
      'not-a-number': { count: 1, firstLine: 8 },
      'out-of-range': { count: 4, firstLine: 9 },
      'too-few-fields': { count: 1, firstLine: 12 },
      'duplicate-id': { count: 1, firstLine: 13 },
    });
    expect([trace.loss.rows, trace.loss.kept, trace.loss.droppedCount]).toEqual([14, 2, 12]);
  });

  test('ids may be as large as numbers are exact, or negative', async () => {
    const ids = [Number.MAX_SAFE_INTEGER, 2 ** 28, 2 ** 28 - 1, -1, Number.MAX_SAFE_INTEGER, 2 ** 28, 2 ** 28 - 1, -1];
    const { rows, dropped } = await swfRows(file('a.swf', HEADER + ids.map((id) => row(id, 0, 60, 1, 60)).join('\n')));
    expect(rows.map(([, id]) => id)).toEqual(ids.slice(0, 4));
    expect(dropped).toEqual({ 'duplicate-id': { count: 4, firstLine: 6 } });
  });

  test('a job runs no longer than its estimate, which is its run time where it has none', async () => {
    const text = `${HEADER}${row(1, 5, 900, 4, 600)}\n${row(2, 6, 300, 4, -1)}\n`;
    const { rows, repaired } = await swfRows(file('a.swf', text));
    expect(rows).toEqual([
      [2, 1, 0, 600, 4, 600],
      [3, 2, 1, 300, 4, 300],
    ]);
    expect(repaired).toEqual({
      'killed-at-estimate': { count: 1, firstLine: 2 },
      'no-estimate': { count: 1, firstLine: 3 },
    });
  });

  test('requested processors stand in for allocated ones', async () => {
    const { rows } = await swfRows(file('a.swf', '1 0 -1 60 -1 -1 -1 8 60 -1 1 1 1 1 1 1 1 1'), { procs: 8 });
    expect(rows).toEqual([[1, 1, 0, 60, 8, 60]]);
  });

  test('fractions and exponents are read as numbers and cut off', async () => {
    const { rows } = await swfRows(file('a.swf', row(1, '0.99', '6e1', '+4.0', '.6e3')), { procs: 8 });
    expect(rows).toEqual([[1, 1, 0, 60, 4, 600]]);
    const { dropped } = await swfRows(file('b.swf', `${row(1, 0, '0.9', 4, 60)}\n${row(2, 0, 1, 1, 1)}`), { procs: 8 });
    expect(dropped).toEqual({ 'no-run-time': { count: 1, firstLine: 1 } });
  });
});

describe('files as they come', () => {
  const body = `${row(1, 5, 60, 4, 600)}\n${row(2, 6, 60, 4, 600)}\n`;
  const expected = [
    [2, 1, 0, 60, 4, 600],
    [3, 2, 1, 60, 4, 600],
  ];

  test.each([
    ['plain', Buffer.from(HEADER + body)],
    ['without a last newline', Buffer.from(HEADER + body.trimEnd())],
    ['with CRLF', Buffer.from((HEADER + body).replaceAll('\n', '\r\n'))],
    ['with tabs and runs of blanks', Buffer.from(HEADER + body.replaceAll(' ', ' \t  '))],
    ['with a byte order mark', Buffer.from(`\ufeff${HEADER}${body}`)],
    ['gzip, whatever its name', gzipSync(HEADER + body)],
    ['several gzip members', Buffer.concat([gzipSync(HEADER), gzipSync(body)])],
  ])('%s', async (_, bytes) => {
    expect((await swfRows(file('trace.swf', bytes))).rows).toEqual(expected);
  });

  test('comments and blank lines may stand anywhere', async () => {
    const text = `${HEADER}\n  ; note\n${row(1, 5, 60, 4, 600)}\n; MaxProcs: 1\n\n   \n${row(2, 6, 60, 4, 600)}\n;`;
    const { rows, trace } = await swfRows(file('a.swf', text));
    expect(rows.map(([line]) => line)).toEqual([4, 8]);
    expect(trace.procs).toBe(100);
    expect(trace.loss.rows).toBe(2);
  });

  test('the machine is as given, else MaxProcs, else MaxNodes', async () => {
    const sized = (header: string, procs?: number) =>
      openSwf(file('a.swf', header + body), procs === undefined ? {} : { procs });
    expect((await sized('; MaxNodes: 12\n; MaxProcs: 96 (12 nodes)\n')).procs).toBe(96);
    expect((await sized(';MaxNodes:12\n;MaxProcs: unknown\n')).procs).toBe(12);
    expect((await sized('; MaxProcs: 96\n', 4)).procs).toBe(4);
  });

  test('old headers in Latin-1 are read', async () => {
    const header = Buffer.from('; Acknowledge: \xc5ke Sandgren\n; Acknowledge: second\n; MaxProcs: 8\n', 'latin1');
    const trace = await openSwf(file('a.swf', Buffer.concat([header, Buffer.from(body)])));
    expect(trace.header.acknowledge).toEqual(['Åke Sandgren', 'second']);
  });
});

describe('order', () => {
  const text =
    HEADER + [row(1, 50, 60, 1, 60), row(2, 70, 60, 1, 60), row(3, 50, 60, 1, 60), row(4, 40, 60, 1, 60)].join('\n');

  test('a job submitted before an earlier one stops the stream and names its line', async () => {
    await expect(swfRows(file('a.swf', text))).rejects.toThrow(OutOfOrder);
    await expect(swfRows(file('a.swf', text))).rejects.toMatchObject({ line: 4 });
  });

  test('sorted, jobs submitted together stay in the order of the file', async () => {
    const { rows, repaired } = await swfRows(file('a.swf', text), { sorted: true });
    expect(rows.map(([, id, submit]) => [id, submit])).toEqual([
      [4, 0],
      [1, 10],
      [3, 10],
      [2, 30],
    ]);
    expect(repaired).toEqual({ 'out-of-order': { count: 2, firstLine: 4 } });
  });

  test('a dropped job does not count as out of order', async () => {
    const { rows } = await swfRows(file('a.swf', `${HEADER}${row(1, 50, 60, 1, 60)}\n${row(2, 10, 0, 1, 60)}\n`));
    expect(rows).toHaveLength(1);
  });

  test('stdin is sorted by itself', async () => {
    stdin([gzipSync(text)]);
    expect((await swfRows('-')).rows.map(([, id]) => id)).toEqual([4, 1, 3, 2]);
  });
});

describe('against a slow twin', () => {
  /** The rules again, in the plainest way; fields that are no numbers, and rows that come again, drop the row. */
  function slowly(text: string, machine: number): number[][] {
    const rows: number[][] = [];
    const seen = new Set<number>();
    text.split('\n').forEach((line, i) => {
      const fields = line.trim().split(/\s+/);
      if (line.startsWith(';') || fields.length < 18) return;
      const numbers = [0, 1, 3, 4, 7, 8].map((f) => Math.trunc(Number(fields[f])) + 0);
      if (numbers.some((n) => !Number.isSafeInteger(n))) return;
      const [id, submit, run, allocated, requested, estimate] = numbers as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const procs = allocated > 0 ? allocated : requested;
      if (run <= 0 || procs <= 0 || procs > machine || submit < 0 || seen.has(id)) return;
      seen.add(id);
      const limit = estimate > 0 ? estimate : run;
      rows.push([i + 1, id, submit, Math.min(run, limit), procs, limit]);
    });
    rows.sort((a, b) => a[2]! - b[2]! || a[0]! - b[0]!);
    const first = rows[0]?.[2] ?? 0;
    return rows.map(([line, id, submit, ...rest]) => [line!, id!, submit! - first, ...rest]);
  }

  const field = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -1, max: 40 }).map(String) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 2_000_000_000 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '0.03',
        '1e3',
        '-0.5',
        '12.',
        '+7',
        'x',
        '1e400',
        'NaN',
        '-',
        '0007',
        '3000000000',
        '-7',
      ),
    },
  );
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.array(field, { minLength: 18, maxLength: 18 }).map((fields) => fields.join(' ')) },
    { weight: 1, arbitrary: fc.array(field, { maxLength: 20 }).map((fields) => fields.join('\t ')) },
    { weight: 1, arbitrary: fc.constantFrom('', '; a note', '   ') },
  );

  test('the same jobs, in whatever pieces the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.array(fc.nat()),
        fc.boolean(),
        async (lines, cuts, packed) => {
          const text = `${row(999, 20, 60, 4, 600)}\n${lines.join('\n')}`;
          const bytes = packed ? gzipSync(text) : Buffer.from(text);
          const at = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
          const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
          stdin(pieces);
          expect((await swfRows('-', { procs: 32 })).rows).toEqual(slowly(text, 32));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('rows written are rows read', async () => {
    const job = fc.record({
      wait: fc.nat({ max: 100_000 }),
      run: fc.integer({ min: 1, max: 1_000_000 }),
      spare: fc.nat({ max: 1_000_000 }),
      procs: fc.integer({ min: 1, max: 1024 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 200 }), async (jobs) => {
        let submit = 0;
        const expected = jobs.map(({ wait, run, spare, procs }, i) => {
          if (i > 0) submit += wait;
          return [i + 1, i + 1, submit, run, procs, run + spare];
        });
        const text = expected
          .map(([, id, at, run, procs, estimate]) => row(id!, at!, run!, procs!, estimate!))
          .join('\n');
        stdin([Buffer.from(text)]);
        expect((await swfRows('-', { procs: 1024 })).rows).toEqual(expected);
      }),
    );
  });

  test('the same jobs where the file is longer than a piece', async () => {
    const text = gunzipSync(readFileSync(data('traces/blue20k.swf.gz'))).toString();
    const { rows } = await swfRows(data('traces/blue20k.swf.gz'));
    expect(text.length).toBeGreaterThan(500_000);
    expect(rows).toEqual(slowly(text, 1152));
  });
});

describe('jobs as leases', () => {
  const text = `${HEADER}1 0 -1 60 4 -1 -1 4 600 1025 1 12 1 1 1 1 1 1\n2 30 -1 50 2 -1 -1 2 50 -1 1 -1 1 1 1 1 1 1\n`;

  async function leases(resources: readonly string[]) {
    const source = file('a.swf', text);
    const trace = await openSwf(source);
    const entryOf = swfEntries(
      source,
      resources.map((name) => ({ name, kind: 'amount' as const })),
    );
    const entries = [];
    for await (const batch of trace.rows) for (let i = 0; i < batch.length; i++) entries.push(entryOf(batch, i));
    return entries;
  }

  test('a job on p processors is p VMs of one cpu, best-effort and preemptible', async () => {
    const [first, second] = await leases(['cpu']);
    expect(first).toEqual({
      line: 2,
      id: '1',
      submit: 0,
      run: 60_000,
      terms: {
        groups: [{ name: null, vms: 4, demand: [1000], image: null }],
        duration: 600_000,
        start: { kind: 'best-effort', before: null },
        preemptible: true,
        where: null,
        name: null,
        user: 'u12',
        project: null,
        labels: null,
      },
    });
    expect(second).toMatchObject({ id: '2', submit: 30_000, terms: { user: null } });
  });

  test('memory counts where the site has it, rounded up', async () => {
    const [first, second] = await leases(['memory', 'disk', 'cpu']);
    expect(first?.terms.groups[0]?.demand).toEqual([2, 0, 1000]);
    expect(second?.terms.groups[0]?.demand).toEqual([0, 0, 1000]);
  });
});

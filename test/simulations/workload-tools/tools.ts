/** Conversions in memory, and leases drawn at random, for the tests of the workload tools. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Start } from '../../../engine/index.js';
import { type ConvertOptions, convert, writeLeases } from '../../../simulations/workload-tools/convert.js';
import type { Readable, Writable } from '../../../simulations/workload-tools/format-names.js';
import { type LeaseSource, NOTHING_KNOWN, termsWith } from '../../../simulations/workload-tools/lease-source.js';
import { openSource } from '../../../simulations/workload-tools/formats.js';
import { Losses } from '../../../simulations/workload-tools/losses.js';
import type { TextOutput } from '../../../simulations/workload-tools/text-output.js';
import type { SiteDescription, WorkloadEntry } from '../../../simulations/workloads/entry.js';
import { directory } from '../files.js';

export class TextKept implements TextOutput {
  text = '';
  ends: 'finished' | 'aborted' | null = null;

  write(text: string): void {
    this.text += text;
  }

  finish(): void {
    this.ends = 'finished';
  }

  abort(): void {
    this.ends ??= 'aborted';
  }
}

/** Converts a text. `losses` are `kind what: count`. */
export async function converted(
  content: string | Buffer,
  from: Readable,
  to: Writable,
  options: Partial<ConvertOptions> = {},
) {
  const source = join(directory(), 'workload');
  writeFileSync(source, content);
  let output = new TextKept();
  const report = await convert({ source, from, to, canBeginAgain: true, ...options }, () => {
    output = new TextKept();
    return output;
  });
  return { text: output.text, ...report, losses: lines(report) };
}

/** A workload written in a format. */
export async function written(source: LeaseSource, to: Writable) {
  const output = new TextKept();
  await writeLeases(source, to, output, null);
  return { text: output.text, losses: lines({ losses: source.losses.list() }) };
}

function lines({ losses }: { losses: ReturnType<Losses['list']> }): string[] {
  return losses.map(({ kind, what, count }) => `${kind} ${what}: ${count}`);
}

/** What is read back from a text, with the lines left out: they differ between formats. */
export async function readBack(text: string, format: Readable, site: SiteDescription | null = null) {
  const path = join(directory(), 'workload');
  writeFileSync(path, text);
  const source = await openSource(format, { source: path, site, procs: null, sorted: true });
  const leases = [];
  for await (const { line: _, ...lease } of source.leases) leases.push(lease);
  return { about: source.about, site: source.site, resources: source.resources, leases, losses: source.losses.list() };
}

const milliseconds = fc.integer({ min: 1, max: 400 * 86_400_000 });
/** What survives XML: without control characters, and without blanks at the ends or many in a row. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((drawn) => drawn.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim())
  .filter((drawn) => drawn !== '');
const label = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}$/);

const start: fc.Arbitrary<Start> = fc.oneof(
  fc.record({ kind: fc.constant('best-effort' as const), before: fc.option(milliseconds) }),
  fc.constant({ kind: 'immediate' as const }),
  fc.record({ kind: fc.constant('advance' as const), at: milliseconds }),
  fc.record({ kind: fc.constant('deadline' as const), notBefore: milliseconds, by: milliseconds }),
);

const SITE: SiteDescription = {
  resources: ['cpu', 'memory', 'disk', 'licence'].map((name) => ({ name, kind: 'amount' })),
  classes: [
    { first: 1, count: 3, capacity: [4000, 8192, 1000, 2], exclusive: false, labels: {}, names: null, units: {} },
    { first: 4, count: 1, capacity: [12_500, 1, 0, 0], exclusive: false, labels: {}, names: null, units: {} },
  ],
};

const demand = fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 0, max: 100_000 })));

/** Leases with everything that YAML and CSV have a place for. */
export const anyLeases: fc.Arbitrary<readonly WorkloadEntry[]> = fc
  .array(
    fc.record({
      submit: fc.integer({ min: 0, max: 1_000_000_000 }),
      duration: milliseconds,
      runs: fc.integer({ min: 1, max: 100 }),
      image: fc.option(
        fc.record({
          name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,20}$/),
          size: fc.integer({ min: 1, max: 5000 }),
        }),
      ),
      sets: fc.array(fc.record({ vms: fc.integer({ min: 1, max: 50 }), demand }), { minLength: 1, maxLength: 3 }),
      start,
      preemptible: fc.boolean(),
      user: fc.option(text),
      more: fc.record(
        {
          held: fc.boolean(),
          priority: fc.nat(1000),
          maxRate: fc.nat(1_000_000),
          after: fc.constant([{ lease: 'lease-0', on: 'end' as const }]),
        },
        { requiredKeys: [] },
      ),
      labels: fc.option(fc.dictionary(label, text, { minKeys: 1, maxKeys: 4, noNullPrototype: true })),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drawn) =>
    drawn
      .sort((a, b) => a.submit - b.submit)
      .map(({ submit, duration, runs, image, sets, labels, more: { after, ...more }, ...terms }, i): WorkloadEntry => {
        const groups = sets.map((set) => ({ name: null, image: image?.name ?? null, ...set }));
        const entry = {
          line: i + 1,
          id: `lease-${i}`,
          submit,
          run: Math.max(1, Math.floor((duration * runs) / 100)),
          terms: termsWith({
            ...terms,
            groups,
            duration,
            labels,
            ...more,
            ...(after === undefined || i === 0 ? {} : { after }),
          }),
        };
        return image === null ? entry : { ...entry, imageSize: image.size };
      }),
  );

/** The same, with what LWF has a place for. */
export const lwfLeases = anyLeases.map((leases) =>
  leases.map((lease): WorkloadEntry => {
    const { held: _, priority: _p, maxRate: _m, after: _a, ...terms } = lease.terms;
    return { ...lease, terms };
  }),
);

export function sourceOf(leases: readonly WorkloadEntry[], about: Partial<LeaseSource['about']> = {}): LeaseSource {
  async function* each() {
    yield* leases;
  }
  return {
    about: { ...NOTHING_KNOWN, ...about },
    site: SITE,
    resources: SITE.resources,
    leases: each(),
    losses: new Losses(),
  };
}

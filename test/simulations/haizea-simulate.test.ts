/** Simulating by a configuration of Haizea: where the trace, the site and the files that it names come from. */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SimulateOptions, simulate } from '../../simulations/simulate.js';
import { data, directory, refusal } from './files.js';

const CASE = 'haizea/02_ar_preempts_be_suspend_resume';

/** A directory with a case of Haizea, its configuration changed, and what a simulation says of it. */
function copied(change: (config: string) => string = (config) => config) {
  const path = directory();
  writeFileSync(join(path, 'config'), change(readFileSync(data(`${CASE}/config`), 'utf8')));
  copyFileSync(data(`${CASE}/workload.xml`), join(path, 'workload.xml'));
  return path;
}

async function run(options: Omit<SimulateOptions, 'log'>) {
  const notes: string[] = [];
  const summary = await simulate({ ...options, log: false }, (note) => notes.push(note));
  return { leases: summary.leases, digest: summary.digest, notes };
}

describe('the trace', () => {
  test('is the one that the configuration names, from where that is', async () => {
    const path = copied();
    const named = await run({ haizeaConfig: join(path, 'config') });
    const given = await run({ haizeaConfig: join(path, 'config'), trace: data(`${CASE}/workload.xml`) });
    expect(named).toEqual(given);
    expect(named.leases).toBe(2);
    expect(named.notes).toEqual([
      `${join(path, 'config')}: without effect here: [general] loglevel, lease-failure-handling, persistence-file`,
    ]);
  });

  test('may be called .lwf', async () => {
    const path = copied((config) => config.replace('workload.xml', 'workload.lwf'));
    copyFileSync(join(path, 'workload.xml'), join(path, 'workload.lwf'));
    expect((await run({ haizeaConfig: join(path, 'config') })).leases).toBe(2);
  });

  test('on the command line goes first, which is said where it is another', async () => {
    const haizeaConfig = join(
      copied((config) => config.replace('workload.xml', '/no/such/place.xml')),
      'config',
    );
    const { leases, notes } = await run({ haizeaConfig, trace: data(`${CASE}/workload.xml`) });
    expect(leases).toBe(2);
    expect(notes[1]).toBe(`${haizeaConfig}: the trace is "${data(`${CASE}/workload.xml`)}", not "/no/such/place.xml"`);
  });
});

describe('the site', () => {
  /** The trace without its site. */
  function withoutSite(resources: string) {
    const path = copied((config) => config.replace('in-tracefile', resources));
    const trace = readFileSync(join(path, 'workload.xml'), 'utf8');
    const site = /<site>[\s\S]*<\/site>/.exec(trace)![0];
    writeFileSync(join(path, 'workload.xml'), trace.replace(site, ''));
    writeFileSync(join(path, 'site.xml'), site);
    return join(path, 'config');
  }

  test('is in a file of its own', async () => {
    const { digest } = await run({ haizeaConfig: withoutSite('file:site.xml') });
    expect(digest).toBe((await run({ haizeaConfig: join(copied(), 'config') })).digest);
  });

  test('is in the configuration', async () => {
    expect((await run({ haizeaConfig: withoutSite('4 CPU:100,Memory:1024') })).leases).toBe(2);
  });

  test('is given as an option instead', async () => {
    const haizeaConfig = withoutSite('file:missing.xml');
    const { notes } = await run({ haizeaConfig, nodes: ['4x cpu=1,memory=1GiB'] });
    expect(notes).toContain(`${haizeaConfig}: resources are as the option says, not as the configuration does`);
  });

  test('is missing', async () => {
    const haizeaConfig = withoutSite('file:missing.xml');
    const error = await refusal(() => run({ haizeaConfig }));
    expect(error.message).toBe(`${haizeaConfig}:11: [simulation] resources: "missing.xml" does not exist`);
    expect(error.hint).toContain('missing.xml", or write in-tracefile.');
    expect((await refusal(() => run({ haizeaConfig: withoutSite('in-tracefile') }))).message).toContain(
      'has no <site>',
    );
  });
});

test('annotated and injected leases: those of which Haizea made its schedule', async () => {
  const out = join(directory(), 'out');
  const name = 'haizea/32_annotation_injection';
  await run({ haizeaConfig: data(`${name}/config`), trace: data(`${name}/workload.xml`), out });
  const ours = readFileSync(join(out, 'leases.json'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .sort((a, b) => Number(a.id) - Number(b.id));
  const haizeas = JSON.parse(readFileSync(data(`${name}/schedule.json`), 'utf8')) as {
    id: number;
    state: string;
    submit: number;
    start: number | null;
    end: number | null;
  }[];
  expect(ours.map(({ id, state, submit, start }) => ({ id, state, submit, start }))).toEqual(
    haizeas.map(({ id, state, submit, start }) => ({ id: String(id), state: state.toLowerCase(), submit, start })),
  );
});

describe('what is refused', () => {
  test('another policy beside it, no trace, an SWF trace to be changed', async () => {
    const haizeaConfig = join(copied(), 'config');
    for (const [other, option] of [
      [{ policy: 'p.yaml' }, '--policy'],
      [{ backfilling: 'easy' }, '--backfilling'],
    ] as const) {
      expect(await refusal(() => run({ haizeaConfig, ...other }))).toMatchObject({
        message: `--haizea-config: not together with ${option}`,
        exitCode: 2,
      });
    }
    expect(await refusal(() => run({}))).toMatchObject({ message: 'simulate: no trace', exitCode: 2 });
    const memory = join(
      copied((config) => config.replace('[tracefile]', '[tracefile]\noverride-memory: 512')),
      'config',
    );
    expect(await refusal(() => run({ haizeaConfig: memory, trace: 'a.swf' }))).toMatchObject({
      message: 'a.swf: not LWF: its leases cannot be changed',
      exitCode: 2,
    });
  });

  test('a configuration that names no trace, or one that is not there', async () => {
    const none = join(
      copied((config) => config.replace('tracefile: workload.xml', '')),
      'config',
    );
    expect((await refusal(() => run({ haizeaConfig: none }))).message).toBe(`${none}: names no tracefile`);
    const path = copied((config) => config.replace('workload.xml', 'none.xml'));
    const missing = await refusal(() => run({ haizeaConfig: join(path, 'config') }));
    expect(missing.message).toBe(`${join(path, 'config')}:35: [tracefile] tracefile: "none.xml" does not exist`);
    expect(missing.hint).toBe(`Put it at "${join(path, 'none.xml')}", or give the trace on the command line.`);
  });

  test.each(['annotationfile', 'injectionfile'])('an %s that is not there', async (key) => {
    const path = copied((config) => config.replace('[tracefile]', `[tracefile]\n${key}: none.xml`));
    const error = await refusal(() => run({ haizeaConfig: join(path, 'config') }));
    expect(error.message).toBe(`${join(path, 'config')}:35: [tracefile] ${key}: "none.xml" does not exist`);
    expect(error.hint).toBe(`Put it at "${join(path, 'none.xml')}", or remove the line.`);
  });
});

describe('the end', () => {
  const CASES = 'haizea/42_mixed_nosusp';
  /** What is told of the leases of a case, and the notes, where it is to stop like this. */
  async function stopped(stop: string) {
    const out = directory();
    const config = readFileSync(data(`${CASES}/config`), 'utf8').replace('[scheduling]', `${stop}\n\n[scheduling]`);
    writeFileSync(join(out, 'config'), config);
    const trace = data(`${CASES}/workload.xml`);
    const { notes } = await run({ haizeaConfig: join(out, 'config'), trace, out: join(out, 'out') });
    const lines = readFileSync(join(out, 'out', 'leases.json'), 'utf8')
      .trim()
      .split('\n');
    const leases = lines.map(
      (line) => JSON.parse(line) as { id: string; kind: string; submit: number; end: number | null },
    );
    return { notes: notes.filter((note) => note.startsWith('stopped')), leases };
  }

  test('is when all leases are over, or as the configuration says: what was until then is the same', async () => {
    const all = await stopped('');
    expect(all.notes).toEqual([]);
    const upTo = (seconds: number) => all.leases.filter((lease) => (lease.end ?? lease.submit) < seconds);
    const exact = await stopped('stop-when: exact\nstop-when-time: 00:10:00:00');
    expect(exact.leases).toEqual(upTo(36_000));
    expect(exact.notes).toEqual([
      expect.stringMatching(/^stopped after \d+ s, as stop-when says: \d+ leases are not over/),
    ]);

    const queued = all.leases.filter(({ kind }) => kind === 'best-effort');
    const submitted = await stopped('stop-when: besteffort-submitted');
    const last = Math.max(...queued.map(({ submit }) => submit));
    expect(submitted.leases).toEqual(upTo(last + 1));
    const done = await stopped('stop-when: besteffort-done');
    const end = Math.max(...queued.map((lease) => lease.end ?? lease.submit));
    expect(done.leases).toEqual(upTo(end + 1));
  });
});

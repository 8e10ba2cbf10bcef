/** Names and labels in the log: sealed with their project's key, read through the API, and gone with the key. */

import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { destroyKeys, ProjectKeys } from '../../adapters/project-keys/project-keys.js';
import { Personal } from '../../api/personal.js';
import { audit, emptyState, encodeTurn, type Terms } from '../../engine/index.js';
import { Service } from '../support/service.js';

let directory: string;
let keys: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-keys-'));
  keys = join(directory, 'keys');
});
afterEach(() => rmSync(directory, { recursive: true }));

const ASKED = { name: 'thesis-of-ada', labels: { student: 'Ada Lovelace' }, project: 'maths' };

describe('a service with keys', () => {
  let service: Service;
  let log: MemoryLog;
  beforeEach(async () => {
    log = new MemoryLog();
    service = await Service.start({ store: new MemoryStore(log), personalKeys: keys });
  });
  afterEach(() => service.stop());

  it('tells clients what they said, and the log nothing of it', async () => {
    const lease = await service.lease(ASKED);
    expect(lease).toMatchObject(ASKED);
    expect(await service.read(lease.id)).toMatchObject(ASKED);
    const listed = (await service.ask('GET', '/v1/leases')).body.items[0];
    expect(listed).toMatchObject(ASKED);
    const bars = (await service.ask('GET', '/v1/schedule')).body.items;
    expect(bars[0].name).toBe(ASKED.name);
    const text = log.turns.map((turn) => encodeTurn(turn)).join('\n');
    expect(text).toContain(lease.id);
    expect(text).not.toMatch(/thesis|ada|student/i);
  });

  it('forgets a project with its key, at once and for ever, and no other', async () => {
    const forgotten = await service.lease(ASKED);
    const other = await service.lease({ ...ASKED, project: 'physics' });
    expect(destroyKeys(keys, 'maths')).toBe(1);
    expect(await service.read(forgotten.id)).toMatchObject({ name: null, labels: {}, project: 'maths' });
    expect(await service.read(other.id)).toMatchObject(ASKED.labels === undefined ? {} : { labels: ASKED.labels });
    // What is new of the project has a new key, which does not open what is old.
    const later = await service.lease(ASKED);
    expect(await service.read(later.id)).toMatchObject(ASKED);
    expect((await service.read(forgotten.id)).name).toBeNull();
    await service.stop();
    service = await Service.start({ store: new MemoryStore(log), personalKeys: keys });
    expect((await service.read(forgotten.id)).name).toBeNull();
    expect(await service.read(later.id)).toMatchObject(ASKED);
    // Every decision is still the one that was taken.
    const turns = new MemoryStore(log).read(0);
    expect(await audit(emptyState(), turns)).toBeNull();
  });

  it('gives a repeated request its first answer', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await service.ask(
      'POST',
      '/v1/leases',
      { ...ASKED, vms: 1, resources: { cpu: 1 }, duration: 60 },
      headers,
    );
    const again = await service.ask(
      'POST',
      '/v1/leases',
      { ...ASKED, vms: 1, resources: { cpu: 1 }, duration: 60 },
      headers,
    );
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
  });
});

it('what was sealed stays sealed for a service without keys', async () => {
  const log = new MemoryLog();
  const first = await Service.start({ store: new MemoryStore(log), personalKeys: keys });
  const { id } = await first.lease(ASKED);
  await first.stop();
  const second = await Service.start({ store: new MemoryStore(log) });
  expect(await second.read(id)).toMatchObject({ name: null, labels: {} });
  await second.stop();
});

describe('keys', () => {
  const terms = (name: string | null, labels: Record<string, string> | null, project: string | null) =>
    ({ name, labels, project }) as Terms;
  const words = fc.string({ unit: 'grapheme', maxLength: 60 });

  it('open exactly what they sealed, and no altered text', () => {
    const personal = new Personal(new ProjectKeys(keys));
    fc.assert(
      fc.property(
        fc.option(words),
        fc.option(fc.dictionary(words, words, { maxKeys: 5 })),
        fc.constantFrom(null, 'a', 'b'),
        fc.nat(),
        (name, labels, project, place) => {
          const sealed = personal.seal(terms(name, labels, project));
          expect(personal.open(sealed)).toEqual({ name, labels: labels ?? {} });
          // Another process reads it with the same directory.
          expect(new Personal(new ProjectKeys(keys)).open(sealed)).toEqual({ name, labels: labels ?? {} });
          if (sealed.labels === labels) return;
          const [mark, text] = Object.entries(sealed.labels!)[0]!;
          const [id, body] = text.split('.') as [string, string];
          const bytes = Buffer.from(body, 'base64url');
          bytes[place % bytes.length]! ^= 1 << (place % 8);
          const altered = { ...sealed, labels: { [mark]: `${id}.${bytes.toString('base64url')}` } };
          expect(personal.open(altered)).toEqual({ name: null, labels: {} });
        },
      ),
      { numRuns: 200 },
    );
    expect(readdirSync(keys).filter((file) => file.endsWith('.key'))).toHaveLength(3);
  });

  it('never seal the same text twice alike', () => {
    const personal = new Personal(new ProjectKeys(keys));
    const asked = terms('a', null, null);
    expect(personal.seal(asked).labels).not.toEqual(personal.seal(asked).labels);
  });

  it('are for their owner alone', () => {
    new Personal(new ProjectKeys(keys)).seal(terms('a', null, null));
    for (const file of readdirSync(keys)) expect(statSync(join(keys, file)).mode & 0o077).toBe(0);
    chmodSync(keys, 0o755);
    expect(() => new ProjectKeys(keys)).toThrow(/chmod 700/);
  });
});

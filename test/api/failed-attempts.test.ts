/** Failed attempts to authenticate: what auditors and operators learn of them, and how little of it there ever is. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FailedAttempts, FailureRecord, prefixOf } from '../../api/access/failed-attempts.js';
import { NOTE_VALUE_MAX } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { parseScrape } from '../support/scrape.js';
import { Service } from '../support/service.js';
import { heardStderr } from '../support/stderr.js';

const CANARY = 'c4n4ry';

describe('a service', () => {
  let service: Service;
  let written: string[] = [];
  beforeEach(async () => {
    written = heardStderr();
    service = await Service.start({ logLevel: 'warn', limits: { failureRecordMs: 200 } });
  });
  afterEach(async () => {
    await service.stop();
    vi.restoreAllMocks();
  });

  async function shows(credential: string | null, remoteAddress = '192.0.2.77'): Promise<number> {
    const headers: Record<string, string> = credential === null ? {} : { authorization: `Bearer ${credential}` };
    return (await service.app.inject({ url: '/v1/leases', headers, remoteAddress })).statusCode;
  }

  async function recorded(): Promise<FailedAttempts[]> {
    const { text } = await service.ask('GET', '/v1/events?type=NoteKept');
    const turns = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const notes = turns.flatMap(({ inputs }) => inputs as { key: string; value: string }[]);
    return notes.filter(({ key }) => key === 'failed-attempts').map(({ value }) => JSON.parse(value));
  }

  it('keeps in the log how many of which kind came from where, and nothing that was shown', async () => {
    const { body: token } = await service.ask('POST', '/v1/tokens', { name: 'mine', subject: 'ann', roles: ['user'] });
    const { body: gone } = await service.ask('POST', '/v1/tokens', { name: 'lost', subject: 'ann', roles: ['user'] });
    await service.ask('DELETE', `/v1/tokens/${gone.id}`);
    expect(await shows(token.token)).toBe(200);
    await shows(null);
    for (let i = 0; i < 3; i++) await shows(`${CANARY}-${i}`);
    await shows(gone.token, '2001:db8:1:2::3');
    await shows(`eyJ${CANARY}.${CANARY}.${CANARY}`);
    // All of them are in one record, or in two where a moment passed in between.
    await eventually(() => recorded().then((all) => all.reduce((sum, { attempts }) => sum + attempts, 0))).toBe(5);
    const by = (await recorded()).flatMap((one) => one.by);
    expect(by).toContainEqual({ network: '2001:db8:1::/48', kind: 'revoked', attempts: 1 });
    expect(by).toContainEqual({ network: '192.0.2.0/24', kind: 'not-of-issuer', attempts: 1 });
    const unknown = by.filter(({ kind }) => kind === 'unknown');
    expect(unknown.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(3);
    // The service's own log says the same, and neither says more.
    const lines = written.filter((line) => line.includes('failed attempts to authenticate'));
    expect(lines.length).toBeGreaterThan(0);
    const { text } = await service.ask('GET', '/v1/events');
    for (const said of [...lines, text]) {
      expect(said).not.toContain(CANARY);
      expect(said).not.toContain('192.0.2.77');
    }
  });

  it('counts them by kind, also those that have shown nothing', async () => {
    await shows(null);
    await shows(CANARY);
    const { samples } = parseScrape((await service.app.inject('/metrics')).body);
    const counted = samples.filter(({ name }) => name === 'leasehold_auth_failures_total');
    const counts = Object.fromEntries(counted.map(({ labels, value }) => [labels.kind, value]));
    expect(counts).toEqual({ missing: 1, unknown: 1, 'wrong-secret': 0, expired: 0, revoked: 0, 'not-of-issuer': 0 });
  });
});

describe('the record', () => {
  const keeping = (kept: boolean[] = []) => {
    const records: FailedAttempts[] = [];
    const keep = async (record: FailedAttempts) => {
      const isKept = kept.shift() ?? true;
      if (isKept) records.push(record);
      return isKept;
    };
    return { records, record: new FailureRecord(60_000, { tell: () => {}, keep }, () => 0) };
  };

  it('is as short as a note may be, from however many places they come', async () => {
    const { records, record } = keeping();
    for (let i = 0; i < 100_000; i++) record.add('wrong-secret', `10.${i >> 8}.${i & 255}.1`);
    for (let i = 0; i < 5; i++) record.add('expired', `2001:db8:ffff:${i}::1`);
    await record.flush();
    expect(records).toHaveLength(1);
    expect(records[0]!.attempts).toBe(100_005);
    expect(records[0]!.by).toHaveLength(16);
    expect(records[0]!.by.reduce((sum, one) => sum + one.attempts, 0) + records[0]!.others).toBe(100_005);
    expect(JSON.stringify(records[0]).length).toBeLessThan(NOTE_VALUE_MAX / 3);
  });

  it('that could not be kept is part of the next one; where nothing failed there is none', async () => {
    const { records, record } = keeping([false]);
    record.add('unknown', '192.0.2.1');
    await record.flush();
    expect(records).toEqual([]);
    record.add('unknown', '192.0.2.2');
    await record.flush();
    await record.flush();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ attempts: 2, by: [{ network: '192.0.2.0/24', kind: 'unknown', attempts: 2 }] });
    record.close();
  });

  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['::1', '0:0:0::/48'],
    ['', 'this machine'],
  ])('names of %s no more than %s', (address, prefix) => {
    expect(prefixOf(address)).toBe(prefix);
  });
});

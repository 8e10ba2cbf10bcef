/** What a client can keep of the log: receipts, the head, and signed checkpoints. */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, hashAfter } from '../../adapters/event-store/chain.js';
import { Trust, keyId, signed } from '../../adapters/event-store/checkpoints.js';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.stop());

/** The hash after each turn, by its number. */
async function chain(): Promise<string[]> {
  const { text } = await service.ask('GET', '/v1/events');
  let hash = GENESIS;
  const hashes = [GENESIS.toString('hex')];
  for (const line of text.trim().split('\n')) {
    hash = hashAfter(hash, hashes.length, line);
    hashes.push(hash.toString('hex'));
  }
  return hashes;
}

const RECEIPT = /^pos=(\d+);hash=([0-9a-f]{64})$/;

describe('a receipt', () => {
  it('comes with every write that was accepted, and is true of the log', async () => {
    const { headers, body } = await service.ask('POST', '/v1/leases', SMALL);
    const [, position, hash] = RECEIPT.exec(headers.receipt!)!;
    const read = await service.ask('GET', `/v1/leases/${body.id}`);
    expect(Number(position)).toBeGreaterThanOrEqual(read.body.turn);
    expect((await chain())[Number(position)]).toBe(hash);
    expect(read.headers.receipt).toBeUndefined();
    const cancelled = await service.ask('DELETE', `/v1/leases/${body.id}`);
    expect(cancelled.headers.receipt).toMatch(RECEIPT);
  });

  it('comes with no refusal', async () => {
    const refused = await service.ask('POST', '/v1/leases', { ...SMALL, vms: 0 });
    expect(refused.status).toBe(422);
    expect(refused.headers.receipt).toBeUndefined();
  });
});

describe('the head', () => {
  it('is where the log ends', async () => {
    const { body } = await service.ask('GET', '/v1/audit/head');
    const hashes = await chain();
    expect(hashes[body.position]).toBe(body.hash);
    expect(body).toMatchObject({ log: hashes[1], epoch: 1 });
    expect(body.time).toMatch(/^\d{4}-.*Z$/);
  });
});

describe('checkpoints', () => {
  it('are signed as the log grows, and listed', async () => {
    await service.ask('POST', '/v1/leases', SMALL);
    await service.ask('POST', '/v1/leases', SMALL);
    const items = async () => (await service.ask('GET', '/v1/audit/checkpoints')).body.items;
    await eventually(async () => (await items()).length).toBeGreaterThan(0);
    const list = await items();
    const hashes = await chain();
    for (const { position, hash, log } of list) expect([hash, log]).toEqual([hashes[position], hashes[1]]);
    const last = list.at(-1);
    const { body: later } = await service.ask('GET', `/v1/audit/checkpoints?after=${last.position}`);
    for (const { position } of later.items) expect(position).toBeGreaterThan(last.position);
    expect((await service.ask('GET', '/v1/audit/checkpoints?after=-1')).status).toBe(400);
  });
});

describe('trust', () => {
  const keys = () => generateKeyPairSync('ed25519').privateKey;
  const at = { log: 'a'.repeat(64), position: 7, hash: 'b'.repeat(64), time: '2026-11-21T00:00:00.000Z' };

  it('is in the keys given, and in those that they introduce, until they do', () => {
    const [one, two] = [keys(), keys()];
    const next = createPublicKey(two).export({ type: 'spki', format: 'der' }).toString('base64');
    const trust = new Trust([createPublicKey(one)]);
    expect(trust.fault(signed(at, two))).toContain('not among those given');
    expect(trust.fault(signed(at, one))).toBeNull();
    expect(trust.fault(signed({ ...at, next }, one))).toBeNull();
    expect(trust.fault(signed(at, two))).toBeNull();
    expect(trust.fault(signed(at, one))).toContain('after that had named the one to follow');
  });

  it('is not in what was altered after it was signed', () => {
    const one = keys();
    const checkpoint = signed(at, one);
    const trust = () => new Trust([createPublicKey(one)]);
    expect(trust().fault(checkpoint)).toBeNull();
    for (const altered of [
      { position: 8 },
      { hash: 'c'.repeat(64) },
      { log: 'c'.repeat(64) },
      { time: '2026-11-22T00:00:00.000Z' },
      { next: 'AAAA' },
      { signature: checkpoint.signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')) },
      { key: keyId(createPublicKey(keys())) },
    ])
      expect(trust().fault({ ...checkpoint, ...altered })).not.toBeNull();
  });
});

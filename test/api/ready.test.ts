/** VMs that say that they are ready: without a token, by a secret that is theirs. */

import { expect, onTestFinished, test, vi } from 'vitest';
import { type Call, newSecret, readCall, readyUrl } from '../../adapters/callback.js';
import { readWishes } from '../../adapters/machine-wishes.js';
import { heardStderr } from '../support/stderr.js';
import { Service, SMALL } from '../support/service.js';

const SECRET = newSecret();
const URL_OF_VM = new URL(readyUrl('http://10.0.0.1:8080/', 'Labc-2', 3, SECRET));
const PATH = `${URL_OF_VM.pathname}${URL_OF_VM.search}`;

async function serviceThatWaits() {
  const heard: Call[] = [];
  const service = await Service.start({
    hear: async (call) => {
      heard.push(call);
      return call.digest === SECRET.digest;
    },
  });
  onTestFinished(() => service.stop());
  return { service, heard };
}

test('a VM is known by what it asks for, whatever it sends with it', async () => {
  const { service, heard } = await serviceThatWaits();
  const types = ['application/x-www-form-urlencoded', 'application/json', 'text/plain'];
  for (const type of types) {
    const headers = { 'content-type': type };
    const { statusCode } = await service.app.inject({ method: 'POST', url: PATH, headers, payload: 'a=%' });
    expect(statusCode, type).toBe(204);
  }
  expect((await service.app.inject({ method: 'POST', url: PATH })).statusCode).toBe(204);
  expect(heard[0]).toEqual({ lease: 'Labc-2', vm: 3, digest: SECRET.digest });
});

test('a secret that is not known is as a page that is not there, and soon one has to wait', async () => {
  const { service, heard } = await serviceThatWaits();
  const ask = (secret: string, remoteAddress = '10.0.0.9') =>
    service.app.inject({ method: 'POST', url: `/v1/ready?secret=${encodeURIComponent(secret)}`, remoteAddress });
  const wrong = `Labc-2.3.${newSecret().text}`;
  for (const secret of [wrong, '', 'x', 'Labc-2.3', `../etc.1.${SECRET.text}`, `Labc-2.0.${SECRET.text}`])
    expect((await ask(secret)).statusCode, secret).toBe(404);
  expect(heard.length).toBe(1);
  const statuses = [];
  for (let i = 0; i < 8; i++) statuses.push((await ask(wrong)).statusCode);
  expect(statuses.at(-1)).toBe(429);
  // Who knows one is heard all the same, and so is whoever is elsewhere.
  expect((await ask(PATH.split('=')[1]!)).statusCode).toBe(204);
  expect((await ask(wrong, '10.0.0.10')).statusCode).toBe(404);
  expect((await service.app.inject({ method: 'POST', url: '/v1/ready' })).statusCode).toBe(400);
  expect((await service.app.inject({ method: 'GET', url: PATH })).statusCode).toBe(405);
});

test('what it is known by is not in the log of the service', async () => {
  const written = heardStderr();
  onTestFinished(() => void vi.restoreAllMocks());
  const service = await Service.start({ logLevel: 'trace', hear: async () => true });
  onTestFinished(() => service.stop());
  expect((await service.app.inject({ method: 'POST', url: PATH })).statusCode).toBe(204);
  const all = () => written.join('');
  await vi.waitFor(() => expect(all()).toContain('/v1/ready'), { timeout: 60_000 });
  expect(all()).not.toContain(SECRET.text);
  expect(all()).not.toContain(SECRET.digest);
});

test('where VMs cannot call, nobody is promised that they do', async () => {
  const machine = { ready: { probe: 'callback' } };
  const [deaf, other] = [await Service.start({ vmsCanCall: false }), await Service.start()];
  onTestFinished(async () => void (await Promise.all([deaf.stop(), other.stop()])));
  for (const path of ['/v1/leases', '/v1/quotes']) {
    const { status, body } = await deaf.ask('POST', path, { ...SMALL, machine });
    expect({ status, errors: body.errors }).toMatchObject({
      status: 422,
      errors: [{ pointer: '/machine/ready/probe' }],
    });
    expect((await deaf.ask('POST', path, { ...SMALL, machine: { ready: { probe: 'agent' } } })).status).toBeLessThan(
      300,
    );
    expect((await other.ask('POST', path, { ...SMALL, machine })).status).toBeLessThan(300);
  }
});

test('no more VMs can be enough than there are', async () => {
  const service = await Service.start();
  onTestFinished(() => service.stop());
  const ask = (vms: number, atLeast: number) => {
    const machine = { ready: { probe: 'agent', timeout: 'PT1M', atLeast } };
    return service.ask('POST', '/v1/leases', { ...SMALL, vms, machine });
  };
  expect((await ask(2, 3)).body.errors).toEqual([
    { pointer: '/machine/ready/atLeast', detail: 'is more than its 2 VMs' },
  ]);
  expect((await ask(2, 0)).status).toBe(422);
  const kept = async (vms: number, atLeast: number) => {
    const { body } = await ask(vms, atLeast);
    const { terms } = service.follower.state.leases.get(body.id)!;
    return { ready: readWishes(terms.machine!).ready, within: terms.readyWithin };
  };
  expect(await kept(2, 1)).toEqual({ ready: { probe: 'agent', timeoutMs: 60_000, atLeast: 1 }, within: 120_000 });
  expect(await kept(2, 2)).toEqual({ ready: { probe: 'agent', timeoutMs: 60_000 }, within: 120_000 });
});

test('what it is known by is long, is never the same, and is read back', () => {
  expect(newSecret()).not.toEqual(SECRET);
  expect(readCall(URL_OF_VM.searchParams.get('secret')!)).toEqual({ lease: 'Labc-2', vm: 3, digest: SECRET.digest });
  expect(Buffer.from(SECRET.text, 'base64url').length).toBe(32);
});

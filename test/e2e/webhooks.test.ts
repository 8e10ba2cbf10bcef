/** Webhooks of the service as a process: it is killed and started again, and each turn is delivered, in order, at least once. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';
import { Receiver } from '../support/receiver.js';

let directory: ReturnType<typeof temporaryDirectory>;
let served: ServedProcess | null = null;
let receiver: Receiver | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await served?.signal('SIGKILL');
  await receiver?.stop();
  directory.remove();
});

const SETTINGS = ['--webhook-http', '--webhook-allow', '127.0.0.1', '--log-level', 'trace', '--port', '0'];
const LEASE = { vms: 1, resources: { cpu: 0.1 }, duration: 'PT1H' };
/** How many turns have something for the webhook. */
const wanted = async (): Promise<number[]> => {
  const { text } = await served!.ask('GET', '/v1/events?type=LeaseRequested');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).number as number);
};
const submit = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) expect((await served!.ask('POST', '/v1/leases', LEASE)).status).toBe(201);
};

it(
  'a killed service goes on where it stopped, or a little before; one that was told to stop, just there',
  needs('build'),
  async () => {
    served = await ServedProcess.start(directory.path, SETTINGS);
    receiver = await Receiver.start();
    const hook = { url: receiver.url, filter: { types: ['LeaseRequested'] } };
    const made = (await served.ask('POST', '/v1/webhooks', hook)).json();
    // 1. Killed while it delivers, with some of it not yet noted.
    await submit(5);
    await eventually(() => receiver!.received.length).toBe(5);
    receiver.answering = () => undefined;
    await submit(3);
    await served.signal('SIGKILL');
    receiver.answering = () => 204;
    served = await ServedProcess.start(directory.path, SETTINGS);
    await submit(2);
    await eventually(async () => receiver!.turns.at(-1) === (await wanted()).at(-1)).toBe(true);
    const { turns } = receiver;
    expect([...new Set(turns)]).toEqual(await wanted());
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe((await wanted()).length);
    // 2. Told to stop, it notes where it is: nothing comes twice.
    const ended = await served.signal('SIGTERM');
    expect(ended.code).toBe(0);
    const before = receiver.received.length;
    served = await ServedProcess.start(directory.path, SETTINGS);
    await submit(1);
    await eventually(() => receiver!.received.length).toBe(before + 1);
    expect(receiver.turns.at(-1)).toBe((await wanted()).at(-1));
    // 3. What signs is in no file and in no line.
    const env = { LEASEHOLD_URL: served.url, LEASEHOLD_TOKEN: served.token };
    const shown = await leasehold(['webhook', 'show', made.id, '-o', 'json'], { cwd: directory.path, env });
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: made.id, state: 'active' });
    const { stderr } = await served.signal('SIGTERM');
    served = null;
    const files = readdirSync(join(directory.path, 'data'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const secret = String(made.secret).slice(6, 40);
    expect(secret).toHaveLength(34);
    for (const text of [...files, stderr, ended.stderr, shown.stdout]) expect(text.includes(secret)).toBe(false);
  },
);

it('a receiver shows a certificate that is trusted, or is sent nothing', needs('build', 'openssl'), async () => {
  const { cert, key } = makeCertificate(directory.path, 'receiver');
  receiver = await Receiver.start({ cert: readFileSync(cert), key: readFileSync(key) });
  const tested = async (env: Readonly<Record<string, string>>) => {
    served = await ServedProcess.start(directory.path, ['--webhook-allow', '127.0.0.1'], { env });
    const refused = await served.ask('POST', '/v1/webhooks', { url: receiver!.url.replace('https', 'http') });
    expect(refused.status).toBe(422);
    const { id } = (await served.ask('POST', '/v1/webhooks', { url: receiver!.url })).json();
    const outcome = (await served.ask('POST', `/v1/webhooks/${id}/test`)).json();
    await served.ask('DELETE', `/v1/webhooks/${id}`);
    await served.signal('SIGTERM');
    served = null;
    return outcome;
  };
  expect(await tested({})).toMatchObject({ result: 'failed', detail: expect.stringMatching(/\(\w*SELF_SIGNED\w*\)/) });
  expect(receiver.received).toEqual([]);
  expect(await tested({ NODE_EXTRA_CA_CERTS: cert })).toMatchObject({ result: 'delivered', status: 204 });
});

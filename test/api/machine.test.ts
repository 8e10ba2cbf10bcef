/** What is said of the VMs of a lease: checked when it is asked for, kept in the log for whoever makes them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { type MachineWishes, USER_DATA_LENGTH_MAX } from '../../adapters/machine-wishes.js';
import { TEMPLATE_LENGTH_MAX } from '../../adapters/libvirt/template.js';
import { destroyKeys, ProjectKeys } from '../../adapters/project-keys/project-keys.js';
import { Personal } from '../../api/personal.js';
import { audit, decide, emptyState, encodeTurn, MACHINE_LENGTH_MAX, type Terms } from '../../engine/index.js';
import { HOSTILE } from '../adapters/hostile-values.js';
import { Service } from '../support/service.js';

/** Of the shape of a key; nobody has the other half. */
const keyOf = (type: string): string => {
  const name = Buffer.from(type, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return `${type} ${Buffer.concat([length, name, Buffer.alloc(36, 7)]).toString('base64')}`;
};
const ADA = `${keyOf('ssh-ed25519')} ada@example.org`;
const SAID = {
  network: 'campus',
  sshKeys: [ADA, keyOf('ecdsa-sha2-nistp256')],
  userData: '#cloud-config\nusers: [{name: ada, passwd: "geheim"}]\n',
  template: "<domain><clock offset='localtime'/></domain>",
  firmware: 'efi',
  board: 'q35',
  disk: 'full',
  cpuModel: 'host-model',
};

let log: MemoryLog;
let service: Service;
let keys: string;
beforeEach(async () => {
  keys = join(mkdtempSync(join(tmpdir(), 'leasehold-keys-')), 'keys');
  log = new MemoryLog();
  service = await Service.start({ store: new MemoryStore(log) });
});
afterEach(async () => {
  await service.stop();
  rmSync(join(keys, '..'), { recursive: true });
});

const text = (): string => log.turns.map((turn) => encodeTurn(turn)).join('\n');
function termsIn(id: string): Terms {
  const events = log.turns.flatMap(({ inputs }) => inputs);
  const asked = events.find((event) => event.type === 'LeaseRequested' && event.lease === id);
  if (asked?.type !== 'LeaseRequested') throw new Error(`${id} is not in the log`);
  return asked.terms;
}

describe('what is said of VMs', () => {
  it('is in the log for whoever makes them, and is not shown again', async () => {
    const lease = await service.lease({ machine: SAID });
    const { machine } = termsIn(lease.id);
    expect(new Personal(null).machine({ machine } as Terms)).toEqual(SAID);
    expect(JSON.stringify(await service.read(lease.id))).not.toMatch(/campus|ssh-|geheim|localtime|q35/);
    expect(await audit(emptyState(), new MemoryStore(log).read(0))).toBeNull();
  });

  it('is nothing where nothing is said', async () => {
    const lease = await service.lease({});
    expect(termsIn(lease.id)).not.toHaveProperty('machine');
    expect(new Personal(null).machine(termsIn(lease.id))).toBeNull();
    const some = await service.lease({ machine: { network: 'campus' } });
    const only: MachineWishes = { network: 'campus', sshKeys: [], userData: null, template: null };
    expect(new Personal(null).machine(termsIn(some.id))).toEqual(only);
    expect(termsIn(some.id).machine).toBe('{"network":"campus"}');
  });

  it('is sealed where the service has keys, and gone with the key', async () => {
    const sealing = await Service.start({ store: new MemoryStore(log), personalKeys: keys });
    onTestFinished(() => sealing.stop());
    const lease = await sealing.lease({ machine: SAID, project: 'maths' });
    expect(text()).not.toMatch(/campus|ssh-|geheim|localtime/);
    const terms = termsIn(lease.id);
    const personal = new Personal(new ProjectKeys(keys));
    expect(personal.machine(terms)).toEqual(SAID);
    // Who has not the key, and who has one that was meant for something else.
    expect(new Personal(null).machine(terms)).toBe('erased');
    const asNames = { ...terms, labels: { '~1': terms.machine!.slice(2) } };
    expect(personal.open(asNames)).toEqual({ name: null, labels: {} });
    expect(destroyKeys(keys, 'maths')).toBe(1);
    expect(personal.machine(terms)).toBe('erased');
  });

  it('is the same for each lease of a series', async () => {
    const { body } = await service.ask('POST', '/v1/leases', {
      vms: 1,
      resources: { cpu: 1 },
      duration: '1h',
      start: { kind: 'advance', at: new Date(Date.now() + 3_600_000).toISOString() },
      repeat: { every: '24h', times: 2 },
      machine: { network: 'campus' },
    });
    for (const { id } of body.items) expect(termsIn(id).machine).toBe('{"network":"campus"}');
  });
});

describe('what cannot be used is refused with its place', () => {
  const refusal = async (machine: object) => {
    const asked = { vms: 1, resources: { cpu: 1 }, duration: 60, machine };
    const { status, body } = await service.ask('POST', '/v1/leases', asked);
    return { status, code: body.code, errors: body.errors as { pointer: string; detail: string }[] };
  };

  it.each([
    [
      'a private key',
      { sshKeys: [ADA, '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0'] },
      '/machine/sshKeys/1',
      'private key',
    ],
    ['options', { sshKeys: [`command="id" ${ADA}`] }, '/machine/sshKeys/0', 'without options'],
    ['two lines', { sshKeys: [`${ADA}\n${ADA}`] }, '/machine/sshKeys/0', 'on one line'],
    ['a key of another type', { sshKeys: [ADA.replace('ssh-ed25519 ', 'ssh-rsa ')] }, '/machine/sshKeys/0', 'damaged'],
    ['no key', { sshKeys: ['hello'] }, '/machine/sshKeys/0', 'not a public key'],
    ['a file', { template: '<domain><devices><disk/></devices></domain>' }, '/machine/template', '<"disk">'],
    ['no XML', { template: 'hello' }, '/machine/template', 'is not accepted'],
    ['firmware that nobody knows', { firmware: 'uefi' }, '/machine/firmware', ''],
    ['a processor that is none', { cpuModel: '<model/>' }, '/machine/cpuModel', ''],
    ['another board', { board: "q35'/>" }, '/machine/board', ''],
    ['another network', { network: '../default' }, '/machine/network', ''],
    ['much', { template: 'a'.repeat(TEMPLATE_LENGTH_MAX + 1) }, '/machine/template', ''],
    ['a zero byte', { userData: 'a\0b' }, '/machine/userData', ''],
    ['nothing', { userData: '' }, '/machine/userData', ''],
    ['another member', { disk: '/dev/sda' }, '/machine/disk', ''],
  ])('%s', async (_, machine, pointer, reason) => {
    const { status, errors } = await refusal(machine);
    expect(status).toBe(422);
    expect(errors).toEqual([expect.objectContaining({ pointer })]);
    expect(errors[0]!.detail).toContain(reason);
    expect(JSON.stringify(errors)).not.toContain('c2VjcmV0');
  });

  it('and so is every hostile value as a key, a network or a template', async () => {
    for (const value of HOSTILE.filter((one) => !/\p{Cs}/u.test(one) && one.length < 400)) {
      const harmless = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value);
      const names = harmless ? [] : [{ network: value }, { board: value }, { disk: value }];
      for (const machine of [{ sshKeys: [value] }, { template: value }, ...names])
        expect((await refusal(machine)).status, JSON.stringify(machine)).toBe(422);
    }
  });

  it('a full disk that another host is to go on with', async () => {
    const asked = { vms: 1, resources: { cpu: 1 }, duration: 60, onNodeLost: 'migrate', machine: { disk: 'full' } };
    const { status, body } = await service.ask('POST', '/v1/leases', asked);
    expect(status).toBe(422);
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/machine/disk' })]);
  });

  it('user data may be as long as is said', async () => {
    const userData = `#${'a'.repeat(USER_DATA_LENGTH_MAX - 1)}`;
    const lease = await service.lease({ machine: { userData } });
    expect(new Personal(null).machine(termsIn(lease.id))).toMatchObject({ userData });
    expect((await refusal({ userData: `${userData}a` })).status).toBe(400);
  });

  it('what is too long for the log, whoever sends it', async () => {
    const lease = await service.lease({});
    const terms = { ...termsIn(lease.id), machine: 'x'.repeat(MACHINE_LENGTH_MAX + 1) };
    const decided = decide(service.follower.state, { type: 'SubmitLease', lease: 'L1', terms, key: null }, 0);
    expect(decided).toMatchObject({ ok: false, rejection: { code: 'terms-invalid', pointer: '/machine' } });
  });
});

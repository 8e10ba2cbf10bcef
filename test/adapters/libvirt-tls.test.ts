/** A host that is reached by TLS, for real: both sides have certificates, and either is asked whose it is. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostVerdict } from '../../adapters/host-health.js';
import { Authority } from '../support/certificates.js';
import type { Host } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';

const ASK = fileURLToPath(new URL('../support/machines/ask-host.mjs', import.meta.url));

describe('a host by TLS', needs('build', 'machines', 'openssl'), () => {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  let hosts: Hosts;
  let [here, there]: Host[] = [];

  beforeAll(async () => {
    hosts = await Hosts.start(2);
    [here, there] = hosts.all as [Host, Host];
    const ours = new Authority(directory.path, 'ours');
    const others = new Authority(directory.path, 'others');
    const host = ours.sign('host', there!.address);
    // 1. What a host has, and says of itself.
    const settings = { listen_tls: 1, ca_file: ours.cert, cert_file: host.cert, key_file: host.key };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    const file = there!.outside('/etc/libvirt/libvirtd.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace('listen_tls = 0\n', lines.join('')));
    await there!.killLibvirt();
    await there!.startLibvirt();
    // 2. What a service has: of this authority, of another one, and one that believes another one.
    const client = ours.sign('client', here!.address);
    const stranger = others.sign('stranger', here!.address);
    for (const [name, authority, mine] of [
      ['right', ours, client],
      ['strange', ours, stranger],
      ['wary', others, client],
    ] as const) {
      mkdirSync(at(name));
      copyFileSync(authority.cert, at(`${name}/cacert.pem`));
      copyFileSync(mine.cert, at(`${name}/clientcert.pem`));
      copyFileSync(mine.key, at(`${name}/clientkey.pem`));
    }
    mkdirSync(at('none'));
  }, 120_000);
  afterAll(async () => {
    await hosts?.stop();
    directory.remove();
  });

  /** Asked from its neighbour. */
  const asked = async (pki: string): Promise<HostVerdict> => {
    const uri = `qemu+tls://${there!.address}/system?pkipath=${at(pki)}`;
    return JSON.parse(await here!.run(process.execPath, ASK, uri));
  };

  test('is asked, and does as it is told', { timeout: 60_000 }, async () => {
    const verdict = await asked('right');
    expect(verdict.ok ? '' : verdict.detail).toBe('');
    expect(verdict).toMatchObject({ ok: true, host: { uuid: there!.uuid, hostname: there!.name } });
    expect(await there!.virsh('pool-list', '--all')).toContain('leasehold');
  });

  test.each([
    ['strange', /certificate/],
    ['wary', /compare cacert\.pem/],
    ['none', /cacert\.pem/],
  ])('has nothing to do with whoever is %s', { timeout: 60_000 }, async (pki, why) => {
    const verdict = await asked(pki);
    expect(verdict).toMatchObject({ ok: false, at: 'host', detail: expect.stringMatching(why) });
  });
});

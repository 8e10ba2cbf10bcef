/** "From zero to real VMs", followed word by word on a host with libvirt and QEMU, with a second one that is reached by ssh. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Reader, stepsOf } from '../support/guide.js';
import { buildGuest } from '../support/machines/guest.js';
import type { Host } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';

const STEPS = stepsOf(readFileSync('docs/from-zero-to-real-vms.md', 'utf8'));

describe('from zero to real VMs', needs('build', 'machines', 'sshd'), () => {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  let hosts: Hosts;
  let reader: Reader;

  beforeAll(async () => {
    const guest = await buildGuest();
    hosts = await Hosts.start(2);
    const [here, other] = hosts.all as readonly [Host, Host];
    // What the reader has installed, and brought along.
    await here.run('mkdir', '/srv/images');
    cpSync(guest.disk, at('debian-12.qcow2'));
    await here.run('mv', at('debian-12.qcow2'), '/srv/images/debian-12.qcow2');
    await names(here, { 'etc-hosts': ['/etc/hosts', `127.0.0.1 localhost\n${other.address} node2\n`] });
    await people(here, directory.path);
    await people(other, '/root');
    await other.virsh('net-start', 'default');
    await listening(other);
    const env = { LEASEHOLD_ACCEL: 'tcg', LEASEHOLD_VM_DIR: '/srv/local/leasehold' };
    reader = await Reader.in(directory.path, { enter: here.enter, env });
  }, 300_000);
  afterAll(async () => {
    reader?.leave();
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  it('is what happens', { timeout: 600_000 }, async () => {
    expect(STEPS.length).toBeGreaterThan(10);
    for (const step of STEPS) expect(await reader.follow(step)).toBeNull();
  });

  /** Files that only this host has in the place of those of the machine. */
  async function names(host: Host, files: Readonly<Record<string, readonly [path: string, text: string]>>) {
    for (const [name, [path, text]] of Object.entries(files)) {
      const file = at(`${host.name}-${name}`);
      writeFileSync(file, text);
      await host.run('mount', '--bind', file, path);
    }
  }

  /** Its users: root, whose home is elsewhere, and one for the service, who may use libvirt. */
  async function people(host: Host, home: string): Promise<void> {
    const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');
    const but = (name: string, file: string) => lines(file).filter((line) => !line.startsWith(`${name}:`));
    const passwd = [`root:x:0:0:root:${home}:/bin/bash`, 'leasehold:x:64900:64900::/srv:/bin/bash'];
    const group = lines('/etc/group').map((line) => (line.startsWith('libvirt:') ? `${line}leasehold` : line));
    await names(host, {
      passwd: ['/etc/passwd', `${[...passwd, ...but('root', '/etc/passwd')].join('\n')}\n`],
      group: ['/etc/group', `${[...group, 'leasehold:x:64900:'].join('\n')}\n`],
      shadow: ['/etc/shadow', `${['leasehold:*:19000:0:99999:7:::', ...lines('/etc/shadow')].join('\n')}\n`],
    });
    await host.run('chgrp', 'libvirt', '/run/libvirt/libvirt-sock');
    await host.run('chmod', '0770', '/run/libvirt/libvirt-sock');
  }

  /** It takes the key that the reader makes: what ssh-copy-id would do needs a password. */
  async function listening(host: Host): Promise<void> {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('host-key')]);
    const settings = ['ListenAddress 0.0.0.0', `HostKey ${at('host-key')}`, 'PidFile none', 'UsePAM no'];
    const keys = [`AuthorizedKeysFile ${at('.ssh/leasehold.pub')}`, 'StrictModes no', 'PasswordAuthentication no'];
    writeFileSync(at('sshd_config'), `${[...settings, ...keys].join('\n')}\n`);
    mkdirSync(host.outside('/run/sshd'), { recursive: true });
    // Who has logged in reads the key as somebody else than root.
    execFileSync('chmod', ['0755', directory.path]);
    await host.run('/usr/sbin/sshd', '-f', at('sshd_config'));
  }
});

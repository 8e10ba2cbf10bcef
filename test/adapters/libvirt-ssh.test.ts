/** A host that is reached by ssh, for real: its sshd asks for a key, and we ask whether it is the host that we know. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { eventually } from '../support/eventually.js';
import { connected, LIBVIRT_WORKER } from '../support/libvirt.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';

describe('a host by ssh', needs('build', 'machines', 'sshd'), () => {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  let hosts: Hosts;
  let port: number;
  let sshd: ChildProcess | null = null;
  const opened: Hypervisor[] = [];

  beforeAll(async () => {
    hosts = await Hosts.start(1);
    port = await freePort();
    for (const key of ['host', 'other-host', 'user', 'other-user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
    writeFileSync(at('authorized'), readFileSync(at('user.pub')));
    // Of whoever runs the tests neither keys nor known hosts are used: ssh finds its settings here.
    writeFileSync(at('config'), `UserKnownHostsFile ${at('known')}\nGlobalKnownHostsFile none\nIdentityAgent none\n`);
    writeFileSync(at('ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${at('config')} "$@"\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${directory.path}:${process.env.PATH}`);
    await startSshd('host');
  }, 120_000);
  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
  });
  afterAll(async () => {
    await stopSshd();
    vi.unstubAllEnvs();
    await hosts?.stop();
    directory.remove();
  });

  const uri = (key = 'user') => `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${at(key)}`;
  const knows = (key: string | null) => {
    const line = key === null ? '' : `[127.0.0.1]:${port} ${readFileSync(at(`${key}.pub`), 'utf8')}`;
    writeFileSync(at('known'), line);
  };
  /** Why it is not connected. */
  const refusal = async (key?: string): Promise<string> => {
    const hypervisor = connectLibvirt(uri(key), LIBVIRT_WORKER);
    opened.push(hypervisor);
    return hypervisor.host().then(
      () => 'connected',
      (error: Error) => error.message,
    );
  };

  test('is connected to with our key, if it is the host that we know; and again after the connection was lost', async () => {
    knows('host');
    const { hypervisor, heard } = await connected(uri());
    opened.push(hypervisor);
    // Each call at a time is a login of its own, which takes its time on a machine that is busy.
    await eventually(async () => (await hypervisor.host()).uuid).toBe(hosts.all[0]!.uuid);
    await eventually(() => hypervisor.domains()).toEqual([]);
    await stopSshd();
    await eventually(() => heard.connection.length).toBeGreaterThan(1);
    await startSshd('host');
    await eventually(() => heard.connection.at(-1)).toBe('connected');
    await eventually(() => hypervisor.domains()).toEqual([]);
  });

  test('does not let in whose key it does not know', async () => {
    knows('host');
    expect(await refusal('other-user')).toMatch(/Permission denied/);
  });

  test('that we do not know is not asked for anything', async () => {
    knows(null);
    expect(await refusal()).toMatch(/Host key verification failed/);
    // Nor is it known from then on.
    expect(readFileSync(at('known'), 'utf8')).toBe('');
  });

  test('that is another one than we know is not asked for anything', async () => {
    knows('other-host');
    expect(await refusal()).toMatch(/Host key verification failed/);
  });

  /** On the loopback of this machine, with the files of the host. */
  async function startSshd(key: string): Promise<void> {
    const settings = [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${at(key)}`, 'PidFile none', 'UsePAM no'],
      ...[`AuthorizedKeysFile ${at('authorized')}`, 'StrictModes no', 'PermitRootLogin prohibit-password'],
    ];
    writeFileSync(at('sshd_config'), `${settings.join('\n')}\n`);
    mkdirSync(hosts.all[0]!.outside('/run/sshd'), { recursive: true });
    const where = ['--mount', '--target', String(hosts.all[0]!.pid)];
    const how = ['unshare', '--pid', '--fork', '--kill-child', '/usr/sbin/sshd', '-D', '-e', '-f', at('sshd_config')];
    const child = spawn('nsenter', [...where, ...how], { stdio: ['ignore', 'ignore', 'pipe'] });
    sshd = child;
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (text: Buffer) => text.includes('Server listening') && resolve());
      child.once('exit', (code) => reject(new Error(`sshd ended with ${code}`)));
    });
  }

  /** With all its sessions: they are in its namespace of processes. */
  async function stopSshd(): Promise<void> {
    if (sshd === null) return;
    const gone = new Promise((resolve) => sshd?.once('exit', resolve));
    sshd.kill('SIGKILL');
    await gone;
    sshd = null;
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

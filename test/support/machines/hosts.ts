/**
 * Hosts for VMs beside each other, joined by a switch: real libvirt and QEMU, all on this machine, in namespaces. The
 * network and the files of the machine itself are not touched.
 */

import { mkdtempSync, readFileSync, readdirSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Holder } from './holder.js';
import { Host } from './host.js';

const PREFIX = 'leasehold-hosts-';
const SWITCH =
  'ip link set lo up && ip link add switch type bridge && ip link set switch up && echo ready && read -r _';

export class Hosts {
  private constructor(
    readonly all: readonly Host[],
    private readonly directory: string,
    private readonly cables: Holder,
  ) {}

  /** Resolves when the libvirtd of each answers. `count`: 9 at most. */
  static async start(count: number): Promise<Hosts> {
    removeLeftovers();
    const directory = mkdtempSync(join(tmpdir(), PREFIX));
    writeFileSync(join(directory, 'owner'), identity(process.pid)!);
    const shared = join(directory, 'shared');
    mkdirSync(shared);
    const cables = await Holder.start(['net'], ['bash', '-c', SWITCH]);
    const connect = async (host: Host, pid: number): Promise<void> => {
      const port = `to-${host.name}`;
      await cables.run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
      await cables.run('ip', 'link', 'set', port, 'master', 'switch', 'up');
    };
    const all = Array.from({ length: count }, (_, index) => {
      const uuid = `6c656173-6568-4f6c-8400-${String(index + 1).padStart(12, '0')}`;
      return new Host(`host${index + 1}`, uuid, `10.77.0.${index + 1}`, { directory, shared, connect });
    });
    const hosts = new Hosts(all, directory, cables);
    try {
      await Promise.all(all.map((host) => host.start()));
    } catch (error) {
      await hosts.stop();
      throw error;
    }
    return hosts;
  }

  /** Pulls the host's cable, or plugs it in again. */
  async plug(host: Host, plugged: boolean): Promise<void> {
    await this.cables.run('ip', 'link', 'set', `to-${host.name}`, plugged ? 'up' : 'down');
  }

  /** Who is in this network namespace reaches the hosts, by their addresses. */
  async reachedFrom(namespace: string): Promise<void> {
    const far = ['peer', 'name', 'to-hosts', 'netns', namespace];
    await this.cables.run('ip', 'link', 'add', 'to-service', 'type', 'veth', ...far);
    await this.cables.run('ip', 'link', 'set', 'to-service', 'master', 'switch', 'up');
    for (const words of ['address add 10.77.0.100/24 dev to-hosts', 'link set to-hosts up'])
      await this.cables.run('ip', '-n', namespace, ...words.split(' '));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((host) => host.stop()));
    await this.cables.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Directories of tests that were killed: their processes have ended with them. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const owner = read(join(directory, 'owner'));
    // Without one it is being made.
    if (owner === null || owner === identity(Number(owner.split(' ')[0]))) continue;
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A process by its number and when it was started: numbers are used again. Null: there is none. */
function identity(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  // After the name, which may hold anything; the start is the 22nd field in all.
  return stat === null ? null : `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

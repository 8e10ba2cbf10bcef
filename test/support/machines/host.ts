/**
 * A host for VMs, as far as libvirt can tell: its own processes, network, name, configuration and disks, on this
 * machine. Its libvirtd is reached through a socket from here, and over TCP from its neighbours.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from './holder.js';

const INIT = fileURLToPath(new URL('host-init.sh', import.meta.url));
const NAMESPACES = ['mount', 'net', 'uts', 'ipc', 'pid'];

/** Inside, and below its directory outside. */
const PLACES = ['run', 'etc/libvirt', 'var/lib/libvirt', 'var/log/libvirt/qemu', 'var/cache/libvirt', 'srv/local'];

/** Shown to all hosts under the same path; `LOCAL` is another directory on each. */
export const SHARED = '/srv/shared';
export const LOCAL = '/srv/local';
/** Where QEMU looks for the certificates by which VMs move encrypted; nothing is there unless a test puts it there. */
export const MIGRATION_PKI = '/etc/libvirt/migration';

export interface HostPlace {
  readonly directory: string;
  readonly shared: string;
  /** Puts a cable from the switch into a network namespace, as eth0. */
  readonly connect: (host: Host, pid: number) => Promise<void>;
}

export class Host {
  private readonly directory: string;
  private holder: Holder | null = null;

  constructor(
    readonly name: string,
    readonly uuid: string,
    /** In the network that only hosts have. */
    readonly address: string,
    private readonly place: HostPlace,
  ) {
    this.directory = join(place.directory, name);
  }

  /** For this process. */
  get uri(): string {
    return `qemu+unix:///system?socket=${this.outside('/run/libvirt/libvirt-sock')}`;
  }

  /** For its neighbours. */
  get uriAmongHosts(): string {
    return `qemu+tcp://${this.address}/system`;
  }

  /** Where a file of the host is for this process. */
  outside(path: string): string {
    return path.startsWith(`${SHARED}/`) || path === SHARED
      ? join(this.place.shared, path.slice(SHARED.length))
      : join(this.directory, path);
  }

  /** Switches it on. What was on its disks is there; what ran does not run. */
  async start(): Promise<void> {
    rmSync(join(this.directory, 'run'), { recursive: true, force: true });
    for (const path of PLACES) mkdirSync(join(this.directory, path), { recursive: true });
    await this.configure();
    const program = ['bash', INIT, this.directory, this.name, this.place.shared];
    this.holder = await Holder.start(NAMESPACES, program);
    await this.place.connect(this, this.holder.pid);
    await this.run('ip', 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    await this.run('ip', 'link', 'set', 'eth0', 'up');
    await this.run('virtlogd', '--daemon', '--pid-file', '/run/virtlogd.pid');
    await this.startLibvirt();
  }

  /** As when the power fails: all its processes at once. */
  async stop(): Promise<void> {
    await this.holder?.end();
    this.holder = null;
  }

  /** Resolves when it can be connected to. */
  async startLibvirt(): Promise<void> {
    await this.run('libvirtd', '--daemon', '--listen', '--pid-file', '/run/libvirtd.pid');
  }

  /** kill -9; its VMs run on. */
  async killLibvirt(): Promise<void> {
    await this.kill('/run/libvirtd.pid');
  }

  /** kill -9 of the VM's process. */
  async killQemu(domain: string): Promise<void> {
    await this.kill(`/run/libvirt/qemu/${domain}.pid`);
  }

  /** What libvirt would find if it had been killed while it was starting this VM, which runs now: for `interruptStart`. */
  startOf(domain: string): string {
    return readFileSync(this.statusOf(domain), 'utf8')
      .replace(/<domstatus [^>]*>/, "<domstatus state='paused' reason='starting up' pid='0'>")
      .replace(/( *)<libDir /, "$1<job type='none' async='start' flags='0x0' asyncStarted='1'/>\n$&");
  }

  /** Between `killLibvirt` and `startLibvirt`. */
  interruptStart(domain: string, start: string): void {
    writeFileSync(this.statusOf(domain), start);
  }

  /** As docs/hosts.md has it ("A VM that is starting for ever"). */
  async endStarting(domain: string): Promise<void> {
    await this.run('rm', `/run/libvirt/qemu/${domain}.xml`);
    await this.killLibvirt();
    await this.startLibvirt();
  }

  /** Whether libvirt takes it for starting. */
  async isStarting(domain: string): Promise<boolean> {
    return (await this.virsh('domstate', domain, '--reason')).includes('starting up');
  }

  private statusOf(domain: string): string {
    return this.outside(`/run/libvirt/qemu/${domain}.xml`);
  }

  /** The processes of its VMs, by the names of the domains. */
  async qemus(): Promise<string[]> {
    const all = await this.run('ps', '-eo', 'stat=,args=');
    return all
      .split('\n')
      .flatMap((line) => /^[^Z]\S*\s+\S*qemu-system-\S+ -name guest=([^,]+),/.exec(line)?.[1] ?? [])
      .sort();
  }

  /** Stands still, or goes on: a host that does not answer. */
  async freeze(signal: 'STOP' | 'CONT'): Promise<void> {
    await this.run('kill', `-${signal}`, this.pidIn('/run/libvirtd.pid'));
  }

  /** The process by which its namespaces are found. */
  get pid(): number {
    if (this.holder === null) throw new Error(`${this.name} is off`);
    return this.holder.pid;
  }

  /** A command that runs others on it. */
  get enter(): readonly string[] {
    if (this.holder === null) throw new Error(`${this.name} is off`);
    return this.holder.enter;
  }

  /** Runs a command on it, and resolves with what it printed. */
  run(...command: readonly string[]): Promise<string> {
    if (this.holder === null) throw new Error(`${this.name} is off`);
    return this.holder.run(...command);
  }

  virsh(...command: readonly string[]): Promise<string> {
    return this.run('virsh', '--connect', 'qemu:///system', ...command);
  }

  private pidIn(file: string): string {
    return readFileSync(this.outside(file), 'utf8').trim();
  }

  private async kill(file: string): Promise<void> {
    const pid = this.pidIn(file);
    await this.run('kill', '-KILL', pid);
    // Waited for by the first process of the host; gone is gone.
    while ((await this.run('ps', '-eo', 'pid=')).split('\n').some((line) => line.trim() === pid)) await sleep(10);
  }

  private async configure(): Promise<void> {
    const etc = join(this.directory, 'etc/libvirt');
    if (existsSync(join(etc, 'libvirtd.conf'))) return;
    for (const [from, to] of STOCK) await cp(from, join(etc, to), { recursive: true });
    writeFileSync(join(etc, 'libvirtd.conf'), lines({ ...LIBVIRTD, host_uuid: this.uuid, listen_addr: this.address }));
    mkdirSync(this.outside(MIGRATION_PKI));
    const addresses = { migration_address: this.address, migration_host: this.address };
    const migration = { ...addresses, migrate_tls_x509_cert_dir: MIGRATION_PKI };
    writeFileSync(join(etc, 'qemu.conf'), lines({ ...QEMU, ...migration }));
  }
}

/** What the package of libvirt puts there. */
const STOCK = [
  ['/usr/share/libvirt/nwfilter', 'nwfilter'],
  ['/usr/share/libvirt/networks', 'qemu/networks'],
] as const;

const LIBVIRTD = {
  listen_tls: 0,
  listen_tcp: 1,
  auth_tcp: 'none',
  auth_unix_ro: 'none',
  auth_unix_rw: 'none',
  unix_sock_rw_perms: '0700',
};

/** There are neither users nor control groups of its own here, and libvirt need not find that out at every start. */
const QEMU = {
  user: 'root',
  group: 'root',
  security_driver: 'none',
  cgroup_controllers: [],
  namespaces: [],
  remember_owner: 0,
};

function lines(settings: Readonly<Record<string, string | number | readonly string[]>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join('');
}

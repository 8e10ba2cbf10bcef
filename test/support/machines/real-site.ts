/** A service whose nodes are real hosts, over HTTP and from an empty log, and what tests do with it again and again. */

import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Failpoint } from '../../../adapters/failpoint.js';
import type { Hypervisor } from '../../../adapters/libvirt/hypervisor.js';
import { domainName, domainUuid } from '../../../adapters/libvirt/names.js';
import { eventually } from '../eventually.js';
import type { Namespace } from '../namespaces.js';
import { reached } from '../libvirt.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../process.js';
import { buildGuest } from './guest.js';
import { type Host, LOCAL } from './host.js';
import { Hosts } from './hosts.js';
import { Inside } from './inside.js';

/** Where hosts have the files of their VMs. */
export const VM_DIRECTORY = `${LOCAL}/leasehold`;

/** What VMs begin with: the tests' guest boots; in all others, disks or a CD, nothing does, and they are there at once. */
export type ImageContent = 'guest' | Buffer | { readonly cd: Buffer };

/** An empty disk. */
export const BLANK = Buffer.alloc(1024 * 1024);

export interface RealSiteWishes {
  readonly hosts?: number;
  /** By their names. */
  readonly images: Readonly<Record<string, ImageContent>>;
  /** YAML. */
  readonly policy: string;
  /** Of `serve`, whenever it is started. */
  readonly args?: readonly string[];
  /** Beside the URI. */
  readonly labels?: (host: Host) => Readonly<Record<string, string>>;
  /** Of each node. */
  readonly capacity?: Readonly<Record<string, number | string>>;
  /** Where the service runs: it reaches its hosts over a network, by TCP. Absent: beside them. */
  readonly from?: Namespace;
  /** Where hosts have the files of their VMs; absent: `VM_DIRECTORY`. */
  readonly vmDirectory?: string;
  /** Done before the service begins. */
  readonly prepare?: (hosts: Hosts) => Promise<void>;
}

const CAPACITY = { cpu: 1, memory: '512MiB', disk: '1GiB' };

export class RealSite {
  private readonly directory = temporaryDirectory();
  private readonly args: readonly string[];
  private readonly under: readonly string[];
  private readonly vmDirectory: string;
  private served: ServedProcess | null = null;

  private constructor(
    readonly hosts: Hosts,
    /** One a host, beside those of the service. */
    readonly hypervisors: readonly Hypervisor[],
    { args = [], from, vmDirectory = VM_DIRECTORY }: RealSiteWishes,
  ) {
    this.vmDirectory = vmDirectory;
    const places = ['--image-root', this.path, '--vm-dir', vmDirectory];
    // There is no TLS on its cable; whoever is at the near end stands for the proxy that would add it.
    const listens = from === undefined ? [] : ['--host', from.there, '--behind-proxy', from.here];
    this.args = ['--cluster', 'libvirt', ...places, ...listens, ...args];
    this.under = from?.run ?? [];
  }

  /** Resolves when its images are there. */
  static async start(wishes: RealSiteWishes): Promise<RealSite> {
    const guest = Object.values(wishes.images).includes('guest') ? await buildGuest() : null;
    const hosts = await Hosts.start(wishes.hosts ?? 2);
    const hypervisors = await Promise.all(hosts.all.map(({ uri }) => reached(uri)));
    const site = new RealSite(hosts, hypervisors, wishes);
    try {
      if (wishes.from !== undefined) await hosts.reachedFrom(wishes.from.name);
      await wishes.prepare?.(hosts);
      await site.begin(wishes);
      for (const [name, content] of Object.entries(wishes.images)) {
        const format = content === 'guest' ? 'qcow2' : 'cd' in content ? 'iso' : 'raw';
        const source = join(site.path, `${name}.${format}`);
        if (content === 'guest') copyFileSync(guest!.disk, source);
        else writeFileSync(source, 'cd' in content ? content.cd : content);
        await site.do('POST', '/v1/images', { name, source, format });
        const isReady = async () => expect((await site.get(`/v1/images/${name}`)).state).toBe('ready');
        await vi.waitFor(isReady, { timeout: 60_000 }); // this is before a test
      }
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  private async begin({ capacity = CAPACITY, labels = () => ({}), policy, from }: RealSiteWishes): Promise<void> {
    const nodes = this.hosts.all.map((host) => {
      const uri = from === undefined ? host.uri : host.uriAmongHosts;
      return { capacity, names: [host.name], labels: { uri, ...labels(host) } };
    });
    writeFileSync(join(this.path, 'site.yaml'), JSON.stringify({ nodes }));
    writeFileSync(join(this.path, 'policy.yaml'), policy);
    await this.serve('--site', 'site.yaml', '--policy', 'policy.yaml');
  }

  /** Of the service: its files, and those of tests. */
  get path(): string {
    return this.directory.path;
  }

  get service(): ServedProcess {
    if (this.served === null) throw new Error('the service does not run');
    return this.served;
  }

  async stop(): Promise<void> {
    await this.served?.signal('SIGKILL');
    for (const hypervisor of this.hypervisors) await hypervisor.close();
    await this.hosts.stop();
    this.directory.remove();
  }

  // ---- the service --------------------------------------------------------------------------------------------------

  async serve(...more: string[]): Promise<void> {
    this.served = await ServedProcess.start(this.path, [...this.args, ...more], { under: this.under });
  }

  /** It is ended, and started with these arguments. */
  async again(...more: string[]): Promise<void> {
    await this.service.signal('SIGTERM');
    await this.serve(...more);
  }

  /** It is ended, and one started that kills itself at this point. */
  async againDyingAt(point: Failpoint): Promise<void> {
    await this.service.signal('SIGTERM');
    const env = { LEASEHOLD_FAILPOINT: `${point}=kill` };
    this.served = await ServedProcess.start(this.path, this.args, { env, under: this.under });
  }

  /** It is ended, and its log says the same when it is replayed. */
  async audit(): Promise<void> {
    await this.service.signal('SIGTERM');
    const audit = await leasehold(['audit', join(this.path, 'data', 'leasehold.db')]);
    expect(audit.code, audit.stderr).toBe(0);
  }

  /** What it answers, which is no fault. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the service answers
  async do(method: string, path: string, body?: object): Promise<any> {
    const { status, text, json } = await this.service.ask(method, path, body);
    expect(status, `${method} ${path}: ${text}`).toBeLessThan(300);
    return text === '' ? null : json();
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(path: string): Promise<any> {
    return this.do('GET', path);
  }

  // ---- leases -------------------------------------------------------------------------------------------------------

  /** One VM of a whole node for long, unless it is said otherwise. */
  async submit(terms: object): Promise<string> {
    const base = { vms: 1, resources: { cpu: 1, memoryMiB: 64 }, duration: 'PT2H' };
    return (await this.do('POST', '/v1/leases', { ...base, ...terms })).id;
  }

  act(id: string, what: string): Promise<unknown> {
    return this.do('POST', `/v1/leases/${id}/${what}`);
  }

  cancel(id: string): Promise<unknown> {
    return this.do('DELETE', `/v1/leases/${id}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  lease(id: string): Promise<any> {
    return this.get(`/v1/leases/${id}`);
  }

  async becomes(id: string, state: string): Promise<void> {
    await eventually(async () => (await this.lease(id)).state).toBe(state);
  }

  /** Its part of the log. */
  async told(id: string): Promise<string> {
    return (await this.service.ask('GET', `/v1/leases/${id}/events`)).text;
  }

  // ---- nodes and hosts ----------------------------------------------------------------------------------------------

  /** Numbered as nodes are. */
  host(node: number): Host {
    return this.hosts.all[node - 1]!;
  }

  async nodeIs(node: number, status: string): Promise<void> {
    await eventually(async () => (await this.get('/v1/nodes')).items[node - 1].status).toBe(status);
  }

  inside(lease: string, vm: number, node: number): Inside {
    return new Inside(this.hypervisors[node - 1]!, domainUuid(lease, vm));
  }

  /** The domains whose processes run, by host; of one that is off, none. */
  running(): Promise<string[][]> {
    return Promise.all(this.hosts.all.map((host) => host.qemus().catch(() => [])));
  }

  /** Its first VM runs on this node, and nowhere else. */
  async runsOn(id: string, node: number): Promise<void> {
    const expected = this.hosts.all.map((_, index) => (index === node - 1 ? [domainName(id, 1)] : []));
    await eventually(() => this.running()).toEqual(expected);
  }

  /** No domain, no process, no network of a lease and no file, but for images; they stay for the next VM. */
  async isEmpty(): Promise<void> {
    for (const host of this.hosts.all) {
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
      const files = async () => (await host.run('ls', this.vmDirectory)).split('\n');
      await eventually(async () => (await files()).filter((name) => !/^(leasehold-image-.*)?$/.test(name))).toEqual([]);
      expect(await host.qemus()).toEqual([]);
      await eventually(() => host.virsh('net-list', '--all', '--name')).not.toContain('leasehold-');
    }
  }
}

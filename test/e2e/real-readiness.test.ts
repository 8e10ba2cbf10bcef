/** VMs of a real host that count as started when they are of use. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { Host } from '../support/machines/host.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { WayIn } from '../support/machines/way-in.js';
import { needs } from '../support/needs.js';

/** Of the host, where its VMs find the service. */
const PORT = 8080;
/** What a guest does first: it finds the other one of its lease by its name, then calls as cloud-init's phone_home does. */
const CALLS = `#!/bin/sh
me=$(hostname)
other=\${me%-*}-$((3 - \${me##*-}))
until ping -c 1 -w 5 "$other" >/run/found; do sleep 1; done
form="pub_key_rsa=ssh-rsa%20AAAA%20root%40$me&pub_key_ed25519=N%2FA&instance_id=$me&hostname=$me&fqdn=$me"
until wget -q -O /dev/null --post-data="$form" "{{ready-url}}"; do sleep 1; done
`;
/** It gives itself an address in the network of each VLAN, and says whom it reaches. */
const LOOKS = `#!/bin/sh
ip link set eth0 up
for vlan in 42 43; do ip address add 10.90.$vlan.2/24 dev eth0; done
until ping -c 1 -w 2 10.90.42.1 >/run/same; do sleep 1; done
ping -c 3 -w 5 10.90.43.1 >/run/other
echo $? >/run/looked
`;
const LONG = { timeout: 400_000 };
const BOOTS = { image: 'tiny', resources: { cpu: 1, memoryMiB: 128 } };

describe('VMs that must be ready', needs('build', 'machines'), () => {
  let site: RealSite;
  let way: WayIn;
  beforeAll(async () => {
    const images = { tiny: 'guest', blank: BLANK } as const;
    const args = ['--accel', 'tcg', '--monitor-interval', '1', '--vm-callback-url', `http://10.79.0.1:${PORT}`];
    site = await RealSite.start({ hosts: 1, images, policy: 'order-timeout: 2m\n', args });
    way = await WayIn.open(site.host(1), PORT, join(site.path, 'way-in'), () => site.service.url);
  }, 300_000);
  afterAll(async () => {
    await way?.close();
    await site?.stop();
  }, 60_000);

  it('are, when their agent answers', LONG, async () => {
    const id = await site.submit({ ...BOOTS, machine: { ready: { probe: 'agent' } } });
    await site.becomes(id, 'active');
    // It is of use at once.
    expect(await site.inside(id, 1, 1).hostname()).toMatch(/-1$/);
    await site.cancel(id);
    await site.isEmpty();
  });

  it('and have no agent that could answer, fail in time and say so', LONG, async () => {
    const id = await site.submit({ image: 'blank', machine: { ready: { probe: 'agent', timeout: 'PT2S' } } });
    await site.becomes(id, 'failed');
    expect(await site.told(id)).toMatch(/VM 1 was not ready in 2 s: its agent does not answer \(.*not connected/);
    await site.isEmpty();
  });

  it('call over the network of their lease, on which they have an address until they are gone', LONG, async () => {
    const host = site.host(1);
    await site.do('POST', '/v1/networks', { name: 'lab', kind: 'nat', range: '10.79.0.0/24' });
    const networks = async () => (await host.virsh('net-list', '--all', '--name')).split('\n').filter(Boolean);
    const entries = async () => (await host.virsh('net-dumpxml', 'leasehold.lab')).match(/<host .*/g) ?? [];
    // 1. They are ready when their guests have called, having found each other.
    const machine = { network: 'lab', userData: CALLS, ready: { probe: 'callback' } };
    const id = await site.submit({ ...BOOTS, resources: { cpu: 0.5, memoryMiB: 128 }, vms: 2, machine });
    // Two at once, on a machine that may have other things to do.
    await expect.poll(async () => (await site.lease(id)).state, { timeout: 180_000 }).toBe('active');
    for (const vm of [1, 2]) {
      const guest = site.inside(id, vm, 1);
      await guest.ready(); // its agent may be later
      expect(await guest.read('/run/found')).toContain(`PING ${id.toLowerCase()}-${3 - vm} (10.79.0.`);
    }
    expect(await site.told(id)).not.toContain('secret=');
    // 2. The first is where the log says, by the name that it has.
    const address = async () => (await site.lease(id)).addresses?.[0]?.address;
    await eventually(address).toMatch(/^10\.79\.0\.\d+$/);
    const at = await address();
    expect((await entries()).join()).toContain(`ip='${at}'`);
    expect(await host.run('curl', '-sf', `http://${at}/counter`)).toMatch(/^\d+ /);
    expect(await site.inside(id, 1, 1).hostname()).toBe(`${id.toLowerCase()}-1`);
    // 3. Others have the addresses afterwards, and nothing of the network is left.
    await site.cancel(id);
    await site.isEmpty();
    await eventually(entries).toEqual([]);
    await eventually(async () => (await site.get('/v1/networks/lab')).used).toBe(0);
    await site.becomes(id, 'cancelled');
    await site.do('DELETE', '/v1/networks/lab');
    await eventually(networks).toEqual(['default']);
  });

  it('are in the VLAN of their network on a bridge of Open vSwitch, and in no other', LONG, async () => {
    const host = site.host(1);
    await startOpenVSwitch(host, 'ovs0', [42, 43]);
    const network = { name: 'tagged', kind: 'bridge', bridge: 'ovs0', openVswitch: true, vlan: 42 };
    await site.do('POST', '/v1/networks', network);
    const id = await site.submit({
      ...BOOTS,
      machine: { network: 'tagged', userData: LOOKS, ready: { probe: 'agent' } },
    });
    await site.becomes(id, 'active');
    const guest = site.inside(id, 1, 1);
    await expect.poll(() => guest.read('/run/looked').catch(() => ''), { timeout: 120_000 }).not.toBe('');
    expect(await guest.read('/run/same')).toContain(' 0% packet loss');
    expect(await guest.read('/run/other')).toContain(' 100% packet loss');
    const ports = async () => (await host.run('ovs-vsctl', 'list-ports', 'ovs0')).trim().split('\n').sort();
    const [, , port] = await ports();
    expect([await host.run('ovs-vsctl', 'get', 'port', port!, 'tag'), await ports()]).toEqual([
      '42\n',
      ['vlan42', 'vlan43', port],
    ]);
    await site.cancel(id);
    await site.isEmpty();
    expect(await ports()).toEqual(['vlan42', 'vlan43']);
    await site.becomes(id, 'cancelled');
    await site.do('DELETE', '/v1/networks/tagged');
  });
});

/** In user space, so that any kernel will do. In each VLAN the host itself is 10.90.VLAN.1. */
async function startOpenVSwitch(host: Host, bridge: string, vlans: readonly number[]): Promise<void> {
  const run = '/run/openvswitch';
  await host.run('mkdir', '-p', run);
  await host.run('ovsdb-tool', 'create', `${run}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema');
  const detached = (name: string) => ['--detach', `--pidfile=${run}/${name}.pid`, `--log-file=${run}/${name}.log`];
  await host.run('ovsdb-server', ...detached('ovsdb-server'), `--remote=punix:${run}/db.sock`, `${run}/conf.db`);
  await host.run('ovs-vsctl', '--no-wait', 'init');
  await host.run('ovs-vswitchd', ...detached('ovs-vswitchd'), '--disable-system', `unix:${run}/db.sock`);
  const change = (...words: string[]) => host.run('ovs-vsctl', '--timeout=30', ...words);
  await change('add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev');
  for (const vlan of vlans) {
    const port = `vlan${vlan}`;
    await change('add-port', bridge, port, `tag=${vlan}`, '--', 'set', 'interface', port, 'type=internal');
    await host.run('ip', 'address', 'add', `10.90.${vlan}.1/24`, 'dev', port);
    await host.run('ip', 'link', 'set', port, 'up');
  }
}

/** Nodes that come, go and do not answer, and what is on their hosts beside what was ordered. */

import { expect } from 'vitest';
import { domainXml } from '../../../adapters/libvirt/domain-xml.js';
import type { VmRecord } from '../../../adapters/libvirt/metadata.js';
import { domainName, domainUuid } from '../../../adapters/libvirt/names.js';
import { eventually } from '../../support/eventually.js';
import { machine } from '../../adapters/machines.js';
import type { Capability } from './kind.js';
import { SITE } from './libvirt-site.js';
import { resumeOrder, startOrder, stopOrder, suspendOrder, VM_MIB } from './orders.js';
import { type Case, findsNothing, type Trial } from './trial.js';

const HOSTS: { readonly needs: readonly Capability[] } = { needs: ['hosts'] };

export function casesOfHosts(define: Case): void {
  define('a node that comes takes VMs', { nodes: 1 }, async (trial) => {
    trial.machines.addNodes(trial.site.node(2));
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
  });

  define('a node that has left takes none, and its leases can be stopped', {}, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    trial.machines.removeNode(2);
    await trial.does(startOrder('2.0', 'B', [2, 2]), 'OrderFailed');
    await trial.does(stopOrder('3.0', 'A'), 'VmsStopped');
    await trial.does(startOrder('4.0', 'C', [1, 1]), 'VmsStarted');
  });

  define('a node without a host takes none', { ...HOSTS, nodes: 1 }, async (trial) => {
    trial.machines.addNodes({ ...trial.site.node(2), labels: {} });
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'OrderFailed');
    await findsNothing(trial);
  });

  define('a host that does not answer is waited for, and others are not', HOSTS, async (trial) => {
    trial.wire(2).plug(false);
    trial.enact(startOrder('1.0', 'A', [2, 2]));
    await trial.does(startOrder('1.1', 'B', [1, 1]), 'VmsStarted');
    await trial.surveys('VmsStarted B 1.1');
    trial.wire(2).plug(true);
    await trial.hears('VmsStarted A 1.0');
  });

  define('what waits for a host that leaves fails', HOSTS, async (trial) => {
    trial.wire(2).plug(false);
    trial.enact(startOrder('1.0', 'A', [2, 2]));
    trial.machines.removeNode(2);
    await trial.hears('OrderFailed A 1.0');
  });

  define('what waits for a host is given up when its lease is stopped', HOSTS, async (trial) => {
    trial.wire(2).plug(false);
    trial.enact(startOrder('1.0', 'A', [1, 2]));
    trial.enact(stopOrder('2.0', 'A'));
    trial.wire(2).plug(true);
    await trial.hears('VmsStopped A 2.0');
    // Nor is it begun when it comes again.
    trial.enact(startOrder('1.0', 'A', [1, 2]));
    await trial.does(startOrder('3.0', 'B', [1, 1], { after: ['1.0'] }), 'VmsStarted');
    await trial.finds({ 'B/1': 'running' });
  });

  define('a VM that ends though nobody wanted that is started again', HOSTS, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    await trial.site.fail(domainUuid('A', 2), 2);
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
    expect(trial.heard).toEqual([]);
  });

  define('a lease is over when all its guests have shut down', { needs: ['hosts', 'guests'] }, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    await trial.site.hypervisors[0]!.shutdown(domainUuid('A', 1), 'acpi');
    await trial.finds({ 'A/1': 'off', 'A/2': 'running' });
    await trial.site.hypervisors[1]!.shutdown(domainUuid('A', 2), 'acpi');
    await trial.hears('LeaseEnded A 1.0');
    await findsNothing(trial);
  });

  casesOfOthers(define);
}

function casesOfOthers(define: Case): void {
  define('a domain of another site is left alone, though it has the id and the name of a VM', HOSTS, async (trial) => {
    await defines(trial, 2, { site: 'fedcba9876543210', vm: 2 });
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'OrderFailed');
    await trial.finds({});
    expect(await trial.site.hypervisors[1]!.domain(domainUuid('A', 2))).toMatchObject({ state: 'off' });
  });

  define('a domain that has taken a VM’s name is left alone', HOSTS, async (trial) => {
    await defines(trial, 2, { lease: 'B', vm: 1 }, (xml) => xml.replace(domainName('B', 1), domainName('A', 2)));
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'OrderFailed');
    await trial.finds({ 'B/1': 'off' });
  });

  define('a domain that has copied a VM’s metadata is not taken for it', HOSTS, async (trial) => {
    const other = '11111111-2222-4333-8444-555555555555';
    await defines(trial, 1, { run: '1.0' }, (xml) =>
      xml.replace(domainUuid('A', 1), other).replace(domainName('A', 1), 'somebody'),
    );
    await trial.does(startOrder('1.0', 'A', [1, 1]), 'VmsStarted');
    await trial.surveys('VmsStarted A 1.0');
    await trial.does(stopOrder('2.0', 'A'), 'VmsStopped');
    expect(await trial.site.hypervisors[0]!.domain(other)).not.toBeNull();
  });

  define('metadata of others in a VM of ours stay', { needs: ['hosts', 'saving'] }, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 1]), 'VmsStarted');
    const [hypervisor] = trial.site.hypervisors;
    const defined = () => hypervisor!.xml(domainUuid('A', 1), 'defined');
    await hypervisor!.define(
      (await defined()).replace('<metadata>', '<metadata><x:note xmlns:x="urn:other:1">kept</x:note>'),
    );
    await trial.does(suspendOrder('2.0', 'A', [1, 1]), 'VmsSuspended');
    await trial.does(resumeOrder('3.0', 'A', [1, 1], [1, 1]), 'VmsResumed');
    expect(await defined()).toContain('kept');
  });

  define('VMs of runs that are over are removed, and those of runs that go on stay', HOSTS, async (trial) => {
    for (const [node, run] of [
      [1, '5.0'],
      [2, '3.0'],
    ] as const) {
      await defines(trial, node, { run, order: run });
      await trial.site.hypervisors[node - 1]!.start(domainUuid('A', 1));
    }
    trial.knows('A', { run: '5.0', nodes: [1, 1] });
    await trial.next();
    await eventually(() => trial.site.hypervisors[1]!.domain(domainUuid('A', 1))).toBeNull();
    await trial.finds({ 'A/1': 'running' });
    await trial.surveys('VmsStarted A 5.0');
    expect(trial.heard).toEqual([]);
  });

  casesOfCopies(define);
}

/** The same VM of the same run, where it should be and elsewhere. */
function casesOfCopies(define: Case): void {
  const runs = async (trial: Trial, ...nodes: readonly number[]): Promise<void> => {
    for (const node of nodes) {
      await defines(trial, node, { run: '5.0', order: '5.0' });
      await trial.site.hypervisors[node - 1]!.start(domainUuid('A', 1));
    }
    trial.knows('A', { run: '5.0', nodes: [1, 1] });
  };
  const on = async (trial: Trial, node: number) =>
    (await trial.site.hypervisors[node - 1]!.domain(domainUuid('A', 1)))?.state ?? 'nothing';

  define('of a VM that runs twice the one goes that is not where it should be', HOSTS, async (trial) => {
    await runs(trial, 1, 2);
    await trial.next();
    await eventually(() => on(trial, 2)).toBe('nothing');
    expect(await on(trial, 1)).toBe('running');
    await trial.surveys('VmsStarted A 5.0');
  });

  define('a VM that runs elsewhere, and nowhere else, is spared', HOSTS, async (trial) => {
    await runs(trial, 2);
    await trial.next();
    // Whatever comes after it has waited for the look.
    await trial.does(startOrder('6.0', 'B', [1, 2]), 'VmsStarted');
    expect([await on(trial, 1), await on(trial, 2)]).toEqual(['nothing', 'running']);
  });
}

/** Somebody else does, before or while we look. */
async function defines(
  trial: Trial,
  node: number,
  record: Partial<VmRecord>,
  change: (xml: string) => string = (xml) => xml,
): Promise<void> {
  const hypervisor = trial.site.hypervisors[node - 1]!;
  const driver = (await hypervisor.host()).driver;
  const bare = { arch: null, board: null, disks: [], seed: null, nics: [], consoleLog: null };
  const base = { site: SITE, lease: 'A', vm: 1, vms: 1, run: '1.0', order: '1.0', epoch: 1, saved: null };
  const type = driver === 'QEMU' ? 'qemu' : 'test';
  const xml = domainXml(
    machine({ ...bare, type, memoryMiB: VM_MIB, memoryMaxMiB: VM_MIB, record: { ...base, ...record } }),
  );
  await hypervisor.define(change(xml));
}

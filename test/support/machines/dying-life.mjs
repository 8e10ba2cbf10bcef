/**
 * A life of a cluster on hosts that carries one order out and says what it tells, a line each; it ends when its input does,
 * or at a failpoint. It is given what it needs as JSON, and runs what was compiled.
 */

import { connectLibvirt } from '../../../dist/adapters/libvirt/binding/libvirt.js';
import { LibvirtCluster } from '../../../dist/adapters/libvirt/cluster.js';
import { Maker } from '../../../dist/adapters/libvirt/machine.js';
import { poolImages } from '../../../dist/adapters/libvirt/pool-images.js';

const { options, maker, order } = JSON.parse(process.argv[2]);
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

const cluster = await LibvirtCluster.open({
  ...options,
  gone: new Set(),
  runs: new Map(options.runs),
  now: () => Date.now(),
  connect: connectLibvirt,
  maker: new Maker({ ...maker, wishesOf: () => NO_WISHES, place: poolImages(options.directory) }),
  warn: (text) => console.error(text),
});
cluster.listen({
  next: (observation) => console.log(JSON.stringify(observation)),
  error: (error) => console.error(error),
});
cluster.enact(order);
process.stdin.resume().on('end', () => void cluster.close().then(() => process.exit()));

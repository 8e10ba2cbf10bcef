/** What nodes and VMs use, as it was measured. */

import { type Static, Type } from 'typebox';
import { LOAD_CLASSES } from '../../engine/index.js';
import { OF_HOST_MAX } from '../hosts/samples.js';
import { at, oneOf, orNull, strict } from './fields.js';

export const UsageQuery = strict({
  samples: Type.Optional(
    Type.Integer({ minimum: 1, maximum: OF_HOST_MAX, default: 1, description: 'How many at most, newest first.' }),
  ),
});

const share = orNull(Type.Number({ minimum: 0, maximum: 1 }), 'From 0, nothing to do, to 1; null: unknown.');
const mib = (what: string) => orNull(Type.Integer(), `${what} MiB; null: unknown.`);
const perSecond = (what: string) =>
  orNull(Type.Integer(), `${what} Bytes a second since the sample before; null: unknown.`);

const Gpu = strict({
  index: Type.Integer(),
  share,
  memoryUsedMiB: mib('In use.'),
  memoryMiB: mib('All of it.'),
});

const Sample = strict({
  at,
  cpuShare: orNull(
    Type.Number({ minimum: 0, maximum: 1 }),
    'Of all processors, since the sample before; null: unknown.',
  ),
  memoryMiB: mib('All of it.'),
  memoryAvailableMiB: mib('What could be had at once.'),
  diskMiB: mib('Of the file system that VMs’ files are on.'),
  diskAvailableMiB: mib('What is free of it.'),
  gpus: orNull(Type.Array(Gpu), 'null: unknown; known only of the machine of the service, by nvidia-smi.'),
  vms: Type.Integer({ description: 'VMs of leases that run on it.' }),
});

export const NodeUsage = strict({
  number: Type.Integer(),
  load: oneOf(LOAD_CLASSES, 'What policies go by: the log has its changes only.'),
  samples: Type.Array(Sample),
  why: orNull(Type.String(), 'Why there are no samples; null: there are.'),
});
export type NodeUsage = Static<typeof NodeUsage>;

const VmUsage = strict({
  vm: Type.Integer(),
  node: Type.Integer(),
  at,
  cpus: orNull(Type.Number(), 'Processors that it kept busy since the sample before; null: unknown.'),
  cpuSeconds: Type.Number({ description: 'Of processors, since it was started there.' }),
  memoryMiB: mib('What it was given.'),
  memoryUsedMiB: mib('What of it is in use, as its guest says.'),
  diskAllocatedMiB: Type.Integer({ description: 'What its disks take on the host.' }),
  diskReadPerSecond: perSecond('Read.'),
  diskWrittenPerSecond: perSecond('Written.'),
  netReceivedPerSecond: perSecond('Received.'),
  netSentPerSecond: perSecond('Sent.'),
  moving: orNull(
    strict({
      what: oneOf(['vm', 'disk'], '`vm`: to another host, while it runs. `disk`: to another directory.'),
      doneMiB: Type.Integer(),
      totalMiB: Type.Integer({ description: 'As far as is known: what is written meanwhile comes on top.' }),
    }),
    'How far it has come on its way; null: it stays where it is, or nobody can say.',
  ),
});

export const LeaseUsage = strict({
  lease: Type.String(),
  vms: Type.Array(VmUsage, { description: 'Those that run, as they were seen last.' }),
  why: orNull(Type.String(), 'Why there are none; null: there are.'),
});
export type LeaseUsage = Static<typeof LeaseUsage>;

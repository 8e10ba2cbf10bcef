/** Leases, coming in. */

import { type Static, Type } from 'typebox';
import {
  CURRENCY_PARTS,
  DEPENDENCIES_MAX,
  GROUPS_MAX,
  NODES_MAX,
  NODES_NAMED_MAX,
  ON_NODE_LOST,
  PRIORITY_MAX,
  RATE_MAX,
  REJECTION_TEXT_MAX,
  REPEAT_MAX,
  TARGETS_MAX,
  VMS_MAX,
  WARNINGS_MAX,
} from '../../engine/index.js';
import { TEMPLATE_LENGTH_MAX } from '../../adapters/libvirt/template.js';
import {
  BOARD,
  CPU_MODEL,
  SSH_KEY_LENGTH_MAX,
  SSH_KEYS_MAX,
  USER_DATA_LENGTH_MAX,
} from '../../adapters/machine-wishes.js';
import { LABELS_MAX, LIMITS } from '../config.js';
import {
  account,
  duration,
  etag,
  expression,
  image,
  labels,
  name,
  oneOf,
  listQuery,
  resourceRules,
  resources,
  strict,
  time,
  vms,
} from './fields.js';
import { LEASE_KINDS, LEASE_STATES } from './lease.js';

export const StartBestEffort = strict({
  kind: Type.Literal('best-effort'),
  before: Type.Optional(time),
});

export const StartImmediate = strict({ kind: Type.Literal('immediate') });

export const StartAdvance = strict({ kind: Type.Literal('advance'), at: time });

export const StartDeadline = strict({
  kind: Type.Literal('deadline'),
  notBefore: Type.Optional(time),
  by: time,
});

const Where = strict(
  {
    labels: Type.Optional(labels),
    requirements: Type.Optional(expression('What must be true of a node: `gpu >= 1 && site == "lyon"`.')),
    rank: Type.Optional(expression('Nodes of a higher rank come first: `-(vms * 50 + cpuFree)`.')),
    nodes: Type.Optional(
      Type.Array(Type.Union([Type.Integer({ minimum: 1, maximum: NODES_MAX }), Type.String({ maxLength: 128 })]), {
        minItems: 1,
        maxItems: NODES_NAMED_MAX,
        description: 'Only these nodes, by name or number, and in this order.',
      }),
    ),
  },
  {
    description:
      'Which nodes may be used: `labels` that they carry, expressions over their facts and labels, and `nodes` by name.',
  },
);

const Machine = strict(
  {
    network: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
        description: 'A network of the site, by its name; its usual one if left out.',
      }),
    ),
    sshKeys: Type.Optional(
      Type.Array(Type.String({ maxLength: SSH_KEY_LENGTH_MAX }), {
        minItems: 1,
        maxItems: SSH_KEYS_MAX,
        description: 'Who may log in: public keys of OpenSSH, a line each.',
      }),
    ),
    ready: Type.Optional(
      strict(
        {
          probe: Type.Union([
            Type.Literal('agent'),
            Type.Literal('callback'),
            strict({
              tcp: Type.Integer({ minimum: 1, maximum: 65_535, description: 'A port that somebody listens at.' }),
            }),
          ]),
          timeout: Type.Optional(
            duration(
              'So long after it was started, or after another of its lease became ready: a second to an hour; 5 minutes if left out.',
            ),
          ),
          atLeast: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'So many VMs of the lease that are ready in time are enough. If left out, all of them.',
            }),
          ),
        },
        {
          description:
            'When a VM counts as started: when its guest agent answers, it calls the URL that it is given, or somebody listens ' +
            'at a TCP port of it. Where too few are ' +
            'ready in time, the start has failed. If left out, as soon as it runs.',
        },
      ),
    ),
    userData: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: USER_DATA_LENGTH_MAX,
        pattern: '^[^\\x00]*$',
        description: 'For the guest, word for word: `#cloud-config`, a script, or what else its image reads.',
      }),
    ),
    template: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: TEMPLATE_LENGTH_MAX,
        description: 'Hardware, as a `<domain>` of libvirt: cpu, features, clock, video, input, watchdog and panic.',
      }),
    ),
    disk: Type.Optional(
      Type.Union([Type.Literal('overlay'), Type.Literal('full')], {
        description:
          'What its disk is: `overlay` keeps only what differs from the image, which stays on the host, and is meant if left ' +
          'out; `full` is a copy of the image.',
      }),
    ),
    cpuModel: Type.Optional(
      Type.String({
        pattern: CPU_MODEL.source,
        description:
          'The processor: `host-model`, `host-passthrough`, `maximum`, or a name that QEMU has for one, as `EPYC`; what it ' +
          'takes by itself if left out.',
      }),
    ),
    firmware: Type.Optional(
      Type.Union([Type.Literal('bios'), Type.Literal('efi')], {
        description:
          'What boots it: a BIOS, if left out, or EFI, which its host must have (OVMF), without Secure Boot.',
      }),
    ),
    board: Type.Optional(
      Type.String({
        pattern: BOARD.source,
        description: 'The board that it is on, by the name that QEMU has for it: `q35`; the usual one if left out.',
      }),
    ),
  },
  { description: 'What is said of its VMs to whoever makes them. It is not shown again.' },
);

const max = Type.Object(resources.properties, {
  ...resourceRules,
  description: 'How large a VM may become without being stopped: see resizing. What is not named stays as it begins.',
});

export const LeaseRequest = strict(
  {
    name: Type.Optional(name),
    vms: Type.Optional(vms),
    resources: Type.Optional(resources),
    max: Type.Optional(max),
    image: Type.Optional(image),
    groups: Type.Optional(
      Type.Array(
        strict({
          name: Type.Optional(name),
          vms,
          resources,
          max: Type.Optional(max),
          image: Type.Optional(image),
        }),
        {
          minItems: 1,
          maxItems: GROUPS_MAX,
          description: 'VMs that differ, instead of `vms`, `resources`, `max` and `image`.',
        },
      ),
    ),
    duration: duration('ISO 8601 (`PT1H30M`), short (`1h30m`) or seconds.'),
    start: Type.Optional(
      Type.Union([StartBestEffort, StartImmediate, StartAdvance, StartDeadline], {
        description: 'When to begin; `best-effort`, when possible, if left out.',
      }),
    ),
    held: Type.Optional(
      Type.Boolean({ description: 'Not to be considered before it is released. Best-effort leases only.' }),
    ),
    after: Type.Optional(
      Type.Array(
        strict({
          lease: Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }),
          on: Type.Optional(oneOf(['start', 'end'] as const)),
        }),
        {
          maxItems: DEPENDENCIES_MAX,
          description:
            'Not to be considered before these have begun to run (`start`) or are done (`end`, if left out). They must not be ' +
            'over yet; if one of them does not end well, this one is rejected. Best-effort leases only.',
        },
      ),
    ),
    repeat: Type.Optional(
      strict(
        { every: duration('From one start to the next.'), times: Type.Integer({ minimum: 1, maximum: REPEAT_MAX }) },
        { description: 'A series of advance leases, the first at `start.at`.' },
      ),
    ),
    warnings: Type.Optional(
      Type.Array(duration('So long before its end.'), {
        minItems: 1,
        maxItems: WARNINGS_MAX,
        description: 'When to say that it ends: each within its duration. In any order.',
      }),
    ),
    preemptible: Type.Optional(
      Type.Boolean({ description: 'Whether it may be suspended for others; if left out, best-effort leases may.' }),
    ),
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: PRIORITY_MAX, description: 'Of leases that wait, more is served first.' }),
    ),
    onNodeLost: Type.Optional(
      oneOf(
        ON_NODE_LOST,
        'What becomes of it when a node that it has VMs on is lost: it keeps its place and waits for the node, it waits in the ' +
          'queue again (best-effort only, and what is done if left out), also to begin from the disks that its VMs had (`migrate`; it ' +
          'asks for nodes of one storage: `where.labels.storage`), or it is over (the others).',
      ),
    ),
    maxRate: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: RATE_MAX / CURRENCY_PARTS,
        description: 'What is paid at most, in currency units per VM-hour with six decimals; if left out, any price.',
      }),
    ),
    labels: Type.Optional(labels),
    where: Type.Optional(Where),
    machine: Type.Optional(Machine),
    user: Type.Optional(account),
    project: Type.Optional(account),
    commit: Type.Optional(
      Type.String({
        pattern: '^[\\x21-\\x7e]{1,64}$',
        description: 'The quote that is to hold; for this very request.',
      }),
    ),
  },
  { description: 'What is asked for: VMs of a capacity, for a time, beginning as `start` says.' },
);

export type LeaseRequest = Static<typeof LeaseRequest>;

export const LeaseChange = strict({ duration: duration('All in all: what has run is part of it.') });

export const LeaseEnd = strict({
  by: Type.Optional(duration('So much longer, or shorter.')),
  until: Type.Optional(time),
  duration: Type.Optional(duration('All in all: what has run is part of it.')),
});

export type LeaseEnd = Static<typeof LeaseEnd>;

const NUMBERS = '[1-9][0-9]{0,6}(-[1-9][0-9]{0,6})?';

export const ActQuery = strict({
  vms: Type.Optional(
    Type.String({
      maxLength: 1024,
      pattern: `^${NUMBERS}(,${NUMBERS})*$`,
      description: 'Only these VMs, by number: `1,3-4`. By default all of them.',
    }),
  ),
});

export const LeaseRecovery = strict({ how: oneOf(['retry', 'recreate', 'delete', 'force'] as const) });

export const LeaseMove = strict({
  to: Type.Optional(
    Type.Array(Type.Union([Type.Integer({ minimum: 1, maximum: NODES_MAX }), Type.String({ maxLength: 128 })]), {
      minItems: 1,
      maxItems: TARGETS_MAX,
      description: 'Numbers or names: they are to be on these nodes then. If left out: on others than now.',
    }),
  ),
  vms: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: VMS_MAX }), {
      minItems: 1,
      maxItems: TARGETS_MAX,
      description: 'Only these VMs, numbered from 1. If left out: all of them.',
    }),
  ),
});

export type LeaseMove = Static<typeof LeaseMove>;

export const LeaseDiskMove = strict({
  to: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,31}$',
    description: 'The NAME in the label `disks-NAME` of their nodes, or `vm-dir`.',
  }),
  vms: LeaseMove.properties.vms,
});

export const LeaseResize = strict({
  resources: Type.Optional(resources),
  groups: Type.Optional(
    Type.Array(strict({ resources: Type.Optional(resources) }), {
      minItems: 1,
      maxItems: GROUPS_MAX,
      description: 'What the VMs of each group are to have, in order, where there are several.',
    }),
  ),
  cold: Type.Optional(
    Type.Boolean({ description: 'Its VMs may be stopped for it, and begin again, where it takes that.' }),
  ),
  revertAfter: Type.Optional(
    duration(
      'So long after it is done, a day at most, VMs that run go back to what they had, unless that is confirmed before.',
    ),
  ),
});

export type LeaseResize = Static<typeof LeaseResize>;

export const LeaseRejection = strict({
  reason: Type.Optional(
    Type.String({
      maxLength: REJECTION_TEXT_MAX,
      pattern: '^[^\\x00-\\x1f\\x7f]*$',
      description: 'Told to whoever sees the lease.',
    }),
  ),
});

const stateList = `^(${LEASE_STATES.join('|')})(,(${LEASE_STATES.join('|')}))*$`;

export const LeaseQuery = strict({
  state: Type.Optional(Type.String({ pattern: stateList, description: `Of ${LEASE_STATES.join(', ')}; with commas.` })),
  kind: Type.Optional(oneOf(LEASE_KINDS)),
  user: Type.Optional(account),
  project: Type.Optional(account),
  node: Type.Optional(
    Type.Integer({ minimum: 1, maximum: NODES_MAX, description: 'With VMs on this node, now or before.' }),
  ),
  label: Type.Optional(
    Type.Array(Type.String({ maxLength: 200, pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}=' }), {
      maxItems: LABELS_MAX,
      description: '`name=value`; several times: with all of them.',
    }),
  ),
  name: Type.Optional(name),
  from: Type.Optional({ ...time, description: 'Not over before this time, or planned to reach it.' }),
  to: Type.Optional({ ...time, description: 'Asked for before this time.' }),
  ...listQuery,
});

export type LeaseQuery = Static<typeof LeaseQuery>;

export const LeaseParams = strict({ id: Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }) });

const key = Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$', description: 'Of your choice. Kept for 7 days.' });

export const SubmitHeaders = Type.Object({ 'idempotency-key': Type.Optional(key) });

export const ChangeHeaders = Type.Object({ 'if-match': etag('The ETag of the lease as you know it.') });

export const ReadHeaders = Type.Object({ 'if-none-match': etag('The ETag of what you have.') });

/** When there would be room. */

import { type Static, Type } from 'typebox';
import { RESOURCES_MAX } from '../../engine/index.js';
import { SLOTS } from '../config.js';
import { at, expression, orNull, resources, span, strict, time, vms } from './fields.js';

const { cpu, memoryMiB, diskMiB } = resources.properties;

export const SlotsQuery = strict({
  vms: Type.Optional({ ...vms, default: 1, description: 'How many VMs at the same time.' }),
  cpu,
  memoryMiB,
  diskMiB,
  resource: Type.Optional(
    Type.Array(Type.String({ maxLength: 96, pattern: '^[^=]{1,64}=[0-9]{1,15}$' }), {
      maxItems: RESOURCES_MAX,
      description: 'Another resource of the site, for each VM: `gpu=1`; may be given again.',
    }),
  ),
  duration: Type.String({ maxLength: 64, description: 'For how long: PT2H, 2h, or seconds.' }),
  where: Type.Optional(expression('What must be true of its nodes: `memory >= 65536`.')),
  from: Type.Optional({ ...time, description: 'Leases that begin then or later; the present, if left out.' }),
  to: Type.Optional({ ...time, description: `Leases that begin earlier; ${SLOTS.days} days later, if left out.` }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SLOTS.most, default: SLOTS.usual })),
});

export type SlotsQuery = Static<typeof SlotsQuery>;

export const Slot = strict(
  {
    from: { ...at, description: 'A lease could begin here at the earliest,' },
    to: orNull(at, 'and be over by then at the latest; null: nothing that is planned is in its way.'),
    latestStart: orNull(at, 'It could begin at any time until then; null: at any time from `from` on.'),
    vms: Type.Integer({ description: 'As many VMs of this size could begin at `from`, for as long.' }),
    longest: orNull(span, 'For so long could the VMs asked for, from `from` on; null: as long as leases may last.'),
  },
  { description: 'A span of time within which the lease could lie, wherever it begins in it.' },
);

export type SlotView = Static<typeof Slot>;

export const Slots = strict({
  at: { ...at, description: 'The present.' },
  basedOn: Type.Integer({ description: 'The turn of the log.' }),
  items: Type.Array(Type.Ref('Slot'), { description: 'In order of time.' }),
  next: orNull(at, 'Beginnings from then on were not looked at: ask again with this as `from`. null: all were.'),
});

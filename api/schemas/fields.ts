/** The parts of which the shapes are made: members that several of them have. */

import { type TProperties, type TSchema, Type } from 'typebox';
import { AMOUNT_MAX, RESOURCES_MAX, VMS_MAX } from '../../engine/index.js';
import { LABELS_MAX, LIMITS } from '../config.js';

export const strict = <T extends TProperties>(properties: T, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

export const orNull = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

export const oneOf = <T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description === undefined ? {} : { description }) });

export const labels = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$' }),
  Type.String({ maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]*$' }),
  { maxProperties: LABELS_MAX, additionalProperties: false },
);

export const name = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', description: 'As in a host name.' });

export const account = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' });

export const image = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$' });

export const time = Type.String({ maxLength: 64, description: 'RFC 3339 with a zone: 2026-11-21T14:00:00Z' });

export const expression = (description: string) => Type.String({ maxLength: 1024, description });

export const duration = (description: string) =>
  Type.Union([Type.String({ maxLength: 64 }), Type.Number({ minimum: 0 })], { description });

export const resourceRules = {
  additionalProperties: Type.Integer({ minimum: 0, maximum: AMOUNT_MAX }),
  minProperties: 1,
  maxProperties: RESOURCES_MAX,
};

export const resources = Type.Object(
  {
    cpu: Type.Optional(Type.Number({ minimum: 0, maximum: AMOUNT_MAX / 1000, description: 'Cpus; three decimals.' })),
    memoryMiB: Type.Optional(Type.Integer({ minimum: 0, maximum: AMOUNT_MAX })),
    diskMiB: Type.Optional(Type.Integer({ minimum: 0, maximum: AMOUNT_MAX })),
  },
  {
    ...resourceRules,
    description: 'Of each VM. Further members are resources that the site declares, as whole numbers.',
  },
);

export const vms = Type.Integer({ minimum: 1, maximum: VMS_MAX });

export const at = Type.String({ format: 'date-time' });

export const span = Type.String({ description: 'ISO 8601 duration' });

export const nodes = Type.String({ description: 'Nodes of the VMs in their order: `1-3 5`' });

export const amounts = Type.Record(Type.String(), Type.Number());

export const pageQuery = {
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageSizeMax, default: LIMITS.pageSize })),
  page_token: Type.Optional(Type.String({ maxLength: 128, description: '`nextPageToken` of the page before.' })),
};

export const listQuery = {
  ...pageQuery,
  fields: Type.Optional(
    Type.String({
      maxLength: 512,
      pattern: '^[A-Za-z]+(,[A-Za-z]+)*$',
      description: 'Only these members of each item, with commas.',
    }),
  ),
};

export const etag = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));

export const page = <T extends TSchema>(item: T) =>
  strict({ items: Type.Array(item), nextPageToken: orNull(Type.String()) });

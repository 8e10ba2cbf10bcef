/** Images: what VMs begin with. */

import { type Static, Type } from 'typebox';
import { IMAGE_FAILURES, IMAGE_FORMATS } from '../../adapters/image-port.js';
import { at, oneOf, orNull, page, strict } from './fields.js';

export const IMAGE_STATES = ['pending', 'fetching', 'ready', 'saving', 'failed'] as const;
export type ImageState = (typeof IMAGE_STATES)[number];

const imageName = Type.String({
  pattern: '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$',
  description: 'What leases call it.',
});
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const format = oneOf(IMAGE_FORMATS, 'What it is; it is never guessed.');

export const ImageRequest = strict({
  name: imageName,
  source: Type.String({
    minLength: 1,
    maxLength: 2048,
    description:
      'Where it is: an `https`, `http` or `ftp` URL, a file of this machine below one of the directories of `--image-root`, or ' +
      '`lease:LEASE/VM`, the disk of a VM of a suspended lease.',
  }),
  format,
  sha256: Type.Optional({ ...sha256, description: 'What its SHA-256 must be; if left out, whatever comes.' }),
  persistent: Type.Optional(
    Type.Boolean({
      description:
        'What the VM that has it writes stays in it when its lease is over; one lease has it at a time. Of `qcow2` images only.',
    }),
  ),
});

export const Image = strict({
  name: Type.String(),
  source: Type.String({ description: 'Without its query for whoever may not change images.' }),
  format,
  persistent: Type.Boolean({ description: 'What the VM that has it writes stays in it.' }),
  state: oneOf(
    IMAGE_STATES,
    '`pending`: it waits for its turn to be fetched. `saving`: what a VM has written is being read into it.',
  ),
  sha256: orNull(Type.String(), 'Of what is there, or what it must be; null: not known yet.'),
  bytes: orNull(Type.Integer(), 'Of the file; null: it is not there.'),
  virtualBytes: orNull(Type.Integer(), 'Of the disk, as a guest sees it.'),
  progress: orNull(
    strict({ bytes: Type.Integer(), total: orNull(Type.Integer(), 'null: the source does not say.') }),
    'How far it has come; null: it is not being fetched, or by another service.',
  ),
  failure: orNull(strict({ code: oneOf(IMAGE_FAILURES), detail: Type.String() }), 'Why it could not be had.'),
  leases: Type.Integer({ description: 'So many leases that are not over use it.' }),
  created: at,
  by: Type.String({ description: 'Who registered it.' }),
});
export type ImageView = Static<typeof Image>;

export const ImageParams = strict({ name: imageName });
export const ImagePage = page(Type.Ref('Image'));

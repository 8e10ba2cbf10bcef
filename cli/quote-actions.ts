/** What `leasehold quote` does. */

import type { QuoteView } from './api.js';
import { Client } from './client.js';
import type { RemoteOptions } from './options.js';
import { type Column, printOne } from './output.js';
import { requestOf, type SubmitOptions } from './submit.js';

export async function quote(options: RemoteOptions & SubmitOptions): Promise<void> {
  const { body } = await new Client(options).ask('post', '/v1/quotes', { body: requestOf(options) });
  await printOne(body, FIELDS, options);
}

const FIELDS: readonly Column<QuoteView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'feasible', value: ({ feasible }) => (feasible ? 'yes' : 'no') },
  { title: 'start', value: ({ earliestStart }) => earliestStart },
  { title: 'nodes', value: ({ nodes }) => nodes },
  { title: 'price', value: ({ price }) => price },
  { title: 'preempts', value: ({ preempts }) => preempts.join(', ') || null },
  { title: 'why', value: ({ reasons }) => reasons.map(({ message }) => message).join('; ') || null },
  { title: 'instead', value: ({ alternatives }) => alternatives.map(offer).join('; ') || null },
  { title: 'turn', value: ({ basedOn }) => basedOn },
  { title: 'valid until', value: ({ validUntil }) => validUntil },
];

function offer({ kind, vms, duration, begins }: QuoteView['alternatives'][number]): string {
  const what = { less: `${vms} VMs`, shorter: `for ${duration}`, later: 'later', elsewhere: 'on any nodes' }[kind];
  return `${what}, from ${begins}`;
}

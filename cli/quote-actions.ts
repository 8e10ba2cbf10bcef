/** What `leasehold quote` does. */

import type { QuoteView } from './api.js';
import { Client } from './client.js';
import type { RemoteOptions } from './options.js';
import { type Column, printOne } from './output.js';
import { requestOf, type SubmitOptions } from './submit.js';

export async function quote(options: RemoteOptions & SubmitOptions): Promise<void> {
  const { body } = await new Client(options).ask('post', '/v1/quotes', { body: requestOf(options) });
  const { timesShown } = await import('./when.js');
  const begins = await timesShown(options, 'clock');
  const instead = { title: 'instead', value: ({ alternatives }: QuoteView) => offers(alternatives, begins) };
  await printOne(body, [...FIELDS, instead, ...BASIS], options);
}

const FIELDS: readonly Column<QuoteView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'feasible', value: ({ feasible }) => (feasible ? 'yes' : 'no') },
  { title: 'start', value: ({ earliestStart }) => earliestStart, as: 'time' },
  { title: 'nodes', value: ({ nodes }) => nodes },
  { title: 'price', value: ({ price }) => price },
  { title: 'preempts', value: ({ preempts }) => preempts.join(', ') || null },
  { title: 'why', value: ({ reasons }) => reasons.map(({ message }) => message).join('; ') || null },
];

const BASIS: readonly Column<QuoteView>[] = [
  { title: 'turn', value: ({ basedOn }) => basedOn },
  { title: 'valid until', value: ({ validUntil }) => validUntil, as: 'time' },
];

function offers(alternatives: QuoteView['alternatives'], shown: (time: string) => string): string | null {
  const each = alternatives.map(({ kind, vms, duration, begins }) => {
    const lasting = duration?.replace(/^PT(?=\d)/, '').toLowerCase();
    const what = { less: `${vms} VMs`, shorter: `for ${lasting}`, later: 'later', elsewhere: 'on any nodes' }[kind];
    return `${what}, from ${shown(begins)}`;
  });
  return each.join('; ') || null;
}

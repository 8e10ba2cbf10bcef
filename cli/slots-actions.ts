/** What `leasehold slots` does. */

import type { SlotView } from './api.js';
import { Client } from './client.js';
import { isoDurationOf } from './durations.js';
import { CliError, EXIT } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, isValueFormat, printList, printValue } from './output.js';
import { resourcesOf, type SubmitOptions } from './submit.js';
import { aheadOf } from './times.js';

export interface SlotsOptions
  extends Pick<SubmitOptions, 'vms' | 'cpu' | 'memory' | 'disk' | 'resource' | 'duration' | 'where'> {
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

export async function slots(options: RemoteOptions & SlotsOptions): Promise<void> {
  const { vms, where, limit, output } = options;
  const { cpu, memoryMiB, diskMiB, ...others } = resourcesOf(options);
  const instant = (option: '--from' | '--to', text: string | undefined) =>
    text === undefined ? undefined : aheadOf(option, text, options);
  const query = {
    ...{ vms, cpu, memoryMiB, diskMiB, where, limit },
    resource: Object.entries(others).map(([name, amount]) => `${name}=${amount}`),
    duration: isoDurationOf('--duration', options.duration),
    from: instant('--from', options.from),
    to: instant('--to', options.to),
  };
  const { body } = await new Client(options).ask('get', '/v1/slots', { query });
  if (isValueFormat(output) && output !== 'ndjson') await printValue(body, output);
  else await printList(body.items, COLUMNS, options);
  if (body.next !== null) process.stderr.write(`What begins later was not looked at: --from ${body.next}\n`);
  if (body.items.length > 0) return;
  const hint = 'Ask for less, or look further with --to; `leasehold quote` says what is in the way.';
  throw new CliError('there is no room for that in the time that was looked at', hint, EXIT.refused);
}

const COLUMNS: readonly Column<SlotView>[] = [
  { title: 'from', value: ({ from }) => from, as: 'time' },
  { title: 'latest start', value: ({ latestStart, to }) => (to === null ? 'any time' : latestStart), as: 'time' },
  { title: 'to', value: ({ to }) => to ?? 'open', as: 'time' },
  { title: 'vms', value: ({ vms }) => vms },
  { title: 'longest', value: ({ longest }) => longest ?? 'any', as: 'duration' },
];

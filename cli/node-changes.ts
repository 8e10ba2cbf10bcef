/** What the commands do that add nodes and give them other labels. */

import { writtenCapacity } from '../api/formats.js';
import type { NodeView } from '../api/schemas/cluster.js';
import { amountOf } from '../simulations/amounts.js';
import { parseNodes } from '../simulations/site-options.js';
import { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne } from './output.js';

export interface AddOptions {
  readonly name?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly exclusive?: boolean;
  readonly uri?: string;
  readonly reserveMemory?: string;
}

/** `text`: how many, and what each has, as in `--nodes`; undefined: it is a host, which knows. */
export async function add(
  text: string | undefined,
  options: RemoteOptions & AddOptions,
  columns: readonly Column<NodeView>[],
): Promise<void> {
  const { name: names, label: labels, exclusive, uri, reserveMemory } = options;
  if (text === undefined && uri === undefined)
    throw new CliError(
      'Which nodes?',
      'Say what each has, such as "2x cpu=8,memory=32GiB", or give --uri.',
      EXIT.usage,
    );
  if (reserveMemory !== undefined && uri === undefined)
    throw new CliError('--reserve-memory: of which host?', 'Give --uri, too.', EXIT.usage);
  const { count, ...given } = text === undefined ? { count: 1 } : givenIn(text);
  if (names !== undefined && names.length !== count)
    throw new CliError(`${count} nodes, and ${names.length} names`, 'Give one name for each, or none.', EXIT.usage);
  const body = {
    ...(names === undefined ? { count } : { names }),
    ...given,
    ...(uri === undefined ? {} : { uri }),
    ...(reserveMemory === undefined ? {} : { reserve: { memoryMiB: memoryIn(reserveMemory) } }),
    ...(labels === undefined ? {} : { labels }),
    ...(exclusive === true ? { exclusive } : {}),
  };
  const { body: joined } = await new Client(options).write<{ items: NodeView[] }>('POST', 'v1/nodes', { body });
  await printList(joined.items, columns, options.output);
}

function givenIn(text: string) {
  const { resources, classes } = parseNodes([text]);
  const { capacity, count, units } = classes[0]!;
  return {
    count,
    capacity: writtenCapacity(resources, capacity),
    ...(Object.keys(units).length === 0 ? {} : { units }),
  };
}

function memoryIn(text: string): number {
  const amount = amountOf('memory', text);
  if (typeof amount === 'number') return amount;
  throw new CliError(`--reserve-memory ${JSON.stringify(text)} ${amount.problem}`, 'Write 2GiB or 512MiB.', EXIT.usage);
}

/** `zone=a` sets a label, `zone=` takes it off. */
export async function label(
  number: number,
  given: readonly string[],
  options: RemoteOptions,
  columns: readonly Column<NodeView>[],
): Promise<void> {
  const labels = Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (name === undefined)
        throw new CliError(
          `${JSON.stringify(text)} is no label`,
          'Write name=value, or name= to take it off.',
          EXIT.usage,
        );
      return [name, value === '' ? null : value];
    }),
  );
  const { body } = await new Client(options).write<NodeView>('PATCH', `v1/nodes/${number}`, { body: { labels } });
  await printOne(body, columns, options.output);
}

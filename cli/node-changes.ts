/** What the commands do that add nodes and give them other labels. */

import { writtenCapacity } from '../api/formats.js';
import type { NodeView } from '../api/schemas/cluster.js';
import { parseNodes } from '../simulations/site-options.js';
import { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne } from './output.js';

export interface AddOptions {
  readonly name?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly exclusive?: boolean;
}

/** `text`: how many, and what each has, as in `--nodes`. */
export async function add(
  text: string,
  options: RemoteOptions & AddOptions,
  columns: readonly Column<NodeView>[],
): Promise<void> {
  const { resources, classes } = parseNodes([text]);
  const { capacity, count, units } = classes[0]!;
  const { name: names, label: labels, exclusive } = options;
  if (names !== undefined && names.length !== count)
    throw new CliError(`${count} nodes, and ${names.length} names`, 'Give one name for each, or none.', EXIT.usage);
  const body = {
    ...(names === undefined ? { count } : { names }),
    capacity: writtenCapacity(resources, capacity),
    ...(Object.keys(units).length === 0 ? {} : { units }),
    ...(labels === undefined ? {} : { labels }),
    ...(exclusive === true ? { exclusive } : {}),
  };
  const { body: joined } = await new Client(options).write<{ items: NodeView[] }>('POST', 'v1/nodes', { body });
  await printList(joined.items, columns, options.output);
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

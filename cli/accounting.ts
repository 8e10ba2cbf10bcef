/** `leasehold accounting`: what simulations counted, side by side. */

import { type Command, Option } from 'commander';
import type { Row, Table, TableKind } from '../simulations/accounting/tables.js';
import { outputOption } from './options.js';
import type { Column, Format } from './output.js';

interface Options {
  readonly table: TableKind;
  readonly counter?: string;
  readonly output: Format;
}

export function accountingCommand(program: Command): void {
  program
    .command('accounting')
    .description('print what simulations counted, side by side')
    .argument('<dir...>', 'directories that simulate --out wrote')
    .addOption(
      new Option('--table <kind>', 'the figures of each run, its leases, or one counter over time')
        .choices(['per-run', 'per-lease', 'counter'])
        .default('per-run'),
    )
    .option('--counter <name>', 'the counter for --table counter: "Queue size"')
    .addOption(outputOption(['table', 'csv', 'json']))
    .action(run);
}

async function run(directories: readonly string[], { table: kind, counter, output }: Options): Promise<void> {
  const { readTable } = await import('../simulations/accounting/tables.js');
  const table = await readTable(directories, kind, counter ?? null);
  const { printList } = await import('./output.js');
  if (output === 'json') return await printList(table.rows.map(asObject), [], output);
  if (output === 'table' && kind === 'per-run') return await printTurned(table);
  await printList(table.rows, columnsOf(table), output);
}

function columnsOf({ attributes, columns }: Table): readonly Column<Row>[] {
  return [
    { title: 'run', value: (row) => row.run },
    ...attributes.map((name) => ({ title: name, value: (row: Row) => row.attributes.get(name) ?? null })),
    ...columns.map((name) => ({ title: name, value: (row: Row) => row.cells.get(name) ?? null })),
  ];
}

function asObject({ run, attributes, cells }: Row): object {
  return { run, attributes: Object.fromEntries(attributes), ...Object.fromEntries(cells) };
}

/** A figure a line and a run a column: there are many figures and few runs. */
async function printTurned(table: Table): Promise<void> {
  const { printList } = await import('./output.js');
  await printList(
    columnsOf(table),
    [
      { title: 'figure', value: ({ title }) => title },
      ...table.rows.map((row, i) => ({ title: `run ${i + 1}`, value: (line: Column<Row>) => line.value(row) })),
    ],
    'table',
  );
}

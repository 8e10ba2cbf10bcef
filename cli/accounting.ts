/** `leasehold accounting`: what simulations counted, side by side. */

import { type Command, Option } from 'commander';
import type { Cell, Row, Table, TableKind } from '../simulations/accounting/tables.js';
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
  const columns: Column<Row>[] = [
    { title: 'run', value: (row) => row.run },
    ...table.attributes.map((name) => ({ title: name, value: (row: Row) => row.attributes.get(name) ?? null })),
    ...table.columns.map((name) => ({ title: name, value: (row: Row) => row.cells.get(name) ?? null })),
  ];
  await printList(table.rows, columns, output);
}

function asObject({ run, attributes, cells }: Row): object {
  return { run, attributes: Object.fromEntries(attributes), ...Object.fromEntries(cells) };
}

/** A figure a line and a run a column: there are many figures and few runs. */
async function printTurned({ attributes, columns, rows }: Table): Promise<void> {
  const lines: { readonly title: string; readonly value: (row: Row) => Cell }[] = [
    { title: 'run', value: (row) => row.run },
    ...attributes.map((name) => ({ title: name, value: (row: Row) => row.attributes.get(name) ?? null })),
    ...columns.map((name) => ({ title: name, value: (row: Row) => row.cells.get(name) ?? null })),
  ];
  const { printList } = await import('./output.js');
  await printList(
    lines,
    [
      { title: 'figure', value: ({ title }) => title },
      ...rows.map((row, i) => ({ title: `run ${i + 1}`, value: (line: (typeof lines)[number]) => line.value(row) })),
    ],
    'table',
  );
}

/** `leasehold audit explain`: the life of one lease as a story, from a log. */

import type { Command } from 'commander';
import type { StoryLine } from '../simulations/story/story.js';
import { outputOption } from './options.js';
import type { Column, Format } from './output.js';
import { auditSource, type SourceOptions, sourceOptions } from './audit-source.js';

export function explainCommand(audit: Command): void {
  const command = audit
    .command('explain')
    .description('tell the life of a lease: what was asked, decided and seen, and why it waited')
    .argument('<log>', 'as of `leasehold audit`')
    .argument('<lease>', 'the id of a lease');
  sourceOptions(command)
    .addOption(outputOption(['table', 'json', 'yaml', 'ndjson']))
    .action(run);
}

interface Options extends SourceOptions {
  readonly output: Format;
}

/** `-o` and what opens the log are options of the group, too, which takes them wherever they stand. */
async function run(source: string, lease: string, _options: Options, command: Command): Promise<void> {
  const options = command.optsWithGlobals<Options>();
  const { explainLease } = await import('../simulations/audit-explain.js');
  const { Meter } = await import('./meter.js');
  const from = await auditSource(source, options);
  const meter = await Meter.open('turns');
  let story: Awaited<ReturnType<typeof explainLease>>;
  try {
    story = await explainLease(from, lease, meter.visible ? (turns) => meter.update(turns, null) : null);
  } finally {
    meter.close();
  }
  const { printList, printTable, printValue, write } = await import('./output.js');
  if (options.output === 'ndjson') return printList(story.lines, [], 'ndjson');
  if (options.output !== 'table') return printValue(story, options.output as 'json' | 'yaml');
  await printTable(rowsOf(story.lines), COLUMNS);
  await write(`\n${lease} is ${story.state} after turn ${story.turn}.\n`);
}

interface Row {
  readonly line: StoryLine | null;
  readonly what: string;
}

/** A line, and behind it its reasons. */
function rowsOf(lines: readonly StoryLine[]): Row[] {
  return lines.flatMap((line) => [
    { line, what: whatOf(line) },
    ...line.reasons.map(({ message }) => ({ line: null, what: `  because ${message}` })),
  ]);
}

function whatOf({ message, happened, until, kind }: StoryLine): string {
  if (kind === 'explanation') return until === null || until === undefined ? message : `${message} until ${until}`;
  return happened === undefined ? message : `${message} (at ${happened})`;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'turn', value: ({ line }) => line?.turn ?? null },
  { title: 'time', value: ({ line }) => line?.at ?? null },
  { title: 'state', value: ({ line }) => line?.state ?? null },
  { title: 'what', value: ({ what }) => what },
  { title: 'rule', value: ({ line }) => line?.rule ?? null },
];

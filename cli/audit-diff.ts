/** `leasehold audit diff`: what would have been decided otherwise, from a turn on, under another policy. */

import type { Command } from 'commander';
import type { DiffResult, FirstDifference } from '../simulations/audit-diff.js';
import type { Course, Difference } from '../simulations/diff/course.js';
import { auditSource, type SourceOptions, sourceOptions } from './audit-source.js';
import { outputOption, wholeNumber } from './options.js';
import type { Column, Format } from './output.js';

/** Leases that a table lists. */
const ROWS_MAX = 50;

export function diffCommand(audit: Command): void {
  const turn = wholeNumber(1, Number.MAX_SAFE_INTEGER);
  const command = audit
    .command('diff')
    .description('say what would have been decided otherwise under another policy, in a simulation from a turn on')
    .argument('<log>', 'as of `leasehold audit`')
    .argument('<from>', 'the first turn of the part of the log', turn)
    .argument('[until]', 'the last (default: the last of the log)', turn)
    .requiredOption('--policy <file>', 'policy file; what it does not mention stays as the log has it');
  sourceOptions(command)
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(run);
}

interface Options extends SourceOptions {
  readonly policy: string;
  readonly output: Format;
}

async function run(
  source: string,
  first: number,
  last: number | undefined,
  _options: Options,
  command: Command,
): Promise<void> {
  const options = command.optsWithGlobals<Options>();
  const { diffLog } = await import('../simulations/audit-diff.js');
  const { Meter } = await import('./meter.js');
  const meter = await Meter.open('turns');
  let result: DiffResult;
  try {
    const from = { ...(await auditSource(source, options)), first, last: last ?? null, policy: options.policy };
    result = await diffLog(from, meter.visible ? (turns) => meter.update(turns, null) : null);
  } finally {
    meter.close();
  }
  await print(result, options.output);
}

async function print(result: DiffResult, format: Format): Promise<void> {
  const { isValueFormat, printTable, printValue, write } = await import('./output.js');
  const { formatInstant } = await import('../simulations/written-times.js');
  if (isValueFormat(format)) return printValue(written(result, formatInstant), format);
  const { first, last, firstDifference, differences } = result;
  const stretch = `From turn ${first.turn} (${formatInstant(first.at)}) until turn ${last.turn} (${formatInstant(last.at)})`;
  await write(`${stretch}:\n\n`);
  await printTable(figuresOf(result), FIGURES);
  await write(
    `\n${firstDifference === null ? 'No decision differs.\n' : shownDifference(firstDifference, formatInstant)}`,
  );
  if (differences.length > 0) {
    await write('\n');
    await printTable(differences.slice(0, ROWS_MAX), columns(formatInstant));
  }
  if (differences.length > ROWS_MAX)
    await write(`… and ${differences.length - ROWS_MAX} more: -o json lists them all\n`);
  for (const line of notes(result)) await write(`${line}\n`);
}

interface Figure {
  readonly title: string;
  readonly logged: string | number | null;
  readonly otherwise: string | number | null;
}

const FIGURES: readonly Column<Figure>[] = [
  { title: 'figure', value: ({ title }) => title },
  { title: 'as logged', value: ({ logged }) => logged },
  { title: 'with the policy', value: ({ otherwise }) => otherwise },
];

function figuresOf({ logged, otherwise }: DiffResult): Figure[] {
  const figure = (title: string, value: (totals: DiffResult['logged']) => string | number | null): Figure => ({
    title,
    logged: value(logged),
    otherwise: value(otherwise),
  });
  const seconds = (value: number | null) => (value === null ? null : `${value.toFixed(1)} s`);
  return [
    figure('leases', ({ leases }) => leases),
    figure('completed', ({ completed }) => completed),
    figure('rejected', ({ rejected }) => rejected),
    figure('expired', ({ expired }) => expired),
    figure('cancelled', ({ cancelled }) => cancelled),
    figure('failed', ({ failed }) => failed),
    figure('not over', ({ unfinished }) => unfinished),
    figure('wait, mean', ({ waitMean }) => seconds(waitMean)),
    figure('bounded slowdown, mean', ({ boundedSlowdownMean }) => boundedSlowdownMean?.toFixed(2) ?? null),
    figure('utilisation', ({ utilisation }) => `${(100 * utilisation).toFixed(2)} %`),
    figure('preemptions', ({ preemptions }) => preemptions),
  ];
}

type Time = (instant: number) => string;

function shownDifference({ at, turn, logged, otherwise }: FirstDifference, time: Time): string {
  const lines = (phrases: readonly string[]) =>
    phrases.length === 0 ? ['  nothing'] : phrases.map((one) => `  ${one}`);
  const where = turn === null ? '' : ` (turn ${turn})`;
  const text = [`Decisions first differ at ${time(at)}${where}.`, 'As logged:', ...lines(logged)];
  return `${[...text, 'With the policy:', ...lines(otherwise)].join('\n')}\n`;
}

function columns(time: Time): readonly Column<Difference>[] {
  const instant = (value: number | null | undefined) => (value == null ? null : time(value));
  return [
    { title: 'lease', value: ({ lease }) => lease },
    { title: 'submitted', value: ({ logged, otherwise }) => instant((logged ?? otherwise)?.submitted) },
    { title: 'start', value: ({ logged }) => instant(logged?.start) },
    { title: 'with the policy', value: ({ otherwise }) => instant(otherwise?.start) },
    { title: 'start moves', value: ({ startsLater }) => moved(startsLater) },
    { title: 'end moves', value: ({ endsLater }) => moved(endsLater) },
    { title: 'preemptions', value: ({ logged, otherwise }) => change(logged?.preemptions, otherwise?.preemptions) },
    { title: 'state', value: ({ logged, otherwise }) => change(logged?.state, otherwise?.state) },
    { title: 'nodes', value: ({ otherNodes }) => (otherNodes ? 'other' : 'same') },
  ];
}

/** `5 s earlier`. */
function moved(milliseconds: number | null): string | null {
  if (milliseconds === null || milliseconds === 0) return null;
  return `${Math.abs(milliseconds) / 1000} s ${milliseconds < 0 ? 'earlier' : 'later'}`;
}

function change<T extends string | number>(one: T | undefined, other: T | undefined): string {
  return one === other ? String(one ?? '') : `${one ?? 'none'} → ${other ?? 'none'}`;
}

function notes({ assumed, passedOver }: DiffResult): string[] {
  const { policies, failedOrders, loads } = passedOver;
  const lines: string[] = [];
  const note = (count: number, text: string) => {
    if (count > 0) lines.push(`${count} ${text}`);
  };
  note(assumed, 'of the leases did not run to their end in the log: taken to run as long as was asked');
  note(policies, 'times the log adopts a policy later on: passed over');
  note(failedOrders, 'orders failed in the log: in the simulation none does');
  note(loads, 'loads of nodes were observed: passed over');
  return lines.length === 0 ? [] : ['', ...lines];
}

/** With times as text. */
function written(result: DiffResult, time: Time): unknown {
  const course = (one: Course | null) =>
    one === null
      ? null
      : {
          ...one,
          submitted: time(one.submitted),
          start: one.start === null ? null : time(one.start),
          end: one.end === null ? null : time(one.end),
        };
  const { first, last, firstDifference } = result;
  return {
    ...result,
    first: { ...first, at: time(first.at) },
    last: { ...last, at: time(last.at) },
    firstDifference: firstDifference === null ? null : { ...firstDifference, at: time(firstDifference.at) },
    differences: result.differences.map(({ startsLater, endsLater, ...one }) => ({
      ...one,
      logged: course(one.logged),
      otherwise: course(one.otherwise),
      startsLaterSeconds: startsLater === null ? null : startsLater / 1000,
      endsLaterSeconds: endsLater === null ? null : endsLater / 1000,
    })),
  };
}

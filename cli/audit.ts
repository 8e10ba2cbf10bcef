/** `leasehold audit`: is a log what it was, and would today's scheduler decide as it says? */

import type { Command } from 'commander';
import type { AuditOptions, Audited, AuditResult } from '../simulations/audit.js';
import { diffCommand } from './audit-diff.js';
import { explainCommand } from './audit-explain.js';
import { examples } from './examples.js';
import { collect, outputOption, wholeNumber } from './options.js';
import type { Format } from './output.js';

/** What is printed tells more than an exit code; the first of these that applies is the exit code. */
const EXIT = { broken: 65, truncated: 66, signature: 68, differs: 67 } as const;
/** Decisions shown of each side, and faults. */
const SHOWN_MAX = 20;
const LOG = 'turns.ndjson[.gz], the store of a service (leasehold.db, postgresql://…, esdb://…), or its URL';
const LOG_DEFAULT = '.leasehold/leasehold.db';

interface Options {
  readonly output: Format;
  readonly tokenFile?: string;
  readonly anchor?: string;
  readonly replay?: boolean;
  readonly anchors?: readonly string[];
  readonly checkpoints?: string;
  readonly pubkey?: string;
  readonly receipts?: string;
  readonly from?: number;
}

export function auditCommand(program: Command): void {
  const audit = program
    .command('audit')
    .description('verify a log, replay it through the scheduler and compare every decision')
    .argument('<log>', LOG)
    .option('--token-file <file>', 'file with the token, for a URL (LEASEHOLD_TOKEN; default .leasehold/admin.token)')
    .option('--anchor <file>', 'where a store is anchored (default: beside the store)')
    .addOption(outputOption(['table', 'json', 'yaml', 'ndjson']))
    .action((log: string, options: Options) => run(log, { ...options, replay: true }));
  audit
    .command('verify')
    .description('hold a log against its hashes and against what was kept of it elsewhere')
    .argument('[log]', LOG, LOG_DEFAULT)
    .option('--replay', 'replay it as well, as `leasehold audit` does')
    .option('--anchors <file>', 'an anchor of the log; may be given again', collect)
    .option('--checkpoints <file>', 'signed checkpoints, as the service writes them; with --pubkey')
    .option('--pubkey <file>', 'public keys that are trusted (PEM): checkpoint.key.pub of the service')
    .option('--receipts <file>', 'receipts, one a line, as clients kept them')
    .option('--from <turn>', 'the first turn that is held against its hash', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action((log: string, _options: Options, command: Command) => run(log, command.optsWithGlobals<Options>()));
  examples(audit, { 'leasehold audit turns.ndjson': "would today's scheduler decide the same?" });
  explainCommand(audit);
  diffCommand(audit);
}

async function run(source: string, options: Options): Promise<void> {
  await mustFit(options);
  const { auditWhole } = await import('../simulations/audit.js');
  const { Meter } = await import('./meter.js');
  const meter = await Meter.open('turns');
  let audited: Audited;
  try {
    audited = await auditWhole(
      await auditOptions(source, options),
      meter.visible ? (turns) => meter.update(turns, null) : null,
    );
  } finally {
    meter.close();
  }
  const { result, failure } = audited;
  await print(result, options.output);
  process.exitCode = exitCodeOf(result);
  if (failure === null) return;
  // What kept it from being read on is told as it always is; what was found before may say more.
  const { report } = await import('./errors.js');
  const code = report(failure);
  process.exitCode = result.counts.broken > 0 ? EXIT.broken : code;
}

async function mustFit({ checkpoints, pubkey, replay, from }: Options): Promise<void> {
  const { CliError, EXIT: EXITS } = await import('./errors.js');
  if (checkpoints !== undefined && pubkey === undefined) {
    throw new CliError('--checkpoints needs --pubkey', 'Whose signature counts? Give checkpoint.key.pub.', EXITS.usage);
  }
  if (replay === true && from !== undefined) {
    throw new CliError('--replay and --from exclude each other', 'A replay begins at the first turn.', EXITS.usage);
  }
}

async function auditOptions(source: string, options: Options): Promise<AuditOptions> {
  const { output: _, tokenFile, replay, ...rest } = options;
  const token = /^https?:\/\//.test(source) ? (await import('./target.js')).tokenForUrl(source, tokenFile) : undefined;
  return { source, token, replay: replay === true, ...rest };
}

/** 0 where nothing is wrong. What is wrong with the log itself comes before what became of its decisions. */
export function exitCodeOf({ counts, divergence, checkpoint }: AuditResult): number {
  for (const kind of ['broken', 'truncated', 'signature'] as const) if (counts[kind] > 0) return EXIT[kind];
  return (divergence ?? checkpoint ?? null) === null ? 0 : EXIT.differs;
}

async function print(result: AuditResult, format: Format): Promise<void> {
  const { isValueFormat, printOne, printValue, write } = await import('./output.js');
  if (isValueFormat(format)) return printValue(result, format);
  const row = (title: string, value: string | number | null | undefined) => ({ title, value: () => value ?? null });
  const { head, hashes, compared, faults, divergence } = result;
  await printOne(
    result,
    [
      row('turns', result.turns),
      row('decisions', result.decisions),
      row('leases', result.leases),
      row('took', `${result.seconds.toFixed(2)} s, ${Math.round(result.turnsPerSecond)} turns/s`),
      row('digest', result.digest),
      row('head', head?.hash),
      row('hashes', hashes ? 'the log keeps its own' : 'the log keeps none'),
      row(
        'compared',
        compared === 0 ? 'with nothing kept elsewhere' : `with ${compared} anchors, checkpoints, receipts`,
      ),
      row('verdict', verdict(result)),
    ],
    'table',
  );
  if (faults.length > 0)
    await write(
      `\n${faults
        .slice(0, SHOWN_MAX)
        .map(({ detail }) => `  ${detail}\n`)
        .join('')}`,
    );
  if (divergence === null || divergence === undefined || divergence.kind !== 'decisions-differ') return;
  await write(`\nrecorded:\n${lines(divergence.recorded)}\nreplayed:\n${lines(divergence.replayed)}`);
}

function verdict({ counts, divergence, checkpoint }: AuditResult): string {
  const words: string[] = [];
  if (counts.broken > 0) words.push('BROKEN: the log is not what it was');
  if (counts.truncated > 0) words.push('TRUNCATED: the end of the log is missing');
  if (counts.signature > 0) words.push('BAD SIGNATURE');
  if (divergence !== null && divergence !== undefined) {
    words.push(`DIFFERS at turn ${divergence.turn}: ${divergence.detail}`);
  } else if (checkpoint !== null && checkpoint !== undefined) {
    const where = `an input after turn ${checkpoint.after} was changed`;
    words.push(`ALTERED: the checkpoint after turn ${checkpoint.turn} does not agree; ${where}`);
  } else if (divergence === null) words.push('every decision is as recorded');
  else if (words.length === 0) words.push('nothing is wrong');
  return words.join('; ');
}

function lines(decisions: readonly unknown[]): string {
  if (decisions.length === 0) return '  none\n';
  const shown = decisions.slice(0, SHOWN_MAX).map((decision) => `  ${JSON.stringify(decision)}\n`);
  const more = decisions.length - shown.length;
  return `${shown.join('')}${more > 0 ? `  … and ${more} more\n` : ''}`;
}

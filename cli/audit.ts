/** `leasehold audit`: replays a log through the scheduler and compares every decision. */

import type { Command } from 'commander';
import type { AuditResult } from '../simulations/audit.js';
import { outputOption } from './options.js';
import type { Format } from './output.js';

/** Today's scheduler decides otherwise than the log says. */
const EXIT_DIFFERS = 67;
/** Decisions shown of each side. */
const SHOWN_MAX = 20;

interface Options {
  readonly output: Format;
  readonly tokenFile?: string;
  readonly anchor?: string;
}

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('replay a log through the scheduler and compare every decision')
    .argument('<log>', 'turns.ndjson[.gz], the store of a service (leasehold.db, postgresql://…, esdb://…), or its URL')
    .option('--token-file <file>', 'file with the token, for a URL (LEASEHOLD_TOKEN; default .leasehold/admin.token)')
    .option('--anchor <file>', 'where a store is anchored (default: beside the store)')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(run);
}

async function run(source: string, options: Options): Promise<void> {
  const { auditLog } = await import('../simulations/audit.js');
  const { Meter } = await import('./meter.js');
  const meter = await Meter.open('turns');
  let result: AuditResult;
  try {
    result = await auditLog(
      { source, token: await tokenFor(source, options), anchor: options.anchor },
      meter.visible ? (turns) => meter.update(turns, null) : null,
    );
  } finally {
    meter.close();
  }
  await print(result, options.output);
  if (result.divergence !== null || result.checkpoint !== null) process.exitCode = EXIT_DIFFERS;
}

async function tokenFor(source: string, { tokenFile }: Options): Promise<string | undefined> {
  if (!/^https?:\/\//.test(source)) return undefined;
  const { tokenForUrl } = await import('./client.js');
  return tokenForUrl(source, tokenFile);
}

async function print(result: AuditResult, format: Format): Promise<void> {
  const { printOne, printValue, write } = await import('./output.js');
  if (format === 'json' || format === 'yaml') return printValue(result, format);
  const row = (title: string, value: string | number) => ({ title, value: () => value });
  await printOne(
    result,
    [
      row('turns', result.turns),
      row('decisions', result.decisions),
      row('leases', result.leases),
      row('took', `${result.seconds.toFixed(2)} s, ${Math.round(result.turnsPerSecond)} turns/s`),
      row('digest', result.digest),
      row('verdict', verdict(result)),
    ],
    'table',
  );
  const { divergence } = result;
  if (divergence === null || divergence.kind !== 'decisions-differ') return;
  await write(`\nrecorded:\n${lines(divergence.recorded)}\nreplayed:\n${lines(divergence.replayed)}`);
}

function verdict({ divergence, checkpoint }: AuditResult): string {
  if (divergence !== null) return `DIFFERS at turn ${divergence.turn}: ${divergence.detail}`;
  if (checkpoint === null) return 'every decision is as recorded';
  return `ALTERED: the checkpoint after turn ${checkpoint.turn} does not agree; an input after turn ${checkpoint.after} was changed`;
}

function lines(decisions: readonly unknown[]): string {
  if (decisions.length === 0) return '  none\n';
  const shown = decisions.slice(0, SHOWN_MAX).map((decision) => `  ${JSON.stringify(decision)}\n`);
  const more = decisions.length - shown.length;
  return `${shown.join('')}${more > 0 ? `  … and ${more} more\n` : ''}`;
}

/** `leasehold simulate`: runs a workload trace and prints its figures. */

import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { SimulateOptions } from '../simulations/simulate.js';
import type { Summary } from '../simulations/report/summary.js';
import { printable } from './errors.js';
import { examples } from './examples.js';
import { collectPair, outputOption, siteOptions } from './options.js';
import type { Format } from './output.js';

type Options = Omit<SimulateOptions, 'trace' | 'log' | 'attributes'> & {
  readonly log?: boolean;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly output: Format;
};

export function simulateCommand(program: Command): void {
  const command = program
    .command('simulate')
    .description('run a workload through the scheduler, as fast as it goes')
    .argument('[trace]', 'SWF (.swf, .swf.gz), LWF (.xml, .lwf), YAML (.yaml), or - for SWF on stdin');
  siteOptions(command, 'so many identical nodes of one cpu')
    .option('--backfilling <kind>', 'none, easy, conservative, intermediate:N, sticky:N or sticky:all (default: easy)')
    .option('--policy <file>', 'every knob of the scheduler (YAML)')
    .option('--haizea-config <file>', "Haizea's configuration file instead of a policy; may name the trace, too")
    .option('--out <dir>', 'write summary.json, jobs.csv and leases.json there')
    .option('--no-leases', 'leave out leases.json: with the node of every VM it is by far the largest')
    .option('--log', 'write the event log, too: turns.ndjson.gz')
    .option('--accounting <probes>', 'write counters.json, series.csv and leases.csv, too: all, or some probes')
    .option('--attribute <name=value>', 'note this with the accounting; may be given again', collectPair)
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(run);
  examples(command, {
    'leasehold simulate simulations/samples/mixed.xml --out results --log': 'figures, and files with every lease',
    'leasehold simulate simulations/samples/mixed.xml --backfilling conservative -o json': 'for programs',
  });
}

async function run(trace: string | undefined, { output, attribute, ...options }: Options): Promise<void> {
  // V8's baseline compiler, off by default in Node 20, takes 7 % off a simulation of half a second.
  setFlagsFromString('--sparkplug');
  const { simulate } = await import('../simulations/simulate.js');
  const { Meter } = await import('./meter.js');
  const meter = await Meter.open('leases');
  let summary: Summary;
  try {
    summary = await simulate(
      {
        ...options,
        ...(trace === undefined ? {} : { trace }),
        ...(attribute === undefined ? {} : { attributes: attribute }),
        log: options.log === true,
      },
      (note) => meter.note(note),
      meter.visible ? ({ leasesOver, total }) => meter.update(leasesOver, total) : null,
    );
  } finally {
    meter.close();
  }
  await printSummary(summary, output, options.out);
}

async function printSummary(summary: Summary, output: Format, out: string | undefined): Promise<void> {
  const { printOne, printValue, write } = await import('./output.js');
  if (output === 'json') {
    const { encodeSummary } = await import('../simulations/report/summary.js');
    return write(encodeSummary(summary));
  }
  if (output !== 'table') return printValue(summary, 'yaml');
  const row = (title: string, value: string | number | null) => ({ title, value: () => value });
  await printOne(
    summary,
    [
      row('leases', counted(summary)),
      row('wait, mean', summary.waitMean === null ? null : `${summary.waitMean} s`),
      row('bounded slowdown, mean', summary.boundedSlowdownMean),
      row('makespan', `${summary.makespan} s`),
      row('utilisation', `${(summary.utilisation * 100).toFixed(2)} %`),
      row('preemptions', summary.preemptions),
      row('suspensions', summary.suspensions),
      row('rows left out', dropped(summary)),
      row('turns, events', `${summary.turns}, ${summary.events}`),
      row('took', took(summary)),
      row('digest', `${summary.digest} (rules ${summary.rules})`),
      row('written to', out === undefined ? null : printable(out)),
    ],
    'table',
  );
}

function counted({ leases, completed, rejected, expired, cancelled, failed }: Summary): string {
  const others = Object.entries({ rejected, expired, cancelled, failed }).filter(([, count]) => count > 0);
  return `${leases}: ${[`${completed} completed`, ...others.map(([name, count]) => `${count} ${name}`)].join(', ')}`;
}

/** Each reason with how often, and the line of the first row. */
function dropped({ dropped: { count, reasons } }: Summary): string | null {
  if (count === 0) return null;
  const each = Object.entries(reasons).map(
    ([why, { count: times, firstLine }]) => `${times} ${why} (first: line ${firstLine})`,
  );
  return `${count}: ${each.join(', ')}`;
}

function took({ wallSeconds, leasesPerSecond, peakRssMiB }: Summary): string {
  return `${wallSeconds.toFixed(2)} s, ${Math.round(leasesPerSecond)} leases/s, ${Math.round(peakRssMiB)} MiB`;
}

/** `leasehold log`: what is done with the store in which a service keeps its log. */

import { type Command, InvalidArgumentError } from 'commander';
import { outputOption, wholeNumber } from './options.js';

const STORE = 'leasehold.db of a service';
const ANY_STORE = `${STORE}, or postgresql://…, esdb://…`;

export function logCommands(program: Command): void {
  const log = program.command('log').description('the store in which a service keeps its log');
  const command = (name: string, about: string) =>
    log.command(name).description(about).option('--anchor <file>', 'where the store is anchored (default: beside it)');
  const actions = () => import('./log-actions.js');

  command('stats', 'how long the log is, over what time, and where it ends')
    .argument('<store>', ANY_STORE)
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(async (store, options) => (await actions()).stats(store, options));
  command('tail', 'print the last turns: one a line (NDJSON), or in sentences')
    .argument('<store>', ANY_STORE)
    .option('-n, --turns <number>', 'how many', wholeNumber(0, Number.MAX_SAFE_INTEGER), 10)
    .option('-f, --follow', 'go on with turns as they are written')
    .option('--lease <id>', 'only what is about this lease')
    .addOption(outputOption(['ndjson', 'table']).default('ndjson'))
    .action(async (store, options) => (await actions()).tail(store, options));
  command('export', 'write the whole log to a file, as `leasehold audit` reads it')
    .argument('<store>', ANY_STORE)
    .argument('<file>', 'turns.ndjson.gz; it must not be there')
    .option('--checkpoints <file>', 'checkpoints that go along (default: beside a store file)')
    .action(async (store, file, options) => (await actions()).exportLog(store, file, options));
  command('import', 'make a new store from an export, or from another store; every turn is checked')
    .argument('<log>', 'as of `leasehold audit`: turns.ndjson[.gz] or a store')
    .argument('<store>', 'the new store: a file that must not be there, or the URL of a store that is empty')
    .action(async (from, store, options) => (await import('./log-import.js')).importLog(from, store, options));
  command('backup', 'copy a store, also while the service runs; the copy is read whole')
    .argument('<store>', STORE)
    .argument('<file>', 'the copy; it must not be there')
    .action(async (store, file, options) => (await actions()).backup(store, file, options));
  command('restore', 'put a copy in the place of a store that is gone')
    .argument('<file>', 'the copy')
    .argument('<store>', `${STORE} that is not running`)
    .option('--accept-loss', 'also where turns were acknowledged that the copy has not')
    .action(async (file, store, options) => (await actions()).restoreStore(file, store, options));
  log
    .command('forget')
    .description(
      'destroy the keys of a project: names and labels of its leases, and what was said of their VMs, can be read by nobody any more',
    )
    .argument('<project>', 'as its leases name it; "" for leases without a project')
    .requiredOption('--personal-keys <dir>', 'where the service has its keys')
    .action(async (project, options) => (await actions()).forget(project, options));
  command('seal', 'move the beginning of a log out of its store, into a file beside it')
    .argument('<store>', `${STORE} that is not running`)
    .requiredOption('--before <when>', 'an instant (RFC 3339), or the number of the last turn to seal', turnOrInstant)
    .action(async (store, options) => (await actions()).sealTurns(store, options));
  command('anchor', 'accept a log as it is, if it is whole: its lost anchor is made anew')
    .argument('<store>', `${STORE} that is not running`)
    .action(async (store, options) => (await actions()).makeAnchor(store, options));
  log
    .command('key')
    .description('show the public keys for checkpoints, or have another key sign them from now on')
    .option('--data-dir <dir>', 'of the service', '.leasehold')
    .option('--checkpoint-key <file>', 'as the service was given it')
    .option('--checkpoints <file>', 'as the service was given it')
    .option('--rotate', 'make a new key, introduced by the old one; the service must not be running')
    .action(async (options) => (await actions()).checkpointKey(options));
}

/** A turn's number, or milliseconds since 1970. */
function turnOrInstant(text: string): { readonly turn: number } | { readonly before: number } {
  if (/^[1-9]\d{0,14}$/.test(text)) return { turn: Number(text) };
  const before = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(before)) return { before };
  throw new InvalidArgumentError('Give 2026-01-31, 2026-01-31T12:00:00Z, or the number of a turn.');
}

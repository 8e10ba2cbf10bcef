/** What is printed of a dry run. */

import type { DryRunView } from './api.js';
import { CliError, EXIT, printable } from './errors.js';
import { FIELDS } from './lease-actions.js';
import { fieldsText, isValueFormat, type Printing, printValue, write } from './output.js';

/** Throws where the lease could not be had: whoever asks for it in earnest is refused as well. */
export async function printDryRun(answer: DryRunView, printing: Printing): Promise<void> {
  const { lease, turn } = answer;
  if (isValueFormat(printing.output)) await printValue(answer, printing.output);
  else if (printing.output === 'name') await write(lease === null ? '' : `${lease.id}\n`);
  else {
    await write(turn === null ? 'Nothing would change.\n' : `What would follow in turn ${turn.number}:\n`);
    await write(
      eventsOf(answer)
        .map((line) => `  ${printable(line)}\n`)
        .join(''),
    );
    if (lease !== null) await write(`\n${await fieldsText(lease, FIELDS, printing)}`);
  }
  process.stderr.write('This was a dry run: nothing was done.\n');
  if (lease?.state !== 'rejected') return;
  const why = lease.reasons.map(({ message }) => message).join('; ');
  throw new CliError(`it would be refused: ${why}`, '`leasehold quote` says what could be had instead.', EXIT.refused);
}

/** What would be logged, and on which lease, node or other thing. */
function eventsOf({ turn }: DryRunView): string[] {
  if (turn === null) return [];
  const events = [...turn.inputs, ...turn.decisions] as readonly Readonly<Record<string, unknown>>[];
  const width = Math.max(...events.map(({ type }) => String(type).length));
  const lines = events.map(({ type, lease, node }) =>
    `${String(type).padEnd(width)}  ${String(lease ?? node ?? '')}`.trimEnd(),
  );
  return turn.others === 0 ? lines : [...lines, `and ${turn.others} more about leases of others`];
}

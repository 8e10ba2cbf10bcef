/** `-w`: a list that is shown again whenever the log has grown. On a terminal in its place; in a pipe what has changed. */

import type { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import { interruptible } from './interrupt.js';
import { type Column, type Printing, printList, tableText, write } from './output.js';
import { turnsAfter } from './turn-stream.js';

/** Turns that come close together are shown together. */
const TOGETHER_MS = 200;

/** Shows what `read` finds, now and after each turn, until the user has seen enough. */
export async function watch<T>(
  client: Client,
  read: () => Promise<readonly T[]>,
  columns: readonly Column<T>[],
  printing: Printing,
): Promise<void> {
  const show = shower(columns, printing);
  await interruptible(
    () => '',
    async () => {
      const head = await client.head();
      await show(await read());
      const broken = new AbortController();
      let isStale = false;
      let isShowing = false;
      const catchUp = async (): Promise<void> => {
        isShowing = true;
        while (isStale) {
          isStale = false;
          await later(TOGETHER_MS);
          await show(await read());
        }
        isShowing = false;
      };
      for await (const _ of turnsAfter(client, head, broken.signal)) {
        isStale = true;
        if (!isShowing) catchUp().catch((error: unknown) => broken.abort(error));
      }
      broken.signal.throwIfAborted();
    },
  );
}

/** Shows what `read` finds, now and every so often: for what is not in the log. */
export async function watchEvery<T>(
  ms: number,
  read: () => Promise<readonly T[]>,
  columns: readonly Column<T>[],
  printing: Printing,
): Promise<void> {
  const show = shower(columns, printing);
  await interruptible(
    () => '',
    async () => {
      for (;;) {
        await show(await read());
        await later(ms);
      }
    },
  );
}

function shower<T>(columns: readonly Column<T>[], printing: Printing) {
  if (printing.output === 'json' || printing.output === 'yaml') {
    const hint = 'Use -o ndjson: a line for each that has changed.';
    throw new CliError(`-o ${printing.output} is one document, and a watch never ends`, hint, EXIT.usage);
  }
  const onTerminal = process.stdout.isTTY === true && (printing.output === 'table' || printing.output === 'wide');
  return onTerminal ? redrawer(columns, printing) : teller(columns, printing);
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** In its place: the cursor goes home, each line is overwritten, what is below is cleared. */
function redrawer<T>(columns: readonly Column<T>[], printing: Printing) {
  return async (items: readonly T[]): Promise<void> => {
    const lines = (await tableText(items, columns, printing, process.stdout)).trimEnd().split('\n');
    const room = Math.max(2, (process.stdout.rows || 24) - 1);
    const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more`];
    await write(`\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  };
}

/** Those that are new or different, below what has been printed. */
function teller<T>(columns: readonly Column<T>[], printing: Printing) {
  const known = new Map<string, string>();
  let isFirst = true;
  return async (items: readonly T[]): Promise<void> => {
    const changed = items.filter((item) => {
      const name = String(columns[0]!.value(item));
      const text = JSON.stringify(item);
      const isNew = known.get(name) !== text;
      known.set(name, text);
      return isNew;
    });
    const headers = isFirst && printing.headers !== false;
    if (changed.length > 0 || isFirst) await printList(changed, columns, { ...printing, headers });
    isFirst = false;
  };
}

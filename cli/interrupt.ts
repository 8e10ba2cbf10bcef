/** Ctrl-C in a command that talks to the service: nothing is left half done without a word. */

import { EXIT, printable } from './errors.js';

/** What is to be told if the user stops waiting now; the last one counts. */
const notes: (() => string)[] = [];
let listening = false;

/** Does `work`; if it is interrupted meanwhile, `note` is printed. Exits with 130 then. */
export async function interruptible<T>(note: () => string, work: () => Promise<T>): Promise<T> {
  listen();
  notes.push(note);
  try {
    return await work();
  } finally {
    notes.splice(notes.lastIndexOf(note), 1);
  }
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.once('SIGINT', () => {
    const note = notes.at(-1)?.() ?? '';
    process.stderr.write(note === '' ? '\n' : `\nleasehold: ${printable(note)}\n`);
    process.exit(EXIT.interrupted);
  });
}

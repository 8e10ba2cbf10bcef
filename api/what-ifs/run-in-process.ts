/** Runs what-ifs in processes of their own. */

import { startInBackground } from '../../adapters/background-process.js';
import type { Runner } from './messages.js';

const MEMORY_MIB = 512;
/** Everybody else comes first. */
const NICE = 19;
const PROGRAM = new URL('./what-if-process.js', import.meta.url);

export const runInProcess: Runner = (whatIf, tell) => {
  const child = startInBackground(PROGRAM, { nice: NICE, memoryMiB: MEMORY_MIB });
  const failed = (detail: string) => tell({ type: 'failed', detail });
  child.stderr!.resume();
  child.on('message', tell);
  child.on('error', ({ message }) => failed(message));
  // Without memory it aborts.
  child.once('exit', (_, signal) =>
    failed(signal === 'SIGABRT' ? `it needs more than ${MEMORY_MIB} MiB` : 'it ended before it was done'),
  );
  if (child.pid !== undefined) child.send(whatIf, (error) => error !== null && failed(error.message));
  return () => void child.kill('SIGKILL');
};

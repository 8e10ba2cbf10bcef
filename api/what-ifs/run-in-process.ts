/**
 * Runs what-ifs in processes of their own. A thread would not do: the helpers that V8 has for collecting garbage belong to
 * the whole process, and take the processors from the loop whatever the thread's own priority is.
 */

import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Runner } from './messages.js';

const MEMORY_MIB = 512;
/** As `nice` says it: everybody else comes first. */
const NICE = 19;
const PROGRAM = fileURLToPath(new URL('./what-if-process.js', import.meta.url));

export const runInProcess: Runner = (whatIf, tell) => {
  const child = fork(PROGRAM, [], {
    env: {},
    execArgv: [`--max-old-space-size=${MEMORY_MIB}`, '--v8-pool-size=0'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const failed = (detail: string) => tell({ type: 'failed', detail });
  child.on('message', tell);
  child.on('error', ({ message }) => failed(message));
  // Without memory it aborts.
  child.once('exit', (_, signal) =>
    failed(signal === 'SIGABRT' ? `it needs more than ${MEMORY_MIB} MiB` : 'it ended before it was done'),
  );
  if (child.pid !== undefined) {
    giveWay(child.pid);
    child.send(whatIf, (error) => error !== null && failed(error.message));
  }
  return () => void child.kill('SIGKILL');
};

function giveWay(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // Where that is not allowed, it goes on as the others do.
  }
}

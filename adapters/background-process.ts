/**
 * Processes that others need not wait for. A thread would not do: the helpers that V8 has for collecting garbage belong to
 * the whole process, and take the processors from the loop whatever the thread's own priority is.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Background {
  /** As `nice` says it: what has 0 comes before. */
  readonly nice: number;
  /** Beyond that it aborts; absent: as node has it. */
  readonly memoryMiB?: number;
}

/** Runs the compiled module `program`, which talks through `process.send`; what it says on stderr is to be read. */
export function startInBackground(program: URL, { nice, memoryMiB }: Background): ChildProcess {
  const memory = memoryMiB === undefined ? [] : [`--max-old-space-size=${memoryMiB}`];
  const child = fork(fileURLToPath(program), [], {
    env: {},
    execArgv: [...memory, '--v8-pool-size=0'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.pid !== undefined) giveWay(child.pid, nice);
  return child;
}

function giveWay(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch {
    // Where that is not allowed, it goes on as the others do.
  }
}

/**
 * For the process itself: it ends with whoever started it, and not before. Signals go to all processes of a service or a
 * terminal, and are the service's to answer.
 */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
}

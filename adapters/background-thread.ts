/** Threads that others need not wait for. */

import { setPriority } from 'node:os';

/** As `nice` says it: what has 0 comes before. */
const NICE = 10;

/** Lets other threads have the processor first. Only Linux knows priorities of threads; elsewhere it would be the process. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    // 0 is whoever calls: this thread.
    setPriority(0, NICE);
  } catch {
    // Where that is not allowed, it goes on as the others do.
  }
}

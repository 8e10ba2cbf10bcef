/** The thread of one what-if. */

import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../adapters/background-thread.js';
import type { WhatIf } from '../../simulations/what-if.js';
import type { FromWhatIf } from './messages.js';
import { runWhatIf } from './run-what-if.js';

giveWay();

const port = parentPort!;
const tell = (message: FromWhatIf): void => port.postMessage(message);
runWhatIf(workerData as WhatIf, tell).catch((error: unknown) => {
  tell({ type: 'failed', detail: (error as Error).message });
});

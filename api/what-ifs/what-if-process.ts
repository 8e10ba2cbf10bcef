/** The process of one what-if: it is told what to run, says what comes of it, and is ended by whoever began it. */

import { endWithParent } from '../../adapters/background-process.js';
import type { WhatIf } from '../../simulations/what-if.js';
import type { FromWhatIf } from './messages.js';
import { runWhatIf } from './run-what-if.js';

const tell = (message: FromWhatIf): void => void process.send!(message);

endWithParent();
process.once('message', (whatIf: WhatIf) => {
  runWhatIf(whatIf, tell).catch((error: unknown) => tell({ type: 'failed', detail: (error as Error).message }));
});

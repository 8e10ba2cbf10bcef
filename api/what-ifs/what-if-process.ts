/** The process of one what-if: it is told what to run, says what comes of it, and is ended by whoever began it. */

import type { WhatIf } from '../../simulations/what-if.js';
import type { FromWhatIf } from './messages.js';
import { runWhatIf } from './run-what-if.js';

const tell = (message: FromWhatIf): void => void process.send!(message);

process.once('disconnect', () => process.exit()); // nobody listens any more
process.once('message', (whatIf: WhatIf) => {
  runWhatIf(whatIf, tell).catch((error: unknown) => tell({ type: 'failed', detail: (error as Error).message }));
});

#!/usr/bin/env node
/** The `leasehold` program. */

import { EXIT } from './errors.js';
import { main } from './program.js';

// A reader that goes away (`| head`) is no failure of ours; where nobody reads what went wrong, nothing is left to say.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });

process.exitCode = await main(process.argv.slice(2));

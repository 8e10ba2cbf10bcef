/** The thread that is asked. */

import { parentPort } from 'node:worker_threads';
import { giveWay } from '../../adapters/background-thread.js';
import { Asker } from './asker.js';
import type { FromAsking, ToAsking } from './messages.js';

giveWay();

const port = parentPort!;
const asker = new Asker((message: FromAsking) => port.postMessage(message));
port.on('message', (message: ToAsking) => asker.receive(message));

/** The process that is asked. */

import { endWithParent } from '../../adapters/background-process.js';
import { Asker } from './asker.js';
import type { FromAsking, ToAsking } from './messages.js';

endWithParent();

const asker = new Asker((message: FromAsking) => void process.send!(message));
process.on('message', (message: ToAsking) => asker.receive(message));

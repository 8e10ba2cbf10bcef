/** The process that is asked. */

import { endWithParent } from '../../adapters/background-process.js';
import { Asker } from './asker.js';
import type { FromAsking, ToAsking } from './messages.js';

endWithParent();

let lot: FromAsking[] = [];
const asker = new Asker((message) => {
  if (lot.push(message) === 1) queueMicrotask(sendLot);
});
process.on('message', (messages: ToAsking[]) => {
  for (const message of messages) asker.receive(message);
});

/** What was said meanwhile goes together. */
function sendLot(): void {
  process.send!(lot);
  lot = [];
}

/** Where the log is, with the hash that proves what is in it, and what was signed of it. */

import { formatInstant } from '../formats.js';
import { answers } from '../openapi.js';
import { LIMITS } from '../config.js';
import { AuditHead, CheckpointPage, CheckpointQuery } from '../schemas/log.js';
import type { Server, RouteDeps } from '../deps.js';

export function auditRoutes(app: Server, { follower, checkpoints }: RouteDeps): void {
  // They prove what there is; the log itself shows what there was.
  const config = { present: true };
  const head = {
    operationId: 'readAuditHead',
    tags: ['log'],
    summary: 'Where the log is, and its hash',
    description:
      'The hash covers every turn up to the position: whoever has kept it can show later whether one was altered, left ' +
      'out or put in. docs/audit.md says how it is made.',
    response: answers({ 200: ['The head.', AuditHead] }),
  };
  app.get('/audit/head', { schema: head, config }, async () => ({
    position: follower.head,
    hash: follower.proof.head.hash.toString('hex'),
    log: follower.proof.log,
    epoch: follower.state.epoch,
    time: formatInstant(follower.state.now),
    checkpoint: checkpoints.last,
  }));

  const list = {
    operationId: 'listCheckpoints',
    tags: ['log'],
    summary: 'Signed checkpoints, the oldest first',
    description:
      'The last thousand; all of them are in the file that the service writes. Verified with its public key.',
    querystring: CheckpointQuery,
    response: answers({ 200: ['Checkpoints.', CheckpointPage] }),
  };
  app.get('/audit/checkpoints', { schema: list, config }, async (request) => {
    const { after = 0, page_size: size = LIMITS.pageSize } = request.query;
    return { items: checkpoints.recent.filter(({ position }) => position > after).slice(0, size) };
  });
}

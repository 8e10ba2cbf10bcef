/** Is the process alive, and is it ready for work? Neither needs a token. */

import { Type } from 'typebox';
import { openAnswers } from '../openapi.js';
import { Problem } from '../problems.js';
import type { Server, RouteDeps } from '../deps.js';

const Live = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });
const Ready = Type.Object(
  {
    status: Type.Literal('ok'),
    turn: Type.Integer({ description: 'The last turn that reads know of.' }),
    role: Type.Union([Type.Literal('leader'), Type.Literal('follower')], {
      description: 'A follower answers reads, and sends writes to the leader.',
    }),
  },
  { additionalProperties: false },
);

export function healthRoutes(app: Server, deps: RouteDeps): void {
  const config = { open: true };
  app.get(
    '/livez',
    {
      config,
      schema: {
        operationId: 'isAlive',
        tags: ['operation'],
        summary: 'Is it alive?',
        response: openAnswers({ 200: ['It is.', Live] }),
        security: [],
      },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      config,
      schema: {
        operationId: 'isReady',
        tags: ['operation'],
        summary: 'Is it ready?',
        description: 'The history has been read, the log can be written, and the loop answers.',
        response: openAnswers({ 200: ['It is.', Ready] }, 'not-ready'),
        security: [],
      },
    },
    async () => {
      const { ready, storeWritable, answering } = await deps.health();
      if (!ready) throw new Problem('not-ready', `the history is being read; turn ${deps.follower.head} so far`);
      if (!storeWritable) throw new Problem('not-ready', 'the log cannot be written');
      if (!answering) throw new Problem('not-ready', 'the loop does not answer');
      return { status: 'ok' as const, turn: deps.follower.head, role: deps.standing().role };
    },
  );
}

/** Is the process alive, and is it ready for work? Neither needs a token. */

import { Type } from 'typebox';
import { openAnswers } from '../openapi.js';
import { Problem } from '../problems.js';
import type { Server, ServerDeps } from '../deps.js';

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

const Started = Type.Object(
  {
    status: Type.Literal('ok'),
    turn: Type.Integer({ description: 'The last turn that reads know of.' }),
  },
  { additionalProperties: false },
);

export function healthRoutes(app: Server, deps: ServerDeps): void {
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
    '/startupz',
    {
      config,
      schema: {
        operationId: 'isStarted',
        tags: ['operation'],
        summary: 'Has it started?',
        description: 'The history has been read. Until then the problem says how far: `turn` of `turns`.',
        response: openAnswers({ 200: ['It has.', Started] }, 'not-ready'),
        security: [],
      },
    },
    async () => {
      const { follower } = deps;
      if (deps.isReady()) return { status: 'ok' as const, turn: follower.head };
      const turns = deps.historyEnd();
      const detail = `the history is being read; turn ${follower.head}${turns === null ? '' : ` of ${turns}`} so far`;
      throw new Problem('not-ready', detail, [], { turn: follower.head, turns });
    },
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

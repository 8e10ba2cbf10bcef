/** Windows in which nodes are worked on: planned, listed, called off. */

import { randomUUID } from 'node:crypto';
import type { Maintenance as Window } from '../../engine/index.js';
import type { RouteDeps, Server } from '../deps.js';
import type { FollowerView } from '../follower.js';
import { formatInstant } from '../formats.js';
import { Faults, instantOf } from '../lease-request.js';
import { answerList, type List } from '../lists.js';
import { numbersOf } from '../node-names.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem, quoted } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { ListQuery } from '../schemas/cluster.js';
import {
  Maintenance,
  MaintenancePage,
  MaintenanceParams,
  MaintenanceRequest,
  type MaintenanceView,
} from '../schemas/maintenance.js';

export function maintenanceRoutes(app: Server, deps: RouteDeps): void {
  planRoute(app, deps);
  listRoute(app, deps);
  cancelRoute(app, deps);
}

function planRoute(app: Server, { follower, submit, now }: RouteDeps): void {
  const schema = {
    operationId: 'planMaintenance',
    tags: ['cluster'],
    summary: 'Plan a window in which nobody is on some nodes',
    description:
      'Who is there then is saved by its beginning, or stopped and queued again; reservations move to other nodes. Refused ' +
      'where leases are there that may not be preempted, or were promised to be, unless it is forced. Afterwards the nodes ' +
      'are back by themselves.',
    body: MaintenanceRequest,
    response: answers(
      { 201: ['The window.', named('Maintenance')] },
      ...BODY_PROBLEMS,
      'node-unknown',
      'node-state',
      'node-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/maintenance', { schema }, async ({ body }, reply): Promise<MaintenanceView> => {
    const window: Window = {
      window: `M${randomUUID()}`,
      nodes: nodesOf(body, follower),
      from: body.from === undefined ? now() : instantOf(body.from, '/from'),
      until: instantOf(body.until, '/until'),
      reason: body.reason ?? null,
    };
    const { decided } = await submit({ type: 'PlanMaintenance', force: body.force ?? false, ...window });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    reply.code(201).header('location', `/v1/maintenance/${window.window}`);
    return viewOf(window);
  });
}

/** By their numbers. Throws a Problem. */
function nodesOf({ nodes }: MaintenanceRequest, { nodeClasses }: FollowerView): number[] {
  const faults = new Faults();
  const numbers = numbersOf(nodeClasses, nodes).map((number, i) => {
    if (typeof number === 'number') return number;
    faults.add(`/nodes/${i}`, number);
    return 0;
  });
  faults.throwIfAny();
  return numbers;
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listMaintenance',
    tags: ['cluster'],
    summary: 'List windows that are not over, the earliest first',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of windows.', MaintenancePage]),
  };
  app.get('/maintenance', { schema }, (request, reply) =>
    answerList(windowList(deps.follower, deps.now()), request, reply, deps),
  );
}

/** In order of their beginning, then as they were planned; the cursor is the place in that order. */
function windowList({ state }: FollowerView, now: number): List<MaintenanceView> {
  const going = state.windows.filter(({ until, drain }) => until > now && drain !== true);
  const inOrder = going.map((window, i) => ({ window, i })).sort((a, b) => a.window.from - b.window.from || a.i - b.i);
  const views = inOrder.map(({ window }) => viewOf(window));
  const places = new Map(views.map((view, i) => [view.id, i + 1]));
  return {
    item: Maintenance,
    cursorLength: 1,
    cursorOf: ({ id }) => [places.get(id)!],
    view: (window) => window,
    page: async (after, count) => views.slice(after?.[0] ?? 0, (after?.[0] ?? 0) + count),
  };
}

function cancelRoute(app: Server, { follower, submit }: RouteDeps): void {
  const schema = {
    operationId: 'cancelMaintenance',
    tags: ['cluster'],
    summary: 'Call a window off, or end it now',
    description: 'Who was to leave, and has not begun to, stays; the nodes are free for others at once.',
    params: MaintenanceParams,
    response: answers({ 200: ['The window, as it was.', named('Maintenance')] }, 'window-unknown', ...WRITE_PROBLEMS),
  };
  app.delete('/maintenance/:id', { schema }, async ({ params }): Promise<MaintenanceView> => {
    const window = follower.state.windows.find((one) => one.window === params.id && one.drain !== true);
    if (window === undefined) throw new Problem('window-unknown', `there is no window ${quoted(params.id)}`);
    const { decided } = await submit({ type: 'CancelMaintenance', window: params.id });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    return viewOf(window);
  });
}

function viewOf({ window, nodes, from, until, reason }: Window): MaintenanceView {
  return { id: window, nodes: [...nodes], from: formatInstant(from), until: formatInstant(until), reason };
}

/** Webhooks: made, listed, changed, tried out, sent again from a turn, and removed. */

import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import { changeNote, keepNote } from '../access/keep.js';
import type { RouteDeps, Server } from '../deps.js';
import type { EventsWanted } from '../event-filter.js';
import { formatInstant, formatInstantOrNull } from '../formats.js';
import { answerList, numberedList } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { ListQuery } from '../schemas/cluster.js';
import {
  NewWebhook,
  type NewWebhookView,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  type WebhookDeliveryView,
  type WebhookFilterView,
  WebhookPage,
  WebhookParams,
  WebhookReplay,
  WebhookRequest,
  Webhook as WebhookShape,
  type WebhookView,
} from '../schemas/webhook.js';
import type { Attempt, CourierPort } from '../webhooks/courier-port.js';
import { DestinationError } from '../../adapters/destinations.js';
import { secretText } from '../webhooks/secrets.js';
import {
  accountOf,
  hearsAll,
  keyOfCursor,
  keyOfWebhook,
  knows,
  mayChange,
  newWebhookId,
  ownerOf,
  type Webhook,
  writtenCursor,
  writtenWebhook,
} from '../webhooks/webhooks.js';

interface WebhookDeps extends RouteDeps {
  readonly courier: CourierPort;
}

const tags = ['log'];
/** How webhooks do is known of the present only. */
const PRESENT = { present: true } as const;

export function webhookRoutes(app: Server, deps: RouteDeps): void {
  const { courier } = deps;
  // The past delivers nothing.
  if (courier === null) return;
  const known: WebhookDeps = { ...deps, courier };
  createRoute(app, known);
  listRoute(app, known);
  readRoute(app, known);
  changeRoute(app, known);
  deleteRoute(app, known);
  rotateRoute(app, known);
  testRoute(app, known);
  replayRoute(app, known);
  deliveriesRoute(app, known);
}

function createRoute(app: Server, deps: WebhookDeps): void {
  const { courier, follower } = deps;
  const schema = {
    operationId: 'createWebhook',
    tags,
    summary: 'Have events sent to a URL',
    description:
      'Every turn that holds something for it is sent as a POST, signed, in order, at least once, from now on. The secret ' +
      'that signs is in the answer, and nowhere else. Who may not read the log hears of leases that they see.',
    body: WebhookRequest,
    response: answers({ 201: ['The webhook.', NewWebhook] }, ...BODY_PROBLEMS, 'webhook-limit', ...WRITE_PROBLEMS),
  };
  app.post('/webhooks', { schema }, async ({ caller, body }, reply) => {
    mayHear(caller);
    const id = newWebhookId();
    const now = Date.now();
    const webhook: Webhook = {
      id,
      name: body.name ?? '',
      url: urlIn(body.url, courier),
      wanted: wantedBy(body.filter),
      owner: ownerOf(caller, courier.limits, now),
      by: caller.subject,
      created: now,
      after: follower.head,
      signer: { generation: 1, key: courier.secrets.keyId },
      previous: null,
      disabled: null,
    };
    leaveRoom(webhook, courier);
    await keepNote(deps, { key: keyOfWebhook(id), value: writtenWebhook(webhook), expected: null });
    reply.code(201).header('location', `/v1/webhooks/${id}`);
    return withSecret(webhook, courier);
  });
}

/** Throws a Problem where there are too many. */
function leaveRoom(webhook: Webhook, { webhooks, limits }: CourierPort): void {
  const all = webhooks.list();
  const { user, project } = accountOf(webhook.owner);
  const own = all
    .map((one) => accountOf(one.owner))
    .filter((one) => one.project === project && (project !== null || one.user === user));
  const full = own.length >= limits.perOwner ? `${limits.perOwner} of yours` : `${limits.all} in all`;
  if (own.length < limits.perOwner && all.length < limits.all) return;
  throw new Problem('webhook-limit', `there are ${full} already; delete one of them`);
}

function listRoute(app: Server, deps: WebhookDeps): void {
  const { courier } = deps;
  const schema = {
    operationId: 'listWebhooks',
    tags,
    summary: 'List webhooks, the oldest first',
    description: `One’s own; for project admins those of their projects, for operators and auditors all. ${LIST_FORMATS}`,
    querystring: ListQuery,
    response: listAnswers(['A page of webhooks.', WebhookPage]),
  };
  app.get('/webhooks', { schema, config: PRESENT }, (request, reply) => {
    const mine = courier.webhooks.list().filter((one) => knows(request.caller, one));
    const list = numberedList(WebhookShape, mine, (one) => viewOf(one, courier));
    return answerList(list, request, reply, deps);
  });
}

function readRoute(app: Server, { courier }: WebhookDeps): void {
  const schema = {
    operationId: 'readWebhook',
    tags,
    summary: 'Read a webhook, and how it does',
    params: WebhookParams,
    response: answers({ 200: ['The webhook, without its secret.', named('Webhook')] }, 'webhook-unknown'),
  };
  app.get('/webhooks/:id', { schema, config: PRESENT }, async ({ params, caller }) =>
    viewOf(knownWebhook(params.id, caller, courier), courier),
  );
}

function changeRoute(app: Server, deps: WebhookDeps): void {
  const { courier } = deps;
  const schema = {
    operationId: 'changeWebhook',
    tags,
    summary: 'Change a webhook, or switch it on again',
    description:
      'It goes on where it stopped. Changed by its owner, it hears from now on for the credential that this was sent with.',
    params: WebhookParams,
    body: WebhookChange,
    response: answers(
      { 200: ['The webhook.', named('Webhook')] },
      ...BODY_PROBLEMS,
      'webhook-unknown',
      ...WRITE_PROBLEMS,
    ),
  };
  app.patch('/webhooks/:id', { schema }, async ({ params: { id }, body, caller }) => {
    const url = body.url === undefined ? null : urlIn(body.url, courier);
    await change(deps, id, caller, (webhook) => ({
      ...webhook,
      owner: ownerAfter(webhook, caller, courier),
      name: body.name ?? webhook.name,
      url: url ?? webhook.url,
      wanted: body.filter === undefined ? webhook.wanted : wantedBy(body.filter),
      disabled:
        body.enabled === undefined ? webhook.disabled : body.enabled ? null : (webhook.disabled ?? switchedOff(caller)),
    }));
    return viewOf(courier.webhooks.get(id)!, courier);
  });
}

function switchedOff({ subject }: Caller): Webhook['disabled'] {
  return { at: Date.now(), code: 'by-request', detail: `${subject} has switched it off` };
}

/** Whoever changes their own takes it over with what they have now; what is another's stays theirs. */
function ownerAfter(webhook: Webhook, caller: Caller, { limits }: CourierPort): Webhook['owner'] {
  const owner = ownerOf(caller, limits, Date.now());
  const [now, before] = [accountOf(owner), accountOf(webhook.owner)];
  if (now.user !== before.user || now.project !== before.project) return webhook.owner;
  mayHear(caller);
  return owner;
}

function deleteRoute(app: Server, deps: WebhookDeps): void {
  const { courier } = deps;
  const schema = {
    operationId: 'deleteWebhook',
    tags,
    summary: 'Delete a webhook',
    description: 'What is under way is broken off.',
    params: WebhookParams,
    response: answers({ 200: ['The webhook as it was.', named('Webhook')] }, 'webhook-unknown', ...WRITE_PROBLEMS),
  };
  app.delete('/webhooks/:id', { schema }, async ({ params: { id }, caller }) => {
    const view = viewOf(changeable(id, caller, courier), courier);
    await keepNote(deps, { key: keyOfWebhook(id), value: null });
    await keepNote(deps, { key: keyOfCursor(id), value: null });
    return view;
  });
}

function rotateRoute(app: Server, deps: WebhookDeps): void {
  const { courier } = deps;
  const schema = {
    operationId: 'rotateWebhookSecret',
    tags,
    summary: 'Give a webhook another secret',
    description: 'It is in the answer, and nowhere else. For a day the one before signs beside it.',
    params: WebhookParams,
    response: answers(
      { 200: ['The webhook, with its new secret.', NewWebhook] },
      'webhook-unknown',
      'busy',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/webhooks/:id/secret', { schema }, async ({ params: { id }, caller }) => {
    const until = Date.now() + courier.limits.overlapMs;
    await change(deps, id, caller, (webhook) => ({
      ...webhook,
      signer: { generation: webhook.signer.generation + 1, key: courier.secrets.keyId },
      previous: { ...webhook.signer, until },
    }));
    return withSecret(courier.webhooks.get(id)!, courier);
  });
}

function testRoute(app: Server, { courier }: WebhookDeps): void {
  const schema = {
    operationId: 'testWebhook',
    tags,
    summary: 'Send something to a webhook to see whether it arrives',
    description: 'A signed `ping`, now, once, also where it is switched off. The answer says what became of it.',
    params: WebhookParams,
    response: answers(
      { 200: ['What became of it.', WebhookDelivery] },
      'webhook-unknown',
      'webhook-state',
      'not-leader',
      'busy',
    ),
  };
  app.post('/webhooks/:id/test', { schema, config: { asks: true } }, async ({ params, caller }) =>
    deliveryView(await courier.test(changeable(params.id, caller, courier))),
  );
}

function replayRoute(app: Server, deps: WebhookDeps): void {
  const { courier, follower } = deps;
  const schema = {
    operationId: 'replayWebhook',
    tags,
    summary: 'Send what a webhook was sent again, after a turn',
    description:
      'It goes on behind that turn, backwards or forwards. What is sent again has the ids that it had: receivers that drop ' +
      'what they have seen drop it.',
    params: WebhookParams,
    body: WebhookReplay,
    response: answers(
      { 200: ['The webhook.', named('Webhook')] },
      ...BODY_PROBLEMS,
      'webhook-unknown',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/webhooks/:id/replay', { schema }, async ({ params: { id }, body: { after }, caller }) => {
    changeable(id, caller, courier);
    if (after > follower.head) {
      const detail = `is later than the last turn, ${follower.head}`;
      throw new Problem('request-invalid', `/after ${detail}`, [{ pointer: '/after', detail }]);
    }
    const cursor = { turn: after, failingSince: null };
    await keepNote(deps, { key: keyOfCursor(id), value: writtenCursor(cursor) });
    return viewOf(knownWebhook(id, caller, courier), courier);
  });
}

function deliveriesRoute(app: Server, deps: WebhookDeps): void {
  const { courier } = deps;
  const schema = {
    operationId: 'listWebhookDeliveries',
    tags,
    summary: 'What became of the last deliveries of a webhook, the latest first',
    description: 'Of the last twenty attempts, which the service that leads keeps in memory.',
    params: WebhookParams,
    response: answers({ 200: ['The deliveries.', WebhookDeliveryPage] }, 'webhook-unknown', 'not-leader'),
  };
  app.get('/webhooks/:id/deliveries', { schema, config: PRESENT }, async ({ params, caller }) => {
    const webhook = knownWebhook(params.id, caller, courier);
    const problem = deps.notLeader();
    if (problem !== null) throw problem;
    return { items: courier.recent(webhook).map(deliveryView) };
  });
}

async function change(
  deps: WebhookDeps,
  id: string,
  caller: Caller,
  how: (webhook: Webhook) => Webhook,
): Promise<void> {
  const { courier } = deps;
  changeable(id, caller, courier);
  await changeNote(deps, keyOfWebhook(id), (text) => {
    if (text === null) throw unknown();
    return writtenWebhook(how({ id, ...(JSON.parse(text) as Omit<Webhook, 'id'>) }));
  });
}

function knownWebhook(id: string, caller: Caller, { webhooks }: CourierPort): Webhook {
  const webhook = webhooks.get(id);
  if (webhook === undefined || !knows(caller, webhook)) throw unknown();
  return webhook;
}

function changeable(id: string, caller: Caller, courier: CourierPort): Webhook {
  const webhook = knownWebhook(id, caller, courier);
  if (!mayChange(caller, webhook)) throw new Problem('forbidden', 'the webhook is somebody else’s');
  return webhook;
}

function unknown(): Problem {
  return new Problem('webhook-unknown', 'there is no such webhook');
}

/** Who cannot read events is not sent them, either. */
function mayHear(caller: FastifyRequest['caller']): void {
  if (!caller.can('log:read') && !caller.can('leases:read'))
    throw new Problem('forbidden', 'a webhook hears of leases: this needs leases:read, too');
}

function urlIn(text: string, { destinations }: CourierPort): string {
  try {
    return destinations.urlOf(text).href;
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error;
    throw new Problem('request-invalid', `/url ${error.message}`, [{ pointer: '/url', detail: error.message }]);
  }
}

function wantedBy(filter: WebhookFilterView = {}): EventsWanted {
  return { types: filter.types ?? null, leases: filter.leases ?? null, projects: filter.projects ?? null };
}

function withSecret(webhook: Webhook, courier: CourierPort): NewWebhookView {
  const secret = secretText(courier.secrets.of(webhook.id, webhook.signer.generation));
  return { ...viewOf(webhook, courier), secret };
}

function viewOf(webhook: Webhook, courier: CourierPort): WebhookView {
  const { id, name, url, wanted, owner, created, by } = webhook;
  const { types, leases, projects } = wanted;
  const { state, reason, cursor } = courier.standing(webhook);
  return {
    id,
    name,
    url,
    filter: {
      ...(types === null ? {} : { types: [...types] }),
      ...(leases === null ? {} : { leases: [...leases] }),
      ...(projects === null ? {} : { projects: [...projects] }),
    },
    ...accountOf(owner),
    hears: hearsAll(webhook) ? 'all' : 'own',
    state,
    reason: reason === null ? null : { ...reason, since: formatInstantOrNull(reason.since) },
    cursor: cursor.turn,
    until: formatInstantOrNull(owner.until),
    created: formatInstant(created),
    by,
  };
}

function deliveryView({ message, turn, at, attempt, result, status, detail, ms }: Attempt): WebhookDeliveryView {
  return { message, turn, at: formatInstant(at), attempt, result, status, detail, ms };
}

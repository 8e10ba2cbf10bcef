/** The policy: read it and those before it, and adopt another one while the service runs. */

import type { FastifySchemaCompiler } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { patchedPolicy, writtenPolicy } from '../../simulations/policy-patch.js';
import { canonical } from '../canonical.js';
import type { Server, RouteDeps } from '../deps.js';
import type { FollowerView } from '../follower.js';
import { formatInstant } from '../formats.js';
import { answerList, type List } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import type { AdoptedPolicy } from '../records/tables.js';
import { ListQuery } from '../schemas/cluster.js';
import { etag } from '../schemas/fields.js';
import { AnyPatch, Policy as PolicyShape, PolicyPage, type PolicyPatch, type PolicyView } from '../schemas/policy.js';
import { validatorCompiler } from '../validation.js';
import { etagOf } from '../views.js';

export function policyRoutes(app: Server, deps: RouteDeps): void {
  listRoute(app, deps);
  adoptRoute(app, deps);
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listPolicies',
    tags: ['operation'],
    summary: 'The policy in force, and those before it, the latest first',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of policies; the first of all is in force.', PolicyPage]),
  };
  app.get('/policies', { schema }, async (request, reply) => {
    const { policies } = deps.follower;
    const latest = policies.at(-1);
    if (request.query.page_token === undefined && latest !== undefined) reply.header('etag', etagOf(latest.turn));
    return answerList(policyList(policies), request, reply, deps);
  });
}

/** The cursor is the turn. */
function policyList(policies: readonly AdoptedPolicy[]): List<PolicyView> {
  const views = viewsOf(policies);
  return {
    item: PolicyShape,
    cursorLength: 1,
    cursorOf: ({ turn }) => [turn],
    view: (policy) => policy,
    page: async (after, count) => views.filter(({ turn }) => turn < (after?.[0] ?? Infinity)).slice(0, count),
  };
}

const AdoptHeaders = Type.Object({ 'if-match': etag('The ETag of the policy as you know it.') });

function adoptRoute(app: Server, deps: RouteDeps): void {
  const { follower } = deps;
  const schema = {
    operationId: 'adoptPolicy',
    tags: ['operation'],
    summary: 'Adopt another policy from now on',
    description:
      'A merge patch on the policy in force. Who waits is planned anew by it at once; who runs, or was promised an ' +
      'instant or a deadline, keeps what was promised. A patch that changes nothing is answered and not logged.',
    body: named<typeof PolicyPatch>('PolicyPatch'),
    headers: AdoptHeaders,
    response: answers(
      { 200: ['The policy in force now.', named('Policy')] },
      ...BODY_PROBLEMS,
      'policy-invalid',
      'policy-refused',
      'stale',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/policies', { schema, validatorCompiler: knobByKnob }, async (request, reply): Promise<PolicyView> => {
    const match = request.headers['if-match'];
    for (let tries = 1; !(await adopted(deps, request.body as Patch, match)); tries++)
      if (tries === TRIES_MAX) throw new Problem('busy', 'others adopt policies at the same time; try again');
    const view = inForce(follower);
    reply.header('etag', etagOf(view.turn));
    return view;
  });
}

type Patch = Readonly<Record<string, unknown>>;

/** Others who adopt at the same time come first so often. */
const TRIES_MAX = 5;

/** Whether the patched policy is in force. Not, where another one came in between: then the patch is on that one. */
async function adopted({ follower, submit }: RouteDeps, patch: Patch, match: string | undefined): Promise<boolean> {
  const { policy: over, resources } = follower.state;
  const known = inForce(follower);
  if (match !== undefined && match !== '*' && match !== etagOf(known.turn))
    throw new Problem('stale', `the policy has changed since: its ETag is ${etagOf(known.turn)}`);
  const patched = patchedPolicy(over, patch, resources);
  if ('faults' in patched) {
    const [first] = patched.faults;
    throw new Problem('policy-invalid', `${first!.pointer} ${first!.detail}`, patched.faults);
  }
  const { policy } = patched;
  if (canonical(writtenPolicy(policy)) === canonical(known.knobs)) return true;
  const { decided } = await submit({ type: 'AdoptPolicy', policy, over });
  if (decided.ok) return true;
  if (decided.rejection.code === 'policy-changed') return false;
  throw problemOfRejection(decided.rejection);
}

/** The body is only checked to be a patch of some size: its knobs are read one by one. */
const knobByKnob: FastifySchemaCompiler<TSchema> = (part) =>
  validatorCompiler(part.httpPart === 'body' ? { ...part, schema: AnyPatch } : part);

function inForce({ policies }: Pick<FollowerView, 'policies'>): PolicyView {
  return viewsOf(policies.slice(-2))[0]!;
}

/** The latest first. Of the oldest that is known, nobody knows what it changed. */
function viewsOf(policies: readonly AdoptedPolicy[]): PolicyView[] {
  const views = policies.map(({ turn, at, policy }, i): PolicyView => {
    const knobs = writtenPolicy(policy);
    const before = policies[i - 1] === undefined ? knobs : writtenPolicy(policies[i - 1]!.policy);
    const changed = Object.keys(knobs).filter((knob) => canonical(knobs[knob]) !== canonical(before[knob]));
    return { turn, at: formatInstant(at), knobs, changed };
  });
  return views.reverse();
}

/** Who asks, and who else there is. */

import { Tokens } from '../access/tokens.js';
import { nothing, usedBy } from '../access/usage.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstantOrNull } from '../formats.js';
import { answerList, numberedList } from '../lists.js';
import { answers, LIST_FORMATS, listAnswers } from '../openapi.js';
import { Me, type MeView, User, UserPage, type UserView } from '../schemas/access.js';
import { ListQuery } from '../schemas/cluster.js';

export function userRoutes(app: Server, deps: RouteDeps): void {
  meRoute(app);
  listRoute(app, deps);
}

function meRoute(app: Server): void {
  const schema = {
    operationId: 'readMe',
    tags: ['access'],
    summary: 'Who am I, and what may I do?',
    response: answers({ 200: ['The caller.', Me] }),
  };
  app.get('/me', { schema, config: { present: true } }, async ({ caller }): Promise<MeView> => {
    const { subject, roles, projects, scopes, how, tokenId, expires } = caller;
    return {
      subject,
      roles: [...roles],
      projects: [...projects],
      scopes: [...scopes],
      authenticated: how as MeView['authenticated'],
      token: tokenId,
      expires: formatInstantOrNull(expires),
    };
  });
}

function listRoute(app: Server, deps: RouteDeps): void {
  const tokens = new Tokens(() => deps.follower.state.notes, Date.now);
  const schema = {
    operationId: 'listUsers',
    tags: ['access'],
    summary: 'List users, by name',
    description:
      'Those that have leases that go on, or valid tokens; for project admins in their projects. `used` is what quotas ' +
      `count. ${LIST_FORMATS}`,
    querystring: ListQuery,
    response: listAnswers(['A page of users.', UserPage]),
  };
  app.get('/users', { schema }, (request, reply) => {
    const { state } = deps.follower;
    const { caller } = request;
    const projects = new Map<string, Set<string>>();
    const enter = (user: string | null, project: string | null): void => {
      if (user === null || !caller.sees({ user, project })) return;
      const of = projects.get(user) ?? new Set();
      projects.set(user, project === null ? of : of.add(project));
    };
    for (const { terms } of state.leases.values()) enter(terms.user, terms.project);
    for (const { id, subject, project } of tokens.list()) if (tokens.isValid(id)) enter(subject, project);
    const used = usedBy(state, (account) => (caller.sees(account) ? account.user : null));
    const users = [...projects]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]): UserView => ({ name, projects: [...of].sort(), used: used.get(name) ?? nothing() }));
    return answerList(
      numberedList(User, users, (user) => user),
      request,
      reply,
      deps,
    );
  });
}

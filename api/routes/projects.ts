/** Projects: whose leases know of each other, and what they may have together. */

import type { Caller } from '../access/caller.js';
import { changeNote, keepNote } from '../access/keep.js';
import { keyOfProject, projectNames, projectNote, quotaView, withQuota, writtenNote } from '../access/projects.js';
import { Tokens } from '../access/tokens.js';
import { nothing, type Used, usedBy } from '../access/usage.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstant } from '../formats.js';
import { answerList, numberedList } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { changePolicy } from '../policy-change.js';
import { Problem, quoted } from '../problems.js';
import {
  Project as ProjectShape,
  ProjectChange,
  ProjectPage,
  ProjectParams,
  ProjectRequest,
  type ProjectView,
  type QuotaChange,
} from '../schemas/access.js';
import { ListQuery } from '../schemas/cluster.js';

export function projectRoutes(app: Server, deps: RouteDeps): void {
  createRoute(app, deps);
  listRoute(app, deps);
  readRoute(app, deps);
  changeRoute(app, deps);
  deleteRoute(app, deps);
}

function createRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'createProject',
    tags: ['access'],
    summary: 'Make a project',
    body: ProjectRequest,
    response: answers(
      { 201: ['The project.', named('Project')] },
      ...BODY_PROBLEMS,
      'project-exists',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/projects', { schema }, async ({ body, caller }, reply) => {
    const { name, title = '', quota } = body;
    const value = writtenNote({ title, created: Date.now(), by: caller.subject });
    if (!(await keepNote(deps, { key: keyOfProject(name), value, expected: null })))
      throw new Problem('project-exists', `there is a project ${name} already`);
    if (quota !== undefined) await adoptQuota(deps, name, quota);
    reply.code(201).header('location', `/v1/projects/${name}`);
    return viewOf(deps, name, caller);
  });
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listProjects',
    tags: ['access'],
    summary: 'List projects that you know of, by name',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of projects.', ProjectPage]),
  };
  app.get('/projects', { schema }, (request, reply) => {
    const { state } = deps.follower;
    const names = projectNames(state.notes).filter((name) => request.caller.isOf(name));
    const used = usedBy(state, ({ project }) => project);
    const view = (name: string): ProjectView => viewOf(deps, name, request.caller, used);
    return answerList(numberedList(ProjectShape, names, view), request, reply, deps);
  });
}

function readRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'readProject',
    tags: ['access'],
    summary: 'Read a project, with what its leases have',
    params: ProjectParams,
    response: answers({ 200: ['The project.', named('Project')] }, 'project-unknown'),
  };
  app.get('/projects/:name', { schema }, async ({ params, caller }) => viewOf(deps, params.name, caller));
}

function changeRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'changeProject',
    tags: ['access'],
    summary: 'Change the title or the quota of a project',
    description: 'A lower quota takes nothing from leases that were admitted.',
    params: ProjectParams,
    body: ProjectChange,
    response: answers(
      { 200: ['The project.', named('Project')] },
      ...BODY_PROBLEMS,
      'project-unknown',
      ...WRITE_PROBLEMS,
    ),
  };
  app.patch('/projects/:name', { schema }, async ({ params: { name }, body, caller }) => {
    const { title, quota } = body;
    viewOf(deps, name, caller);
    if (title !== undefined)
      await changeNote(deps, keyOfProject(name), (text) => {
        if (text === null) throw unknown(name);
        return writtenNote({ ...JSON.parse(text), title });
      });
    if (quota !== undefined) await adoptQuota(deps, name, quota);
    return viewOf(deps, name, caller);
  });
}

function deleteRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'deleteProject',
    tags: ['access'],
    summary: 'Delete a project that has no leases that go on, and no tokens that are valid',
    params: ProjectParams,
    response: answers(
      { 200: ['The project as it was.', named('Project')] },
      'project-unknown',
      'project-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.delete('/projects/:name', { schema }, async ({ params: { name }, caller }) => {
    const view = viewOf(deps, name, caller);
    const tokens = new Tokens(() => deps.follower.state.notes, Date.now);
    const valid = tokens.list().filter(({ id, project }) => project === name && tokens.isValid(id)).length;
    const { leases } = view.used;
    if (leases > 0 || valid > 0)
      throw new Problem('project-in-use', `the project has ${leases} leases that go on, and ${valid} valid tokens`);
    await changeNote(deps, keyOfProject(name), () => null);
    if (view.quota !== null) await adoptQuota(deps, name, null);
    return view;
  });
}

/** Quotas are part of the policy. */
function adoptQuota(deps: RouteDeps, project: string, quota: QuotaChange | null): Promise<void> {
  return changePolicy(deps, '/quota', (policy) => withQuota(policy, project, quota));
}

function viewOf(
  { follower: { state } }: RouteDeps,
  name: string,
  caller: Caller,
  used: ReadonlyMap<string, Used> = usedBy(state, ({ project }) => (project === name ? project : null)),
): ProjectView {
  const kept = caller.isOf(name) ? projectNote(state.notes, name) : null;
  if (kept === null) throw unknown(name);
  const { title, created, by } = kept.note;
  return {
    name,
    title,
    created: formatInstant(created),
    by,
    quota: quotaView(state, name),
    used: { ...(used.get(name) ?? nothing()) },
  };
}

function unknown(name: string): Problem {
  return new Problem('project-unknown', `there is no project ${quoted(name)}`);
}

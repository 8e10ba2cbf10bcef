/** `leasehold token …`, `leasehold project …` and `leasehold whoami`: who may do what. */

import { type Command, Option } from 'commander';
import { type Role, ROLES, type Scope, SCOPES } from '../api/access/caller.js';
import type { MeView, NewTokenView, ProjectView, TokenView } from './api.js';
import { examples } from './examples.js';
import { changing, FORMATS_OF_ONE, remote, type RemoteOptions, wholeNumber } from './options.js';
import type { Column } from './output.js';

export function accessCommands(program: Command): void {
  tokenCommands(program.command('token').description('API tokens: make, list and revoke them'));
  projectCommands(program.command('project').description('projects, and what they may have'));
  const who = remote(program.command('whoami'), FORMATS_OF_ONE)
    .description('who the service takes you for, and what you may do')
    .action(whoami);
  examples(who, { 'leasehold whoami': 'your name, roles and projects' });
}

interface TokenOptions extends RemoteOptions {
  readonly name?: string;
  readonly subject?: string;
  readonly project?: string;
  readonly role?: Role[];
  readonly scope?: Scope[];
  readonly expiresIn?: string;
}

function tokenCommands(token: Command): void {
  const created = remote(token.command('create'), FORMATS_OF_ONE)
    .description('make a token; it is shown this once. What is left out is as with you')
    .option('--name <text>', 'what it is for')
    .option('--subject <user>', 'whose it is')
    .option('--project <name>', 'the project of their leases')
    .addOption(new Option('--role <roles...>', 'what they may do').choices(ROLES))
    .addOption(new Option('--scope <scopes...>', 'what the token is limited to').choices(SCOPES))
    .option('--expires-in <duration>', 'how long it is valid (90 days if left out, 366 at most)')
    .action(createToken);
  examples(created, {
    'leasehold token create --subject ann --role user --expires-in 30d': 'a token for somebody else',
  });
  const listed = remote(token.command('list').alias('ls')).description('list tokens').action(listTokens);
  examples(listed, { 'leasehold token list': 'tokens that you know of' });
  const revoked = remote(token.command('revoke'), FORMATS_OF_ONE)
    .description('revoke a token: nothing takes it any more')
    .argument('<id>', 'the id of the token: the eight letters behind lh_')
    .action(revokeToken);
  examples(revoked, { 'leasehold token revoke TOKEN': 'by its id' });
}

async function createToken(options: TokenOptions): Promise<void> {
  const { name, subject, project, role, scope, expiresIn } = options;
  const client = await clientFor(options);
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(subject === undefined ? {} : { subject }),
    ...(project === undefined ? {} : { project }),
    ...(role === undefined ? {} : { roles: role }),
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  };
  const answer = await client.ask('post', '/v1/tokens', { body });
  const { printOne } = await import('./output.js');
  await printOne<NewTokenView>(answer.body, [{ title: 'token', value: (made) => made.token }, ...TOKEN], options);
}

async function listTokens(options: RemoteOptions): Promise<void> {
  const client = await clientFor(options);
  const tokens: TokenView[] = [];
  for await (const token of client.all('/v1/tokens', { query: { page_size: 1000 } })) tokens.push(token);
  const { printList } = await import('./output.js');
  await printList(tokens, TOKEN, options);
}

async function revokeToken(id: string, options: RemoteOptions): Promise<void> {
  const client = await clientFor(options);
  const { body } = await client.ask('delete', '/v1/tokens/{id}', { path: { id } });
  const { printOne } = await import('./output.js');
  await printOne<TokenView>(body, TOKEN, options);
}

interface ProjectOptions extends RemoteOptions {
  readonly title?: string;
  readonly leases?: number;
  readonly vms?: number;
  readonly cpu?: number;
}

const AMOUNT_MAX = 1_000_000_000;

function projectCommands(project: Command): void {
  for (const [action, description] of [
    ['create', 'make a project'],
    ['set', 'change its title or its quota'],
  ] as const) {
    const command = changing(project.command(action), FORMATS_OF_ONE)
      .description(description)
      .argument('<name>', 'the name of the project')
      .option('--title <text>', 'what it is, for people')
      .option('--leases <number>', 'so many leases at a time', wholeNumber(0, AMOUNT_MAX))
      .option('--vms <number>', 'so many VMs', wholeNumber(0, AMOUNT_MAX))
      .option('--cpu <number>', 'so many cpus', wholeNumber(0, AMOUNT_MAX))
      .action((name: string, options: ProjectOptions) => changeProject(action, name, options));
    examples(command, { [`leasehold project ${action} render --cpu 64`]: 'with at most 64 cpus' });
  }
  const listed = remote(project.command('list').alias('ls')).description('list projects').action(listProjects);
  examples(listed, { 'leasehold project list': 'projects that you know of' });
  const deleted = changing(project.command('delete'), FORMATS_OF_ONE)
    .description('delete a project that has no leases that go on, and no valid tokens')
    .argument('<name>', 'the name of the project')
    .action(deleteProject);
  examples(deleted, { 'leasehold project delete render': 'when nothing of it goes on' });
}

async function changeProject(action: 'create' | 'set', name: string, options: ProjectOptions): Promise<void> {
  const { title, leases, vms, cpu } = options;
  const limits = {
    ...(leases === undefined ? {} : { leases }),
    ...(vms === undefined ? {} : { vms }),
    ...(cpu === undefined ? {} : { cpu }),
  };
  const body = {
    ...(title === undefined ? {} : { title }),
    ...(Object.keys(limits).length === 0 ? {} : { quota: limits }),
  };
  const client = await clientFor(options);
  const answer =
    action === 'create'
      ? await client.ask('post', '/v1/projects', { body: { name, ...body } })
      : await client.ask('patch', '/v1/projects/{name}', { path: { name }, body });
  const { printOne } = await import('./output.js');
  await printOne<ProjectView>(answer.body, PROJECT, options);
}

async function listProjects(options: RemoteOptions): Promise<void> {
  const client = await clientFor(options);
  const projects: ProjectView[] = [];
  for await (const project of client.all('/v1/projects', { query: { page_size: 1000 } })) projects.push(project);
  const { printList } = await import('./output.js');
  await printList(projects, PROJECT, options);
}

async function deleteProject(name: string, options: RemoteOptions): Promise<void> {
  const client = await clientFor(options);
  const { body } = await client.ask('delete', '/v1/projects/{name}', { path: { name } });
  const { printOne } = await import('./output.js');
  await printOne<ProjectView>(body, PROJECT, options);
}

async function whoami(options: RemoteOptions): Promise<void> {
  const client = await clientFor(options);
  const { body } = await client.ask('get', '/v1/me', {});
  const { printOne } = await import('./output.js');
  await printOne<MeView>(body, ME, options);
}

async function clientFor(options: RemoteOptions) {
  const { Client } = await import('./client.js');
  return new Client(options);
}

const TOKEN: readonly Column<TokenView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'subject', value: ({ subject }) => subject },
  { title: 'project', value: ({ project }) => project },
  { title: 'roles', value: ({ roles }) => roles.join(' ') },
  { title: 'state', value: ({ state }) => state },
  { title: 'expires', value: ({ expires }) => expires },
];

const PROJECT: readonly Column<ProjectView>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'title', value: ({ title }) => title },
  { title: 'leases', value: ({ used, quota }) => share(used.leases, quota?.leases) },
  { title: 'vms', value: ({ used, quota }) => share(used.vms, quota?.vms) },
  { title: 'cpu', value: ({ used, quota }) => share(used.cpu, quota?.cpu) },
];

/** `12/64`; without a quota of its own: `12`. */
function share(used: number, most: number | null | undefined): string {
  return most === null || most === undefined ? String(used) : `${used}/${most}`;
}

const ME: readonly Column<MeView>[] = [
  { title: 'subject', value: ({ subject }) => subject },
  { title: 'roles', value: ({ roles }) => roles.join(' ') },
  { title: 'projects', value: ({ projects }) => projects.join(' ') },
  { title: 'authenticated', value: ({ authenticated }) => authenticated },
  { title: 'token', value: ({ token }) => token },
  { title: 'expires', value: ({ expires }) => expires },
  { title: 'scopes', value: ({ scopes }) => scopes.join(' ') },
];

/**
 * Who may do what, of every operation that the OpenAPI document has: what the table of operations says, what the table below
 * says on its own, and what the service does are the same.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Role, type Scope, scopesOf } from '../../api/access/caller.js';
import { needOf } from '../../api/access/operations.js';
import { newToken } from '../../api/access/token-text.js';
import { documentText } from '../../api/openapi.js';
import { eventually } from '../support/eventually.js';
import { type Reply, Service, SMALL } from '../support/service.js';

/** By hand, and on purpose twice: which roles may ask for it at all. v u p o a, and - for nobody. */
const WHO: Readonly<Record<string, string>> = {
  isAlive: 'open',
  isStarted: 'open',
  isReady: 'open',
  hearReady: 'open',
  submitLease: 'upo',
  listLeases: 'vupoa',
  readLease: 'vupoa',
  changeLease: 'upo',
  resizeLease: 'upo',
  confirmResize: 'upo',
  revertResize: 'upo',
  cancelLease: 'upo',
  holdLease: 'upo',
  releaseLease: 'upo',
  suspendLease: 'upo',
  resumeLease: 'upo',
  recoverLease: 'upo',
  rebootLease: 'upo',
  resetLease: 'upo',
  pauseLease: 'upo',
  unpauseLease: 'upo',
  extendLease: 'upo',
  shrinkLease: 'upo',
  approveLease: 'po',
  rejectLease: 'po',
  readLeaseUsage: 'vupoa',
  listDecisions: 'vupoa',
  listLeaseEvents: 'vupoa',
  askForQuote: 'upo',
  askWhatIf: 'oa',
  readWhatIf: 'oa',
  listWhatIfLeases: 'oa',
  readWhatIfSchedule: 'oa',
  followWhatIf: 'oa',
  cancelWhatIf: 'oa',
  registerNodes: 'o',
  labelNode: 'o',
  planMaintenance: 'o',
  listMaintenance: 'vupoa',
  cancelMaintenance: 'o',
  listNodes: 'vupoa',
  readNodeUsage: 'vupoa',
  readSchedule: 'vupoa',
  listSlots: 'vupoa',
  drainNode: 'o',
  migrateLease: 'o',
  moveLeaseDisks: 'o',
  restoreNode: 'o',
  giveUpNode: 'o',
  removeNode: 'o',
  addNetwork: 'o',
  listNetworks: 'vupoa',
  readNetwork: 'vupoa',
  removeNetwork: 'o',
  addImage: 'o',
  listImages: 'vupoa',
  readImage: 'vupoa',
  fetchImage: 'o',
  removeImage: 'o',
  listPolicies: 'vupoa',
  adoptPolicy: 'o',
  createToken: 'upo',
  listTokens: 'vupoa',
  readToken: 'vupoa',
  revokeToken: 'upo',
  createProject: 'o',
  listProjects: 'vupoa',
  readProject: 'vupoa',
  changeProject: 'o',
  deleteProject: 'o',
  listUsers: 'poa',
  readMe: 'vupoa',
  readDiff: 'oa',
  readEvents: 'vupoa',
  createWebhook: 'upo',
  listWebhooks: 'upoa',
  readWebhook: 'upoa',
  changeWebhook: 'upo',
  deleteWebhook: 'upo',
  rotateWebhookSecret: 'upo',
  testWebhook: 'upo',
  replayWebhook: 'upo',
  listWebhookDeliveries: 'upoa',
  readDiagnostics: 'oa',
  listLimits: 'vupoa',
  readAuditHead: 'oa',
  listCheckpoints: 'oa',
};
const LETTERS: Readonly<Record<Role, string>> = {
  viewer: 'v',
  user: 'u',
  'project-admin': 'p',
  operator: 'o',
  auditor: 'a',
};

/** Bodies that the operations take. What is not here takes none. */
const BODIES: Readonly<Record<string, unknown>> = {
  submitLease: SMALL,
  changeLease: { duration: 'PT2H' },
  moveLeaseDisks: { to: 'vm-dir' },
  resizeLease: { resources: { cpu: 1 } },
  recoverLease: { how: 'retry' },
  extendLease: { by: 'PT1M' },
  shrinkLease: { by: 'PT1M' },
  rejectLease: { reason: 'too large' },
  registerNodes: { capacity: { cpu: 1, memoryMiB: 1024 } },
  labelNode: { labels: { rack: 'r1' } },
  planMaintenance: { nodes: [4], until: '2030-01-01T00:00:00Z' },
  adoptPolicy: { 'age-weight': 0 },
  askForQuote: SMALL,
  askWhatIf: {},
  createToken: { expiresIn: '1h', roles: ['viewer'] },
  createProject: { name: 'new' },
  changeProject: { title: 'another' },
  addImage: { name: 'new', source: 'http://127.0.0.1:9999/', format: 'raw' },
  addNetwork: { name: 'new', kind: 'bridge', bridge: 'br0' },
  createWebhook: { url: 'http://127.0.0.1:9999/' },
  changeWebhook: { name: 'another' },
  replayWebhook: { after: 0 },
};

/** What must be in the query. */
const QUERIES: Readonly<Record<string, string>> = {
  readDiff: '?from=1',
  readWhatIfSchedule: '?of=variant',
  listSlots: '?cpu=1&duration=1h',
  hearReady: `?secret=L1.1.${'x'.repeat(43)}`,
};

/** What is gone when somebody who may has asked for it, or does not end. */
const REMOVING: ReadonlySet<string> = new Set([
  'removeNode',
  'cancelMaintenance',
  'cancelWhatIf',
  'deleteProject',
  'revokeToken',
  'readEvents',
  'deleteWebhook',
  'removeImage',
  'removeNetwork',
]);

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
}

let service: Service;
let operations: Operation[] = [];
const bearer: Record<string, string> = {};
const ids: Record<string, string> = {};

beforeAll(async () => {
  const hear = async () => true;
  service = await Service.start({ nodes: '4x cpu=8,memory=32GiB', webhooks: { perOwner: 100 }, hear });
  const document = JSON.parse(documentText(service.app)) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
  );
  for (const name of ['red', 'blue']) await service.ask('POST', '/v1/projects', { name });
  const people: Record<string, object> = { owner: { project: 'red', roles: ['user'] } };
  for (const role of ROLES)
    for (const project of ['red', 'blue']) people[`${role} of ${project}`] = { project, roles: [role] };
  for (const [name, request] of Object.entries(people)) {
    const subject = name.replaceAll(' ', '.');
    bearer[name] = (await service.ask('POST', '/v1/tokens', { subject, ...request })).body.token;
  }
  // Tokens that are of no use.
  const over = (await service.ask('POST', '/v1/tokens', { subject: 'x', roles: ['operator'], expiresIn: 1 })).body;
  const revoked = (await service.ask('POST', '/v1/tokens', { subject: 'x', roles: ['operator'] })).body;
  await service.ask('DELETE', `/v1/tokens/${revoked.id}`);
  Object.assign(bearer, {
    expired: over.token,
    revoked: revoked.token,
    malformed: `${over.token.slice(0, -1)}!`,
    unknown: newToken().text,
  });
  // What can be asked for: a lease, a token and a project of red.
  ids.token = (await as('owner', 'POST', '/v1/tokens', {})).body.id;
  ids.over = over.id;
  ids.whatIf = (await service.ask('POST', '/v1/whatifs', {})).body.id;
  ids.webhook = (await as('owner', 'POST', '/v1/webhooks', { url: 'http://127.0.0.1:9999/' })).body.id;
  ids.name = 'red';
  await service.ask('POST', '/v1/networks', { name: 'red', kind: 'nat', range: '10.78.0.0/24' });
  await service.ask('POST', '/v1/images', { name: 'red', source: 'http://127.0.0.1:9999/', format: 'raw' });
  ids.number = '4';
});
afterAll(() => service.stop());

function as(who: string | null, method: string, url: string, body?: unknown, from = 1): Promise<Reply> {
  const authorization = who === null ? '' : `Bearer ${bearer[who]}`;
  // Each from an address of its own: what fails often is answered with a wait.
  return service.ask(method as 'GET', url, body, { authorization }, `10.0.${from >> 8}.${from & 255}`);
}

/** A lease of red's owner that waits, for an operation that changes it. */
async function freshLease(): Promise<string> {
  const { body } = await as('owner', 'POST', '/v1/leases', { ...SMALL, held: true });
  return body.id as string;
}

async function carryOut({ operationId, method, path }: Operation, who: string | null, from: number): Promise<Reply> {
  const lease = path.includes('/leases/{id}') ? await freshLease() : '';
  const url = path
    .replace('/leases/{id}', `/leases/${lease}`)
    .replace('/tokens/{id}', `/tokens/${ids.token}`)
    .replace('/webhooks/{id}', `/webhooks/${ids.webhook}`)
    .replace('/whatifs/{id}', `/whatifs/${ids.whatIf}`)
    .replace('{name}', ids.name!)
    .replace('/maintenance/{id}', '/maintenance/W1')
    .replace('{number}', ids.number!)
    .concat(QUERIES[operationId] ?? '');
  return as(who, method, url, BODIES[operationId], from);
}

describe('every operation', () => {
  it('is in the table above, and the other way round', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(WHO).sort());
  });

  it('needs a scope that the roles have who may', () => {
    for (const [operationId, who] of Object.entries(WHO)) {
      const need = needOf(operationId);
      expect(need === null, operationId).toBe(who === 'open');
      if (need === null) continue;
      const may = ROLES.filter((role) =>
        [need].flat().some((one) => one === 'anyone' || scopesOf([role], null).has(one as Scope)),
      );
      expect(may.map((role) => LETTERS[role]).join(''), operationId).toBe(who);
    }
  });

  it('is for nobody without a token, or with one that is expired, revoked, malformed or unknown', async () => {
    await eventually(async () => (await service.ask('GET', `/v1/tokens/${ids.over}`)).body.state).toBe('expired');
    let from = 100;
    for (const operation of operations)
      for (const who of [null, 'expired', 'revoked', 'malformed', 'unknown']) {
        const reply = await carryOut(operation, who, from++);
        const told = `${operation.operationId} with ${who ?? 'no token'}: ${reply.text.slice(0, 200)}`;
        if (WHO[operation.operationId] === 'open') expect([200, 204], told).toContain(reply.status);
        else {
          expect(reply.status, told).toBe(401);
          expect(reply.headers['www-authenticate'], told).toBe('Bearer');
        }
      }
  });

  it.each(ROLES)(
    'is for a %s, or is not: what is not is 403, what is foreign 404',
    async (role) => {
      for (const operation of operations) {
        const { operationId } = operation;
        // Only those who may do the last of these have to be kept from what others are yet to ask for.
        const removes = REMOVING.has(operationId);
        for (const project of ['red', 'blue']) {
          const who = `${role} of ${project}`;
          const open = WHO[operationId] === 'open';
          const may = open || WHO[operationId]!.includes(LETTERS[role]);
          if (removes && may && operationId !== 'revokeToken') continue;
          const reply = await carryOut(operation, who, 1);
          const told = `${operationId} by ${who}: ${reply.status} ${reply.text.slice(0, 200)}`;
          expect(expected(operationId, role, project, may), told).toContain(kindOf(reply));
        }
      }
    },
    60_000,
  );
});

/** What may come of it: `ok` is whatever the operation itself says. */
function expected(operationId: string, role: Role, project: string, may: boolean): readonly string[] {
  if (!may) return ['forbidden'];
  const all = role === 'operator' || role === 'auditor';
  const ofLease = /^(readLease|readLeaseUsage|listDecisions|listLeaseEvents)$/.test(operationId);
  const changesLease =
    /^(change|cancel|resize|hold|release|suspend|resume|recover|reboot|reset|pause|unpause|extend|shrink|approve|reject)Lease$|^(confirm|revert)Resize$/.test(
      operationId,
    );
  if ((ofLease || changesLease) && !all && project === 'blue') return ['unknown'];
  if (changesLease) return role === 'user' ? ['forbidden'] : ['ok'];
  if (/^(read|revoke)Token$/.test(operationId)) {
    if (all || (role === 'project-admin' && project === 'red')) return ['ok'];
    return ['unknown'];
  }
  if (/^(read|change|test|replay)Webhook$|^rotateWebhookSecret$|^listWebhookDeliveries$/.test(operationId)) {
    if (all || (role === 'project-admin' && project === 'red')) return ['ok'];
    return ['unknown'];
  }
  if (operationId === 'readProject' && !all && project === 'blue') return ['unknown'];
  return ['ok'];
}

function kindOf({ status, body }: Reply): string {
  if (status === 403) return 'forbidden';
  if (status === 404) return 'unknown';
  return status < 500 && status !== 401 && status !== 400 && body?.code !== 'request-invalid' ? 'ok' : String(status);
}

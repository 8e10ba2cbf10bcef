/** What each operation of the API needs. What is not in this table cannot be served: the server does not start. */

import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Scope } from './caller.js';

/** A scope; one of several; or `anyone`: whoever has shown who they are. */
export type Need = Scope | readonly Scope[] | 'anyone';

/** By operationId. Routes that are `open` need nothing, and are not listed. */
export const OPERATIONS: Readonly<Record<string, Need>> = {
  submitLease: 'leases:write',
  listLeases: 'leases:read',
  readLease: 'leases:read',
  changeLease: 'leases:write',
  resizeLease: 'leases:write',
  confirmResize: 'leases:write',
  revertResize: 'leases:write',
  cancelLease: 'leases:write',
  holdLease: 'leases:write',
  releaseLease: 'leases:write',
  approveLease: 'leases:approve',
  rejectLease: 'leases:approve',
  suspendLease: 'leases:write',
  resumeLease: 'leases:write',
  recoverLease: 'leases:write',
  rebootLease: 'leases:write',
  resetLease: 'leases:write',
  pauseLease: 'leases:write',
  unpauseLease: 'leases:write',
  extendLease: 'leases:write',
  shrinkLease: 'leases:write',
  readLeaseUsage: 'leases:read',
  listDecisions: 'leases:read',
  listLeaseEvents: 'leases:read',
  askForQuote: 'leases:write',

  // They tell of all leases.
  askWhatIf: 'log:read',
  readWhatIf: 'log:read',
  listWhatIfLeases: 'log:read',
  readWhatIfSchedule: 'log:read',
  followWhatIf: 'log:read',
  cancelWhatIf: 'log:read',

  listNodes: 'cluster:read',
  readNodeUsage: 'cluster:read',
  readSchedule: 'cluster:read',
  listSlots: 'cluster:read',
  registerNodes: 'cluster:write',
  migrateLease: 'cluster:write',
  moveLeaseDisks: 'cluster:write',
  labelNode: 'cluster:write',
  planMaintenance: 'cluster:write',
  listMaintenance: 'cluster:read',
  cancelMaintenance: 'cluster:write',
  drainNode: 'cluster:write',
  restoreNode: 'cluster:write',
  giveUpNode: 'cluster:write',
  removeNode: 'cluster:write',

  addImage: 'cluster:write',
  listImages: 'cluster:read',
  readImage: 'cluster:read',
  fetchImage: 'cluster:write',
  removeImage: 'cluster:write',

  addNetwork: 'cluster:write',
  listNetworks: 'cluster:read',
  readNetwork: 'cluster:read',
  removeNetwork: 'cluster:write',

  listPolicies: 'policy:read',
  adoptPolicy: 'policy:write',

  createToken: 'tokens:write',
  listTokens: 'tokens:read',
  readToken: 'tokens:read',
  revokeToken: 'tokens:write',

  createWebhook: 'webhooks:write',
  listWebhooks: 'webhooks:read',
  readWebhook: 'webhooks:read',
  changeWebhook: 'webhooks:write',
  deleteWebhook: 'webhooks:write',
  rotateWebhookSecret: 'webhooks:write',
  testWebhook: 'webhooks:write',
  replayWebhook: 'webhooks:write',
  listWebhookDeliveries: 'webhooks:read',

  createProject: 'projects:write',
  listProjects: 'projects:read',
  readProject: 'projects:read',
  changeProject: 'projects:write',
  deleteProject: 'projects:write',

  listUsers: 'users:read',
  readMe: 'anyone',

  // Who may not read the log is told of leases that are theirs.
  readEvents: ['log:read', 'leases:read'],
  // It tells of all leases of all projects.
  readDiff: 'log:read',
  readAuditHead: 'log:read',
  listCheckpoints: 'log:read',

  readDiagnostics: 'operation:read',
  readMetrics: 'operation:read',
  listLimits: 'anyone',
};

/** Whether they have what is needed. */
export function meets(need: Need, can: (scope: Scope) => boolean): boolean {
  if (need === 'anyone') return true;
  return typeof need === 'string' ? can(need) : need.some(can);
}

/** Null: there is no such operation. */
export function needOf(operationId: string | undefined): Need | null {
  return operationId !== undefined && Object.hasOwn(OPERATIONS, operationId) ? OPERATIONS[operationId]! : null;
}

/** Makes `app.ready()` fail where a route is neither open nor in the table. To be called before any route is added. */
export function requireOperations(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    for (const { method, url, config, schema } of routes) {
      const { operationId } = { ...schema };
      if (config?.open === true || needOf(operationId) !== null) continue;
      const route = `${[method].flat().join(', ')} ${url}`;
      throw new Error(`${route} is for nobody: it is not open, and api/access/operations.ts has no ${operationId}`);
    }
  });
}

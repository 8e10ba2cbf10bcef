/** All that is under /v1. */

import type { Server, RouteDeps } from '../deps.js';
import { auditRoutes } from './audit.js';
import { diffRoutes } from './diff.js';
import { eventRoutes } from './events.js';
import { imageRoutes } from './images.js';
import { leaseRoutes } from './leases.js';
import { maintenanceRoutes } from './maintenance.js';
import { networkRoutes } from './networks.js';
import { nodeRoutes } from './nodes.js';
import { policyRoutes } from './policies.js';
import { projectRoutes } from './projects.js';
import { readyRoutes } from './ready.js';
import { scheduleRoutes } from './schedule.js';
import { slotRoutes } from './slots.js';
import { tokenRoutes } from './tokens.js';
import { usageRoutes } from './usage.js';
import { userRoutes } from './users.js';
import { webhookRoutes } from './webhooks.js';
import { quoteRoutes } from './quotes.js';
import { whatIfRoutes } from './what-ifs.js';

export function routes(v1: Server, deps: RouteDeps, closing: AbortSignal): void {
  leaseRoutes(v1, deps);
  readyRoutes(v1, deps);
  quoteRoutes(v1, deps);
  slotRoutes(v1, deps);
  whatIfRoutes(v1, deps, closing);
  nodeRoutes(v1, deps);
  usageRoutes(v1, deps);
  maintenanceRoutes(v1, deps);
  imageRoutes(v1, deps);
  networkRoutes(v1, deps);
  scheduleRoutes(v1, deps);
  policyRoutes(v1, deps);
  diffRoutes(v1, deps);
  eventRoutes(v1, deps, closing);
  auditRoutes(v1, deps);
  tokenRoutes(v1, deps);
  projectRoutes(v1, deps);
  userRoutes(v1, deps);
  webhookRoutes(v1, deps);
}

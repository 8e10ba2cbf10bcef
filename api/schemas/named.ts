/** The shapes that have a name. */

import type { TSchema } from 'typebox';
import { Project, Token, User } from './access.js';
import { Bar, Node } from './cluster.js';
import { DryRun } from './dry-run.js';
import { Image } from './image.js';
import { Network } from './network.js';
import { Decisions, Lease, Reason } from './lease.js';
import { LeaseRequest } from './lease-request.js';
import { Checkpoint } from './log.js';
import { Maintenance } from './maintenance.js';
import { Policy, PolicyPatch } from './policy.js';
import { ProblemSchema } from './problem.js';
import { CounterOffer, Quote } from './quote.js';
import { LeaseUsage, NodeUsage } from './usage.js';
import { Webhook } from './webhook.js';
import { Slot } from './slots.js';
import { WhatIf } from './what-if.js';

/** The schemas that have a name in the OpenAPI document. */
export const NAMED: Readonly<Record<string, TSchema>> = {
  LeaseRequest,
  Lease,
  Reason,
  Decisions,
  Node,
  NodeUsage,
  LeaseUsage,
  Bar,
  Checkpoint,
  Image,
  Network,
  Maintenance,
  Policy,
  PolicyPatch,
  Token,
  Project,
  User,
  CounterOffer,
  DryRun,
  Quote,
  Slot,
  Webhook,
  WhatIf,
  Problem: ProblemSchema,
};

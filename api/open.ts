/** What has to be there before the service listens, or a clear error: settings, the admin token, the store and its lock. */

import { join, resolve } from 'node:path';
import { ProjectKeys } from '../adapters/project-keys/project-keys.js';
import { Credentials } from './access/credentials.js';
import { Oidc, oidcOptions } from './access/oidc.js';
import { projectNote } from './access/projects.js';
import { adminToken } from './auth.js';
import { Checkpointer } from './checkpointer.js';
import { LIMITS, type Limits } from './config.js';
import { Follower } from './follower.js';
import { LoopClient } from './loop-client.js';
import { settingsFor } from './loop-settings.js';
import { Personal } from './personal.js';
import { ReadTables } from './records/read-tables.js';
import type { ServeOptions } from './settings/table.js';
import { ThreadedLoop } from './threaded-loop.js';
import { WEBHOOK_KEY_FILE, WebhookSecrets } from './webhooks/secrets.js';

export type Opened = Awaited<ReturnType<typeof open>>;

export async function open(options: ServeOptions) {
  const settings = await settingsFor(options);
  const { token, path: tokenPath } = adminToken(options.dataDir, options.tokenFile);
  const webhookSecrets = WebhookSecrets.open(resolve(options.webhookKey ?? join(options.dataDir, WEBHOOK_KEY_FILE)));
  const personal = new Personal(options.personalKeys === null ? null : new ProjectKeys(options.personalKeys));
  const limits: Limits = {
    ...LIMITS,
    rateMax: options.rateLimit * (LIMITS.rateWindowMs / 1000),
    requestsMax: options.requestsMax,
  };
  const loop = new ThreadedLoop(settings);
  await loop.opened;
  // The store is ours now, and so are the tables beside it.
  const tablesPath = join(resolve(options.dataDir), 'read-tables.db');
  const tables = ReadTables.open(tablesPath);
  const follower = new Follower(limits.recentTurns, tables);
  const client = new LoopClient(follower, limits, settings, (message) => loop.send(message));
  const isProject = (name: string) => projectNote(follower.state.notes, name) !== null;
  const oidc = oidcOptions(options);
  const issuer = oidc === null ? null : new Oidc(oidc, isProject);
  const credentials = new Credentials(token, issuer, () => follower.state.notes);
  const checkpoints = await checkpointerFor(options, follower).catch(async (error: unknown) => {
    await loop.stop();
    throw error;
  });
  return {
    settings,
    limits,
    tokenPath,
    webhookSecrets,
    personal,
    loop,
    tables,
    tablesPath,
    follower,
    client,
    credentials,
    checkpoints,
  };
}

async function checkpointerFor(options: ServeOptions, { proof }: Follower): Promise<Checkpointer> {
  const directory = resolve(options.dataDir);
  const at = (given: string | null, name: string) => (given === null ? join(directory, name) : resolve(given));
  return new Checkpointer(
    {
      key: at(options.checkpointKey, 'checkpoint.key'),
      file: at(options.checkpoints, 'checkpoints.ndjson'),
      everyTurns: options.checkpointTurns,
      everyMs: options.checkpointSeconds * 1000,
    },
    proof,
  );
}

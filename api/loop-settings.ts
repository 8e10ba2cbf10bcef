/** What the loop's thread is started with, as the options say. */

import { join, resolve } from 'node:path';
import { LIMITS } from './config.js';
import type { LoopSettings } from './loop-messages.js';
import { readPolicy, readSite } from './settings/genesis.js';
import type { ServeOptions } from './settings/table.js';
import { shownPlace, type StorePlace } from './store.js';
import { TurnGate } from './turn-gate.js';

/** Where a log is anchored unless told otherwise. */
const ANCHORS = { file: 'leasehold.db.anchor', url: 'store.anchor' } as const;
/** Below the data directory. */
export const IMAGES = 'images';

/** Reads the site and the policy: those of a new log, and what an old one is held against where they were named. */
export async function settingsFor(options: ServeOptions): Promise<LoopSettings> {
  const site = await readSite(options);
  const policy = readPolicy(options, site);
  const directory = resolve(options.dataDir);
  const store: StorePlace = {
    path: join(directory, 'leasehold.db'),
    anchor:
      options.anchor === null
        ? join(directory, ANCHORS[options.store === null ? 'file' : 'url'])
        : resolve(options.anchor),
    url: options.store,
  };
  return {
    store,
    storeName: await shownPlace(store),
    journalPath: join(directory, 'cluster.journal'),
    cluster: options.cluster,
    libvirt: {
      directory: options.vmDir,
      accel: options.accel,
      graceMs: options.vmGraceSeconds * 1000,
      deaf: options.vmDeaf,
      way: { bandwidth: options.vmMoveBandwidth, tls: options.vmMoveTls },
      nodeGraceMs: options.nodeGraceSeconds * 1000,
      fenceCommand: options.fenceCommand?.split(' ') ?? null,
      network: options.vmNetwork,
      callbackUrl: options.vmCallbackUrl,
      imageDirectory: join(directory, IMAGES),
      personalKeys: options.personalKeys,
      monitorMs: options.monitorInterval * 1000,
    },
    timeScale: options.timeScale,
    gate: TurnGate.memory(LIMITS.waitingMax),
    genesis: { resources: site.resources, nodes: site.classes.map(({ first: _, ...nodesOf }) => nodesOf), policy },
    given: { site: options.site !== null || options.nodes.length > 0, policy: options.policy !== null },
  };
}

/** The metrics of a service, tied to what they are about. */

import type { Follower } from '../follower.js';
import type { HttpServers } from '../http-server.js';
import type { LoopClient } from '../loop-client.js';
import { Metrics } from './metrics.js';

export function measured(follower: Follower, client: LoopClient, servers: HttpServers, perNode: boolean): Metrics {
  const looked = {
    isReady: () => client.isReady(),
    isLeader: () => client.isReady() && client.notLeader() === null,
    storeWritable: () => client.storeWritable(),
    waiting: () => client.commandsWaiting,
    ageMs: () => client.standing().ageMs,
    certificateExpires: () => servers.certificate?.expires ?? null,
  };
  const metrics = new Metrics(follower, looked, perNode);
  client.tookListeners.push((took) => metrics.turnTook(took));
  client.onReady = () => metrics.turns.begin();
  return metrics;
}

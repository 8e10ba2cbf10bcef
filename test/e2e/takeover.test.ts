/**
 * Several services on one log, as real processes under load: the leader is killed, stopped, cut off. Rounds
 * of each: LEASEHOLD_TAKEOVER_ROUNDS, 3 by default.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { EsdbServer } from '../support/esdb/server.js';
import { Namespace } from '../support/namespaces.js';
import { needs } from '../support/needs.js';
import { PostgresPlace, PostgresServer } from '../support/postgres.js';
import { Site, TAKEOVER_MS_MAX } from '../support/takeover.js';

const ROUNDS = Number(process.env.LEASEHOLD_TAKEOVER_ROUNDS ?? '3');
const ROUND_MS = 60_000;
/** Longer than any lease of the leader lasts. */
const STOPPED_MS = 12_000;

let place: PostgresPlace;
let server: PostgresServer;
let site: Site | null = null;
let schemas = 0;

async function servers(): Promise<void> {
  place = new PostgresPlace();
  server = await PostgresServer.create(place, 's1');
}

afterEach(async () => {
  await site?.close();
  site = null;
});

/** What happens to the leader, and when; `heal` puts it right again. */
type Fault = (site: Site, place: number) => Promise<{ readonly at: number; readonly heal: () => Promise<void> }>;

const killed: Fault = async (struck, leader) => {
  const at = performance.now();
  await struck.services[leader]!.signal('SIGKILL');
  return { at, heal: async () => void (await struck.start(leader)) };
};

/** So many rounds; each does something to the leader, and puts it right again once another has taken over. */
async function rounds(what: string, store: string, fault: Fault, count = ROUNDS): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < count; round++) {
    const leader = await site!.leader();
    await site!.loaded(5);
    const { at, heal } = await fault(site!, leader);
    took.push(Math.round(await site!.takenOver(leader, at)));
    await heal();
    await site!.follows(leader);
  }
  const { acknowledged, epochs } = await site!.judge(store);
  const worst = Math.max(...took);
  console.log(
    `${what}: ${count} rounds, ${acknowledged} acknowledged, ${epochs} epochs, takeover ${took.join(', ')} ms`,
  );
  expect(epochs).toBeGreaterThan(count);
  expect(worst).toBeLessThanOrEqual(TAKEOVER_MS_MAX);
}

describe('the leader of several services', needs('build', 'postgres'), () => {
  beforeAll(servers);
  afterAll(() => place.remove());
  const open = async (services: number): Promise<string> => {
    const url = server.url(`?schema=takeover_${schemas++}`);
    site = await Site.open(services, () => url);
    return url;
  };

  it(
    'is killed, of three: another leads, and nothing that was acknowledged is lost or there twice',
    async () => {
      await rounds('kill -9', await open(3), killed);
    },
    ROUNDS * ROUND_MS,
  );

  it(
    'stands still longer than its lease, and goes on: it appends and enacts nothing, and follows',
    async () => {
      await rounds('SIGSTOP', await open(2), async ({ services, cluster }, leader) => {
        const at = performance.now();
        services[leader]!.freeze('SIGSTOP');
        const heal = async (): Promise<void> => {
          const left = at + STOPPED_MS - performance.now();
          if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
          const latest = Math.max(...cluster.given().map(({ epoch }) => epoch));
          const given = cluster.given().length;
          services[leader]!.freeze('SIGCONT');
          await site!.follows(leader);
          const later = cluster.given().slice(given);
          expect(later.filter(({ epoch, heard }) => epoch < latest && heard !== 'stale')).toEqual([]);
        };
        return { at, heal };
      });
    },
    ROUNDS * ROUND_MS,
  );
});

describe('a store that stands still for longer than a lease', needs('build', 'postgres'), () => {
  beforeAll(servers);
  afterAll(() => place.remove());

  it(
    'costs nothing but time: the leader says that it takes no writes, and they are taken when the store goes on',
    async () => {
      const url = server.url('?schema=still');
      site = await Site.open(2, () => url);
      await site.loaded(5);
      const leader = site.services[await site.leader()]!;
      server.freeze('SIGSTOP');
      try {
        const stopped = performance.now();
        await eventually(async () => (await leader.ask('POST', '/v1/nodes/1/drain')).json().code).toBe(
          'store-unavailable',
        );
        await eventually(() => performance.now() - stopped).toBeGreaterThan(STOPPED_MS);
      } finally {
        server.freeze('SIGCONT');
      }
      await site.loaded(5);
      await site.leader();
      console.log(`store stopped: ${JSON.stringify(await site.judge(url))}`);
    },
    2 * ROUND_MS,
  );
});

describe('the leader of two services on a log in EventStoreDB', needs('build'), () => {
  it(
    'is killed: the other leads',
    async () => {
      const esdb = await EsdbServer.start({ client: 'eventstore', batchAppend: true });
      try {
        const url = `esdb://127.0.0.1:${esdb.port}?tls=false`;
        site = await Site.open(2, () => url);
        await rounds('kill -9, EventStoreDB', url, killed, 1);
      } finally {
        await site?.close();
        site = null;
        esdb.stop();
      }
    },
    2 * ROUND_MS,
  );
});

describe('the leader of two services in networks of their own', needs('build', 'postgres', 'netns'), () => {
  let spaces: Namespace[] = [];
  beforeAll(async () => {
    await servers();
    spaces = [1, 2].map((number) => new Namespace(number));
    await server.listenOn(spaces.map(({ here }) => here));
  });
  afterAll(async () => {
    await place.remove();
    for (const space of spaces) space.remove();
  });

  it(
    'is cut off from the store, and not from the machines: the other leads; it follows when it is back',
    async () => {
      const urlFor = (at: number) =>
        `postgresql://${server.login}@${spaces[at]!.here}:${server.port}/postgres?sslmode=disable&schema=cut`;
      // There is no TLS on these cables; whoever is at the near end stands for the proxy that would add it.
      site = await Site.open(2, urlFor, (at) => {
        const { run, here, there } = spaces[at]!;
        return { run, args: ['--host', there, '--behind-proxy', here] };
      });
      await rounds('partition', server.url('?schema=cut'), async (_site, leader) => {
        const at = performance.now();
        spaces[leader]!.plug(false);
        return { at, heal: async () => spaces[leader]!.plug(true) };
      });
    },
    ROUNDS * ROUND_MS,
  );
});

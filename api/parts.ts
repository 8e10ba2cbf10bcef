/** What works beside the loop: who answers about the past and about what would be, who delivers, fetches, looks and measures. */

import { join, resolve } from 'node:path';
import { Destinations } from '../adapters/destinations.js';
import { GIB, IMAGE_LIMITS } from '../adapters/image-port.js';
import { Images } from '../adapters/images/images.js';
import { connectLibvirt } from '../adapters/libvirt/binding/libvirt.js';
import { lookAtHost } from '../adapters/libvirt/look.js';
import { readDisk } from '../adapters/libvirt/read-disk.js';
import { encodeState } from '../engine/index.js';
import { AskingProcess } from './asking/asking-process.js';
import { PAST } from './config.js';
import type { Server } from './deps.js';
import { History } from './history.js';
import { Hosts } from './hosts/hosts.js';
import { HttpServers } from './http-server.js';
import { ImageKeeper } from './images/image-keeper.js';
import { vmDisks } from './images/vm-disks.js';
import type { Listening } from './listening.js';
import { IMAGES } from './loop-settings.js';
import { measured } from './metrics/measured.js';
import type { Opened } from './open.js';
import { PastClient } from './past/past-client.js';
import { LIBVIRT, type ServeOptions } from './settings/table.js';
import { beginTracing } from './traces/sending.js';
import { Courier } from './webhooks/courier.js';
import { WhatIfs } from './what-ifs/what-ifs.js';

export type Parts = Awaited<ReturnType<typeof partsOf>>;

/** `log` is asked for when there is something to say: the server that has it is made of these. */
export async function partsOf(opened: Opened, options: ServeOptions, listening: Listening, log: () => Server['log']) {
  const { follower, client, settings, limits } = opened;
  const servers = new HttpServers(limits, listening);
  const metrics = measured(follower, client, servers, options.metricsPerNode);
  const history = new History(settings.store);
  const past = pastOf(opened, options, log);
  const tracing = await beginTracing(options, { follower, client, metrics, onChange: (text) => log().warn(text) });
  const courier = new Courier({
    follower,
    submit: (command) => client.submit(command),
    history: (after) => history.read(after),
    isLeader: () => leads(opened),
    destinations: new Destinations({ http: options.webhookHttp, allowed: options.webhookAllow }),
    secrets: opened.webhookSecrets,
    warn: (about, detail) => log().warn(about, `webhook: ${detail}`),
  });
  metrics.webhooks(courier);
  const images = await imagesOf(opened, options, log);
  const hosts = hostsOf(opened, options);
  metrics.hosts(hosts);
  const whatIfs = new WhatIfs();
  const asked = new AskingProcess(() => encodeState(follower.state));
  asked.onTrouble = (detail) => log().error(detail);
  return { servers, metrics, history, past, tracing, courier, images, hosts, whatIfs, asked };
}

const leads = ({ client }: Opened): boolean => client.isReady() && client.notLeader() === null;

function pastOf({ settings, tablesPath }: Opened, options: ServeOptions, log: () => Server['log']): PastClient {
  return new PastClient(
    {
      store: settings.store,
      pastPath: join(resolve(options.dataDir), 'past.db'),
      tablesPath,
      personalKeys: options.personalKeys,
      logLevel: options.logLevel,
      ...PAST,
    },
    (error) => log().error(`the past could not be read: ${error.message}`),
  );
}

async function imagesOf(opened: Opened, options: ServeOptions, log: () => Server['log']): Promise<ImageKeeper> {
  const { follower, client } = opened;
  const limits = { ...IMAGE_LIMITS, bytesMax: options.imageSizeMax * GIB };
  const disks = () =>
    vmDisks({
      state: () => follower.state,
      classes: () => follower.nodeClasses,
      read: (...args) => readDisk(connectLibvirt, ...args),
    });
  return new ImageKeeper({
    follower,
    submit: (command) => client.submit(command),
    isLeader: () => leads(opened),
    repository: await Images.open({
      directory: join(resolve(options.dataDir), IMAGES),
      allowed: options.imageAllow,
      roots: options.imageRoot,
      limits,
      disks: options.cluster === LIBVIRT ? disks() : null,
    }),
    limits,
    warn: (about, detail) => log().warn(about, `image: ${detail}`),
  });
}

function hostsOf({ follower, client, settings }: Opened, options: ServeOptions): Hosts {
  return new Hosts({
    look:
      options.cluster === LIBVIRT
        ? (...args) => lookAtHost({ connect: connectLibvirt, directory: options.vmDir }, ...args)
        : null,
    now: () => client.now(),
    isGone: (node) => follower.state.nodeStatus.get(node) === 'gone',
    monitorMs: settings.libvirt.monitorMs,
  });
}

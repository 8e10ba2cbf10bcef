/** What `leasehold image …` does. */

import { setTimeout as pause } from 'node:timers/promises';
import type { ImageView } from './api.js';
import { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import { interruptible } from './interrupt.js';
import { Meter } from './meter.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne } from './output.js';

export interface WaitOptions extends RemoteOptions {
  readonly wait?: boolean;
}

export interface AddOptions extends WaitOptions {
  readonly format: ImageView['format'];
  readonly sha256?: string;
  readonly persistent?: boolean;
}

const LOOK_MS = 500;
const MIB = 1024 * 1024;

export async function add(name: string, source: string, options: AddOptions): Promise<void> {
  const { format, sha256, persistent = false } = options;
  const client = new Client(options);
  const body = {
    name,
    source,
    format,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(persistent ? { persistent } : {}),
  };
  const answer = await client.ask('post', '/v1/images', { body });
  await told(client, answer.body, options);
}

export async function list(options: RemoteOptions): Promise<void> {
  const images: ImageView[] = [];
  for await (const image of new Client(options).all('/v1/images', { query: { page_size: 1000 } })) images.push(image);
  await printList(images, IMAGE, options);
}

export async function show(name: string, options: RemoteOptions): Promise<void> {
  await printOne<ImageView>(await read(new Client(options), name), IMAGE, options);
}

export async function fetch(name: string, options: WaitOptions): Promise<void> {
  const client = new Client(options);
  const { body } = await client.ask('post', '/v1/images/{name}/fetch', { path: { name } });
  await told(client, body, options);
}

export async function remove(name: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('delete', '/v1/images/{name}', { path: { name } });
  await printOne<ImageView>(body, IMAGE, options);
}

async function told(client: Client, image: ImageView, options: WaitOptions): Promise<void> {
  const last = options.wait === true ? await waitedFor(client, image) : image;
  await printOne<ImageView>(last, IMAGE, options);
  if (options.wait !== true || last.state === 'ready') return;
  const hint = `Put it right there, then: leasehold image fetch ${last.name}
  If it was registered wrongly: leasehold image remove ${last.name} --yes, and add it as it is.`;
  throw new CliError(`the image could not be had: ${last.failure?.detail}`, hint, EXIT.failure);
}

async function waitedFor(client: Client, begun: ImageView): Promise<ImageView> {
  let image = begun;
  const meter = await Meter.open('MiB');
  try {
    return await interruptible(
      () => `image ${image.name} is ${image.state}; it goes on without you: leasehold image show ${image.name}`,
      async () => {
        while (image.state === 'pending' || image.state === 'fetching') {
          await pause(LOOK_MS);
          image = await read(client, image.name);
          const { progress } = image;
          if (progress === null) continue;
          const inMiB = (bytes: number): number => Math.round(bytes / MIB);
          meter.update(inMiB(progress.bytes), progress.total === null ? null : inMiB(progress.total));
        }
        return image;
      },
    );
  } finally {
    meter.close();
  }
}

async function read(client: Client, name: string): Promise<ImageView> {
  return (await client.ask('get', '/v1/images/{name}', { path: { name } })).body;
}

/** `62 %`, where it is said how much there is. */
function progressOf({ progress }: ImageView): string | null {
  if (progress === null) return null;
  const { bytes, total } = progress;
  return total === null || total === 0 ? `${Math.round(bytes / MIB)} MiB` : `${Math.floor((100 * bytes) / total)} %`;
}

const IMAGE: readonly Column<ImageView>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'format', value: ({ format }) => format },
  { title: 'state', value: ({ state }) => state },
  { title: 'persistent', value: ({ persistent }) => (persistent ? 'yes' : null), wide: true },
  { title: 'progress', value: progressOf },
  { title: 'MiB', value: ({ bytes }) => (bytes === null ? null : Math.ceil(bytes / MIB)) },
  { title: 'disk', value: ({ virtualBytes }) => (virtualBytes === null ? null : Math.ceil(virtualBytes / MIB)) },
  { title: 'leases', value: ({ leases }) => leases },
  { title: 'why', value: ({ failure }) => failure?.detail ?? null },
  { title: 'source', value: ({ source }) => source },
  { title: 'sha256', value: ({ sha256 }) => sha256, wide: true, whole: true },
  { title: 'created', value: ({ created }) => created, as: 'time', wide: true },
  { title: 'by', value: ({ by }) => by, wide: true },
];

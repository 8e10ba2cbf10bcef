/** What takes its time: saving, restoring, migrating, moving a disk; how far it has come, and its end before it is done. */

import { setTimeout as delay } from 'node:timers/promises';
import { type CopyProgress, HypervisorError, type JobProgress, type MigrateOptions } from '../hypervisor.js';
import { withDomain, XML_MAX } from './domains.js';
import { FAULT, type Lane, LibvirtError, unless } from './lane.js';
import { type Count, now, type Pointer } from './library.js';
import { numbersIn, TypedParams } from './typed-params.js';

/** Tells that the call may take so long from now. */
export type Within = (ms: number) => void;

const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;
/** Memory is written and read at least that fast. */
const KIB_PER_S = 50 * 1024;
const SAVE_PAUSED = 4;
const MIGRATE = {
  live: 1,
  byTheSource: 2,
  keepThere: 8,
  forgetHere: 16,
  overlays: 128,
  asTold: 512,
  tls: 65_536,
} as const;
const COPY = { shallow: 1, transient: 4 } as const;
const PIVOT = 2;
const JOB = { ofThePast: 1 | 2, underWay: [1, 2], completed: 3 } as const;
const POLL_MS = 100;
/** The copy of a disk may take as long as it likes, but not stand still for so long. */
const STILL_MS = 10 * MINUTE_MS;

export async function save(lane: Lane, within: Within, uuid: string, path: string): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const info: { maxMem?: Count } = {};
    await lane.status('virDomainGetInfo', found, info);
    within(MINUTE_MS + (Number(info.maxMem) / KIB_PER_S) * 1000);
    await lane.status('virDomainSaveFlags', found, path, null, 0);
  });
}

export async function restore(
  lane: Lane,
  within: Within,
  path: string,
  xml: string | null,
  paused: boolean,
): Promise<void> {
  within(MINUTE_MS);
  const saved = await lane.text(XML_MAX, 'virDomainSaveImageGetXMLDesc', lane.connection, path, 0);
  const memoryKiB = Number(/<memory unit='KiB'>(\d{1,15})</.exec(saved)?.[1] ?? 0);
  within(MINUTE_MS + (memoryKiB / KIB_PER_S) * 1000);
  const restored = async (flags: number) =>
    (await lane.status('virDomainRestoreFlags', lane.connection, path, xml, flags)) === 0;
  if (!paused) await restored(0);
  else if (!(await unless([FAULT.invalidArgument], false, () => restored(SAVE_PAUSED)))) {
    // The driver of tests takes no flags: there is no guest that could run on meanwhile.
    await restored(0);
    const [, uuid = ''] = /<uuid>([0-9a-f-]{36})</.exec(xml ?? saved) ?? [];
    await withDomain(lane, uuid, (found) => lane.status('virDomainSuspend', found));
  }
}

/** The source's libvirt talks to the target's. What is left behind is forgotten there: a VM is in one place. */
export async function migrate(lane: Lane, uuid: string, options: MigrateOptions): Promise<void> {
  const { to, live, xml, disks, bandwidth, tls } = options;
  const params = new TypedParams();
  try {
    if (xml !== null) params.text('destination_xml', xml).text('persistent_xml', xml);
    for (const disk of disks) params.text('migrate_disks', disk);
    if (bandwidth !== null) params.count('bandwidth', bandwidth);
    // `asTold`: a directory that both hosts share looks to libvirt like one that they do not.
    const flags =
      MIGRATE.byTheSource |
      MIGRATE.keepThere |
      MIGRATE.forgetHere |
      MIGRATE.asTold |
      (live ? MIGRATE.live : 0) |
      (tls ? MIGRATE.tls : 0) |
      (disks.length > 0 ? MIGRATE.overlays : 0);
    await withDomain(lane, uuid, (found) =>
      lane.status('virDomainMigrateToURI3', found, to, params.pointer, params.length, flags),
    );
  } finally {
    params.release();
  }
}

export function job(lane: Lane, uuid: string): Promise<JobProgress | null> {
  return progress(lane, uuid, 0, JOB.underWay);
}

export function finishedJob(lane: Lane, uuid: string): Promise<JobProgress | null> {
  return progress(lane, uuid, JOB.ofThePast, [JOB.completed]);
}

async function progress(
  lane: Lane,
  uuid: string,
  flags: number,
  wanted: readonly number[],
): Promise<JobProgress | null> {
  const type: [number] = [0];
  const params: [Pointer | null] = [null];
  const count: [number] = [0];
  const asked = () =>
    withDomain(lane, uuid, (found) => lane.status('virDomainGetJobStats', found, type, params, count, flags));
  if ((await unless([FAULT.noSupport, FAULT.noDomain], null, asked)) === null) return null;
  if (params[0] === null) return null;
  const numbers = numbersIn(params[0], count[0]);
  now('virTypedParamsFree', params[0], count[0]);
  if (!wanted.includes(type[0])) return null;
  return {
    processed: numbers.get('data_processed') ?? 0,
    remaining: numbers.get('data_remaining') ?? 0,
    total: numbers.get('data_total') ?? 0,
    elapsedMs: numbers.get('time_elapsed') ?? 0,
    downtimeMs: numbers.get('downtime') ?? null,
  };
}

/** Ends the job of a VM, and copies of its disks: it goes on as before. */
export async function abortJob(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const aborted = async () => (await lane.status('virDomainAbortJob', found)) === 0;
    const job = await unless([FAULT.operationInvalid, FAULT.noSupport], false, aborted);
    let copies = 0;
    for (const disk of copiedDisks(await lane.text(XML_MAX, 'virDomainGetXMLDesc', found, 0))) {
      await lane.status('virDomainBlockJobAbort', found, disk, 0);
      copies++;
    }
    if (!job && copies === 0) throw new LibvirtError(FAULT.operationInvalid, 0, 'no job is under way');
  });
}

/** Targets of disks that are being copied. The XML is libvirt's own; O(length). */
function copiedDisks(xml: string): string[] {
  return xml
    .split('</disk>')
    .filter((disk) => disk.includes('<mirror ') && disk.includes("job='copy'"))
    .flatMap((disk) => /<target dev='([a-z0-9]{1,32})'/.exec(disk.slice(disk.lastIndexOf('<disk')))?.[1] ?? []);
}

/** Copies what the disk itself holds (what it is based on stays), until both are the same, and goes on from the copy. */
export async function moveDisk(
  lane: Lane,
  within: Within,
  uuid: string,
  disk: string,
  xml: string,
  bandwidth: number | null = null,
): Promise<void> {
  const params = new TypedParams();
  try {
    if (bandwidth !== null) params.count('bandwidth', bandwidth * MIB);
    const flags = COPY.shallow | COPY.transient;
    await withDomain(lane, uuid, async (found) => {
      await lane.status('virDomainBlockCopy', found, disk, xml, params.pointer, params.length, flags);
      try {
        await pivoted(lane, within, found, disk);
      } catch (error) {
        // The VM stays where it is; where there is no copy any more there is nothing to end.
        await lane.status('virDomainBlockJobAbort', found, disk, 0).catch(() => {});
        throw error;
      }
    });
  } finally {
    params.release();
  }
}

/** Of disks that are being copied, together; null: none is. */
export function copies(lane: Lane, uuid: string): Promise<CopyProgress | null> {
  return withDomain(lane, uuid, async (found) => {
    const disks = copiedDisks(await lane.text(XML_MAX, 'virDomainGetXMLDesc', found, 0));
    let [processed, total] = [0, 0];
    for (const disk of disks) {
      const info: { cur?: Count; end?: Count } = {};
      if ((await lane.status('virDomainGetBlockJobInfo', found, disk, info, 0)) === 0) continue;
      processed += Number(info.cur);
      total += Number(info.end);
    }
    return disks.length === 0 ? null : { processed, total };
  });
}

async function pivoted(lane: Lane, within: Within, domain: Pointer, disk: string): Promise<void> {
  for (let copied: Count | undefined; ; ) {
    await delay(POLL_MS);
    const info: { cur?: Count; end?: Count } = {};
    if ((await lane.status('virDomainGetBlockJobInfo', domain, disk, info, 0)) === 0)
      throw new HypervisorError(
        'failed',
        `the copy of disk ${disk} ended before it was whole: it was aborted, or failed`,
      );
    if (info.cur !== copied) within(STILL_MS);
    copied = info.cur;
    if (Number(info.end) === 0 || info.cur !== info.end) continue;
    // Equal is not yet ready: libvirt says so, and is asked again.
    const pivot = async () => (await lane.status('virDomainBlockJobAbort', domain, disk, PIVOT)) === 0;
    if (await unless([FAULT.blockCopyActive], false, pivot)) return;
  }
}

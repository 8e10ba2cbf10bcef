/** Figures of a workload: what is asked for, of what kinds, how much of the site it would keep busy. */

import { vmCount } from '../../engine/index.js';
import { cpuOfSite, indexOfResource } from '../site-figures.js';
import { WorkloadError, type WorkloadEntry } from '../workloads/entry.js';
import type { LeaseSource } from './lease-source.js';
import type { Loss } from './losses.js';
import { Sample, type Spread } from './sample.js';
import { queueOf } from './shape.js';

/** Times in seconds. */
export interface WorkloadStats {
  readonly leases: number;
  readonly kinds: Readonly<Record<'best-effort' | 'immediate' | 'advance' | 'deadline', number>>;
  readonly preemptible: number;
  readonly users: number;
  readonly queues: number;
  /** From the first submission to the last, or as long as the caller says. */
  readonly span: number;
  /** Cpus of the site; null: not known. */
  readonly cpus: number | null;
  /** Share of the site's cpus over the span that durations ask for; null: the site or the span is not known. */
  readonly requestedUtilisation: number | null;
  /** The same with true run times. */
  readonly actualUtilisation: number | null;
  readonly vms: Spread;
  readonly cpusPerLease: Spread;
  readonly memoryMiBPerVm: Spread;
  readonly duration: Spread;
  readonly run: Spread;
  /** Between one submission and the next. */
  readonly interarrival: Spread;
  /** From submission to the start of advance and deadline leases. */
  readonly startDelay: Spread;
  /** Disk images by the number of VMs that use them, the most used first. */
  readonly images: readonly { readonly image: string; readonly leases: number; readonly vms: number }[];
  readonly losses: readonly Loss[];
}

const LEASES_MAX = 16_000_000;
const IMAGES_SHOWN = 100;

/** Reads the workload to its end. `span`: in milliseconds, instead of the time of submissions. */
export async function workloadStats(source: LeaseSource, span: number | null): Promise<WorkloadStats> {
  const tally = new Tally(source);
  for await (const entry of source.leases) {
    if (tally.leases === LEASES_MAX) {
      throw new WorkloadError(
        `more than ${LEASES_MAX} leases`,
        { file: 'the workload' },
        'Take a part: convert --length.',
      );
    }
    tally.add(entry);
  }
  return tally.stats(span, source.losses.list());
}

class Tally {
  leases = 0;
  private readonly kinds = { 'best-effort': 0, immediate: 0, advance: 0, deadline: 0 };
  private preemptible = 0;
  private readonly users = new Set<string>();
  private readonly queues = new Set<string>();
  private readonly images = new Map<string, { leases: number; vms: number }>();
  private last = 0;
  /** Thousandths of cpus times seconds. */
  private requested = 0;
  private actual = 0;
  private readonly cpu: number;
  private readonly memory: number;
  private readonly vms = new Sample();
  private readonly cpusPerLease = new Sample();
  private readonly memoryPerVm = new Sample();
  private readonly duration = new Sample();
  private readonly run = new Sample();
  private readonly interarrival = new Sample();
  private readonly startDelay = new Sample();

  constructor(private readonly source: LeaseSource) {
    this.cpu = indexOfResource(source.resources, 'cpu');
    this.memory = indexOfResource(source.resources, 'memory');
  }

  add(entry: WorkloadEntry): void {
    const { submit, run, terms } = entry;
    const { start, groups, duration } = terms;
    this.leases++;
    this.kinds[start.kind]++;
    if (terms.preemptible) this.preemptible++;
    if (terms.user !== null) this.users.add(terms.user);
    const queue = queueOf(entry);
    if (queue !== null) this.queues.add(queue);
    let cpu = 0;
    for (const { vms, demand } of groups) {
      cpu += vms * (demand[this.cpu] ?? 0);
      this.memoryPerVm.add(demand[this.memory] ?? 0);
    }
    this.countImages(entry);
    this.requested += (cpu * duration) / 1000;
    this.actual += (cpu * run) / 1000;
    this.vms.add(vmCount(terms));
    this.cpusPerLease.add(cpu / 1000);
    this.duration.add(duration / 1000);
    this.run.add(run / 1000);
    if (this.leases > 1) this.interarrival.add((submit - this.last) / 1000);
    this.last = submit;
    if (start.kind === 'advance') this.startDelay.add((start.at - submit) / 1000);
    if (start.kind === 'deadline') this.startDelay.add((start.notBefore - submit) / 1000);
  }

  stats(given: number | null, losses: readonly Loss[]): WorkloadStats {
    const { site } = this.source;
    const span = (given ?? this.last) / 1000;
    const amount = site === null ? 0 : cpuOfSite(site);
    const utilisation = (used: number) => (amount > 0 && span > 0 ? used / (amount * span) : null);
    return {
      leases: this.leases,
      kinds: this.kinds,
      preemptible: this.preemptible,
      users: this.users.size,
      queues: this.queues.size,
      span,
      cpus: site === null ? null : amount / 1000,
      requestedUtilisation: utilisation(this.requested),
      actualUtilisation: utilisation(this.actual),
      vms: this.vms.spread(),
      cpusPerLease: this.cpusPerLease.spread(),
      memoryMiBPerVm: this.memoryPerVm.spread(),
      duration: this.duration.spread(),
      run: this.run.spread(),
      interarrival: this.interarrival.spread(),
      startDelay: this.startDelay.spread(),
      images: this.mostUsed(),
      losses,
    };
  }

  private countImages({ terms: { groups } }: WorkloadEntry): void {
    const seen = new Set<string>();
    for (const { image, vms } of groups) {
      if (image === null) continue;
      const known = this.images.get(image) ?? { leases: 0, vms: 0 };
      if (!seen.has(image)) known.leases++;
      known.vms += vms;
      seen.add(image);
      this.images.set(image, known);
    }
  }

  /** 1. more VMs  2. name */
  private mostUsed(): WorkloadStats['images'] {
    return [...this.images]
      .map(([image, counts]) => ({ image, ...counts }))
      .sort((a, b) => b.vms - a.vms || (a.image < b.image ? -1 : 1))
      .slice(0, IMAGES_SHOWN);
  }
}

/**
 * Looks at each host every so often: samples go to whoever keeps them, and only what changes of a node's load class goes to
 * the log. A host that is not seen twice in a row is of unknown load, and never idle.
 */

import { classifyLoad, type Instant, type LoadClass, type NodeLoadObserved } from '../../engine/index.js';
import type { HostSample } from '../host-samples.js';
import type { LocalFigures } from './local.js';
import { type Look, sampleOf } from './sample.js';

/** A host to look at. */
export interface Watched {
  readonly node: number;
  /** It is the machine of this process. */
  readonly isLocal: boolean;
  /** Rejects where it does not answer. `disk`: also at the room on its disk, which costs a host more. */
  look(disk: boolean): Promise<Look>;
}

export interface MonitorOptions {
  readonly hosts: () => Iterable<Watched>;
  readonly everyMs: number;
  readonly now: () => Instant;
  /** Milliseconds that only go forward. */
  readonly elapsed: () => number;
  readonly local: () => Promise<LocalFigures>;
  /** The classes that the log has. */
  readonly loads: ReadonlyMap<number, LoadClass>;
  readonly onSample: (sample: HostSample) => void;
  readonly onLoad: (change: NodeLoadObserved) => void;
}

const MISSED_MAX = 2;
/** The room on disk is looked at once in so many rounds. */
const DISK_ROUNDS = 6;
/** Shares are averaged over about so long, so that a burst is no load. */
const SMOOTH_MS = 60_000;

interface Course {
  looking: boolean;
  missed: number;
  last: { readonly look: Look; readonly at: number } | null;
  space: Look['space'];
  /** The smoothed share; null: there is none. */
  share: number | null;
  load: LoadClass;
}

export class Monitor {
  private readonly courses = new Map<number, Course>();
  private rounds = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: MonitorOptions) {}

  begin(): void {
    const round = (): void => {
      void this.round();
    };
    this.timer = setInterval(round, this.options.everyMs).unref();
    round();
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Resolves when every host has answered, or has not. Hosts wait for no other host. */
  async round(): Promise<void> {
    const disk = this.rounds++ % DISK_ROUNDS === 0;
    const hosts = [...this.options.hosts()];
    const there = new Set(hosts.map(({ node }) => node));
    for (const node of this.courses.keys()) if (!there.has(node)) this.courses.delete(node);
    const local = hosts.some(({ isLocal }) => isLocal) ? this.options.local() : null;
    await Promise.all(hosts.map((host) => this.look(host, disk, local)));
  }

  private async look(host: Watched, disk: boolean, local: Promise<LocalFigures> | null): Promise<void> {
    const course = this.courseOf(host.node);
    // One that has not answered the question before is not asked again.
    if (course.looking) return this.miss(host.node, course);
    course.looking = true;
    try {
      const look = await host.look(disk || course.space === null);
      const figures = host.isLocal ? await local : null;
      // It may have left meanwhile.
      if (this.courses.get(host.node) === course) this.seen(host.node, course, look, figures);
    } catch {
      this.miss(host.node, course);
    } finally {
      course.looking = false;
    }
  }

  private seen(node: number, course: Course, look: Look, local: LocalFigures | null): void {
    const at = this.options.elapsed();
    course.space = look.space ?? course.space;
    const elapsedMs = course.last === null ? 0 : at - course.last.at;
    const sample = sampleOf({ ...look, space: course.space }, course.last?.look ?? null, elapsedMs, local);
    course.last = { look, at };
    course.missed = 0;
    this.options.onSample({ node, at: this.options.now(), ...sample });
    // The first look at a host has nothing to be compared with.
    if (elapsedMs > 0) this.shareIs(node, course, sample.cpu, elapsedMs);
  }

  private shareIs(node: number, course: Course, share: number | null, elapsedMs: number): void {
    const weight = course.share === null ? 1 : 1 - Math.exp(-elapsedMs / SMOOTH_MS);
    course.share = share === null ? null : (course.share ?? 0) * (1 - weight) + share * weight;
    this.loadIs(node, course, classifyLoad(course.load, course.share));
  }

  private miss(node: number, course: Course): void {
    if (++course.missed < MISSED_MAX || this.courses.get(node) !== course) return;
    course.last = null;
    course.share = null;
    this.loadIs(node, course, 'unknown');
  }

  private loadIs(node: number, course: Course, load: LoadClass): void {
    if (load === course.load) return;
    course.load = load;
    this.options.onLoad({ type: 'NodeLoadObserved', at: this.options.now(), node, load });
  }

  private courseOf(node: number): Course {
    const known = this.courses.get(node);
    if (known !== undefined) return known;
    const load = this.options.loads.get(node) ?? 'unknown';
    const course: Course = { looking: false, missed: 0, last: null, space: null, share: null, load };
    this.courses.set(node, course);
    return course;
  }
}

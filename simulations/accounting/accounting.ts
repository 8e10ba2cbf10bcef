/**
 * The accounting of a simulation: tells its probes what happens, and writes `series.csv` and `leases.csv` as it does,
 * `counters.json` at the end.
 */

import type { EventStore, Instant, LeaseId, Start, State, Turn } from '../../engine/index.js';
import { rounded } from '../metrics.js';
import type { FinishedLease } from '../report/finished-lease.js';
import { csv } from '../report/jobs-csv.js';
import { COUNTERS_FILE, LEASES_FILE, type Report, SERIES_FILE } from '../report/report.js';
import type { TextFile } from '../report/text-file.js';
import { wasDeclined } from './price.js';
import { type Figures, inSeconds, type LeaseColumn, type Probe } from './probe.js';
import { makeProbes, type ProbeName } from './probes.js';
import { type CounterFigure, Series } from './series.js';

export interface AccountingOptions {
  readonly report: Report;
  readonly probes: readonly ProbeName[];
  /** What the user says of the run, to tell it from others. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly state: State;
  /** Cpu of all nodes together, in thousandths. */
  readonly cpuCapacity: number;
  /** Names of the labels that leases carry; at most EXTRAS_MAX become columns. */
  readonly extras: readonly string[];
}

/** What stands in `counters.json`. */
export interface CountersFile {
  readonly probes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** When the simulation ended, in seconds: averages are over this time. */
  readonly end: number;
  readonly counters: Readonly<Record<string, CounterFigure>>;
  readonly figures: Figures;
}

const EXTRAS_MAX = 256;

/** What every row begins with. */
const FIRST_COLUMNS: readonly LeaseColumn[] = [
  { name: 'lease', value: (lease) => lease.id },
  { name: 'kind', value: (lease) => lease.kind },
  { name: 'state', value: (lease) => lease.state },
  { name: 'submit', value: (lease) => inSeconds(lease.submit) },
];

export class Accounting {
  private readonly series: Series;
  private readonly rows: TextFile;
  private readonly probes: readonly Probe[];
  /** Those that want to know which leases were touched. */
  private readonly touching: readonly Probe[];
  private readonly columns: readonly LeaseColumn[];
  /** Leases that were asked for and are not over; true: they have not been answered. */
  private readonly live = new Map<LeaseId, boolean>();

  constructor(private readonly options: AccountingOptions) {
    const { report, state, cpuCapacity, extras } = options;
    this.series = report.write(() => new Series(report.file(SERIES_FILE)));
    this.rows = report.file(LEASES_FILE);
    const context = { series: this.series, state, cpuCapacity, extras: extras.slice(0, EXTRAS_MAX) };
    this.probes = makeProbes(options.probes, context);
    this.touching = this.probes.filter((probe) => probe.touched !== undefined);
    this.columns = [...FIRST_COLUMNS, ...this.probes.flatMap((probe) => probe.columns ?? [])];
    report.write(() => this.rows.text(`${this.columns.map(({ name }) => csv(name)).join(',')}\n`));
  }

  /** A store that tells of each turn as it is appended. */
  watching(store: EventStore): EventStore {
    return {
      append: (turn, expected, epoch) => {
        this.options.report.write(() => this.turn(turn));
        return store.append(turn, expected, epoch);
      },
      read: (after) => store.read(after),
      head: () => store.head(),
      subscribe: (after) => store.subscribe(after),
      saveSnapshot: (snapshot) => store.saveSnapshot(snapshot),
      latestSnapshot: () => store.latestSnapshot(),
      close: () => store.close(),
    };
  }

  /** A lease is over since `at`, or was not accepted then. After the turn that it was in, before the next. */
  lease(finished: FinishedLease, at: Instant): void {
    const unanswered = this.live.get(finished.id) ?? this.request(finished.id, finished.kind, at);
    this.live.delete(finished.id);
    const isRefused = finished.state === 'rejected' || finished.state === 'expired';
    if (unanswered && isRefused && !wasDeclined(finished)) this.answered(finished.kind, false, at);
    for (const probe of this.probes) probe.over?.(finished, at);
    this.options.report.write(() => this.rows.text(this.row(finished)));
  }

  /** The simulation has ended. */
  finish(): void {
    const { report, probes, attributes, state } = this.options;
    report.write(() => this.series.finish(state.now));
    const content: CountersFile = {
      probes,
      attributes,
      end: state.now / 1000,
      counters: this.series.figures(),
      figures: Object.assign({}, ...this.probes.map((probe) => probe.figures?.() ?? {})) as Figures,
    };
    report.write(() => report.file(COUNTERS_FILE).text(`${JSON.stringify(content, null, 2)}\n`));
  }

  private turn({ now, inputs, decisions }: Turn): void {
    // 1. What the turn before has changed is complete.
    this.series.settle();

    // 2. Leases that are asked for, and those that are answered.
    for (const input of inputs)
      if (input.type === 'LeaseRequested') this.request(input.lease, input.terms.start.kind, now);
    for (const decision of decisions)
      if ((decision.type === 'Reserved' || decision.type === 'StartOrdered') && this.live.get(decision.lease) === true)
        this.accept(decision.lease, now);

    // 3. Leases that something happened to, and how everything is now.
    this.tellTouched(inputs, decisions);
    for (const probe of this.probes) probe.turn?.(now);
  }

  /** Whether an answer is awaited: best-effort leases get none. */
  private request(id: LeaseId, kind: Start['kind'], at: Instant): boolean {
    const unanswered = kind !== 'best-effort';
    this.live.set(id, unanswered);
    for (const probe of this.probes) probe.requested?.(at);
    return unanswered;
  }

  private accept(id: LeaseId, at: Instant): void {
    this.live.set(id, false);
    const { state } = this.options;
    const lease = state.leases.get(id) ?? state.over.find((one) => one.id === id);
    if (lease !== undefined) this.answered(lease.terms.start.kind, true, at);
  }

  private answered(kind: Start['kind'], accepted: boolean, at: Instant): void {
    for (const probe of this.probes) probe.answered?.(kind, accepted, at);
  }

  private tellTouched(inputs: Turn['inputs'], decisions: Turn['decisions']): void {
    const { state } = this.options;
    const { touching } = this;
    if (touching.length === 0) return;
    const touch = (id: LeaseId) => {
      const lease = state.leases.get(id);
      if (lease !== undefined) for (const probe of touching) probe.touched?.(lease);
    };
    if (inputs.some(({ type }) => type === 'NodeLost' || type === 'NodeGivenUp' || type === 'NodeRemoved'))
      for (const { id } of state.leases.values()) touch(id);
    for (const input of inputs) if ('order' in input) touch(input.lease);
    for (const decision of decisions) if ('order' in decision) touch(decision.lease);
    for (const lease of state.over) for (const probe of touching) probe.touched?.(lease);
  }

  private row(lease: FinishedLease): string {
    return `${this.columns.map(({ value }) => cellOf(value(lease))).join(',')}\n`;
  }
}

/** Control characters are left out: a row is one line, whatever labels hold. */
function cellOf(value: string | number | null): string {
  if (typeof value === 'number') return String(rounded(value));
  return value === null ? '' : csv(value.replace(/[\u0000-\u001f\u007f]/g, ' '));
}

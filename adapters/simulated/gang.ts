/** The VMs of one lease as they physically are, and the lease's true clock. */

import { compact, expand, has, invariant, size } from '../../engine/index.js';
import type {
  Capacity,
  Duration,
  Group,
  Instant,
  LeaseId,
  Observation,
  OrderId,
  Runs,
  StartOrdered,
  Terms,
  VmPhase,
} from '../../engine/index.js';
import { partsOf, type Part } from './nodes.js';
import type { Happening } from './timeline.js';

/** A gang on paper, for the journal. Phases are settled ones: what would be true if nothing were under way. */
export interface GangRecord {
  readonly run: Duration | null;
  readonly order: OrderId;
  readonly groups: readonly Group[];
  readonly duration: Duration;
  readonly nodes: Runs;
  readonly units: StartOrdered['units'];
  readonly phases: VmPhase | readonly VmPhase[];
  readonly used: Duration;
  readonly since: Instant | null;
  readonly said: readonly Observation[];
  /** Its VMs outlive that their node is lost for a while; absent: they do not. */
  readonly waits?: true;
}

// Shared, so that a lease costs little.
const NO_GROUPS: readonly Group[] = [];
const NO_NODES: Runs = [];
const NO_PARTS: readonly Part[] = [];
const NO_UNITS: readonly string[] = [];
const NOTHING: readonly Observation[] = [];

export class Gang {
  /** The start order of the current run; null: the lease has no VMs. */
  order: OrderId | null = null;
  groups: readonly Group[] = NO_GROUPS;
  duration: Duration = 0;
  nodes: Runs = NO_NODES;
  units: StartOrdered['units'] = null;
  vms = 0;
  /** Its VMs outlive that their node is lost for a while: libvirt does not answer, but they run. */
  waits = false;
  /** What all VMs take together. */
  parts: readonly Part[] = NO_PARTS;
  private phase: VmPhase = 'absent';
  private phases: VmPhase[] | null = null;
  /** How long the clock has run before `since`, the instant from which all VMs have been running; null: it stands. */
  used: Duration = 0;
  since: Instant | null = null;
  /** Its end by itself. */
  end: Happening<unknown> | null = null;
  /** What was said about the current run and still stands, in order. */
  said: readonly Observation[] = NOTHING;

  constructor(
    readonly lease: LeaseId,
    /** How long it truly runs; null: until it is stopped. */
    readonly run: Duration | null,
  ) {}

  /** A new run begins: its VMs are absent so far. */
  place(
    order: OrderId,
    terms: Pick<Terms, 'groups' | 'duration' | 'onNodeLost'>,
    nodes: Runs,
    parts: readonly Part[],
    units: StartOrdered['units'],
  ): void {
    this.order = order;
    this.groups = terms.groups;
    this.duration = terms.duration;
    this.nodes = nodes;
    this.parts = parts;
    this.units = units;
    this.vms = size(nodes);
    this.waits = terms.onNodeLost === 'wait';
    this.phase = 'absent';
    this.phases = null;
    this.used = 0;
    this.since = null;
    this.said = NOTHING;
  }

  /**
   * The run is over: no VM and no image is left. Nothing is held on to, since a Map that leases come into and go out of
   * keeps those gone reachable for a while (its outgrown tables are linked), and they would outlive their youth.
   */
  clear(): void {
    this.order = null;
    this.groups = NO_GROUPS;
    this.nodes = NO_NODES;
    this.parts = NO_PARTS;
    this.units = null;
    this.end = null;
    this.phase = 'absent';
    this.phases = null;
    this.said = NOTHING;
  }

  /** Its VMs are (from now on) on these nodes, where `vms` have what `units` says. */
  move(nodes: Runs, vms: Runs = [], units: StartOrdered['units'] = null): void {
    this.nodes = nodes;
    this.parts = partsOf(this.groups, nodes, null);
    if (units === null || this.units === null) return;
    const entries = Object.entries(this.units).map(([resource, lists]) => {
      return [resource, lists.map((names, i) => (has(vms, i + 1) ? units[resource]![i]! : names))] as const;
    });
    this.units = Object.fromEntries(entries);
  }

  /** Its VMs have this much, by group. */
  resize(demands: readonly Capacity[]): void {
    this.groups = this.groups.map((group, g) => ({ ...group, demand: demands[g]! }));
    this.parts = partsOf(this.groups, this.nodes, null);
  }

  phaseOf(vm: number): VmPhase {
    return this.phases === null ? this.phase : this.phases[vm - 1]!;
  }

  /** Whether all VMs are in this phase. */
  all(phase: VmPhase): boolean {
    return this.phases === null && this.phase === phase;
  }

  /** Whether these VMs are all in this phase. */
  are(vms: Runs, phase: VmPhase): boolean {
    if (this.phases === null) return this.phase === phase;
    for (let i = 0; i < vms.length; i += 2)
      for (let vm = vms[i]!; vm <= vms[i + 1]!; vm++) if (this.phases[vm - 1] !== phase) return false;
    return true;
  }

  /** VMs (null: all) are in this phase now. */
  set(vms: Runs | null, phase: VmPhase): void {
    if (vms !== null && vms.length === 0) return;
    if (vms === null || size(vms) === this.vms) {
      this.phase = phase;
      this.phases = null;
      return;
    }
    this.phases ??= new Array<VmPhase>(this.vms).fill(this.phase);
    for (let i = 0; i < vms.length; i += 2) for (let vm = vms[i]!; vm <= vms[i + 1]!; vm++) this.phases[vm - 1] = phase;
    if (this.phases.every((other) => other === phase)) this.set(null, phase);
  }

  /** Those of `vms` (null: of all) for which `test` holds. */
  which(vms: Runs | null, test: (phase: VmPhase, vm: number) => boolean): number[] {
    const found: number[] = [];
    const among = vms ?? [1, this.vms];
    for (let i = 0; i < among.length; i += 2)
      for (let vm = among[i]!; vm <= among[i + 1]!; vm++)
        if (test(this.phaseOf(vm), vm)) {
          if (found.at(-1) === vm - 1) found[found.length - 1] = vm;
          else found.push(vm, vm);
        }
    return found;
  }

  /** Those of `vms` (null: of all) that take room on their nodes. */
  onNodes(vms: Runs | null): Runs {
    if (this.phases !== null) return this.which(vms, takesRoom);
    return takesRoom(this.phase) ? (vms ?? [1, this.vms]) : [];
  }

  /** Whether a VM or an image of one is anywhere. */
  isThere(): boolean {
    if (this.phases !== null) return this.phases.some(isThere);
    return this.order !== null && isThere(this.phase);
  }

  /** The named units of these VMs (null: of all), as `node resource unit`. */
  unitsOf(vms: Runs | null): readonly string[] {
    const { units } = this;
    if (units === null) return NO_UNITS;
    return namedUnits(units, this.nodes, vms ?? [1, this.vms]);
  }

  /** What was said about this order and still stands; null: nothing. */
  answersTo(order: OrderId): readonly Observation[] | null {
    if (this.order === null) return null;
    const answers = this.said.filter((observation) => 'order' in observation && observation.order === order);
    return answers.length > 0 ? answers : null;
  }

  /** Of what was said of suspensions and resumptions, only the latest kind still stands. */
  say(observation: Observation): Observation {
    if (observation.type === 'VmsStarted') this.said = [observation];
    else {
      const stands = this.said.filter((other) => other.type === 'VmsStarted' || other.type === observation.type);
      this.said = [...stands, observation];
    }
    return observation;
  }

  record(): GangRecord | null {
    if (this.order === null) return null;
    const phases = this.phases === null ? settled(this.phase) : this.phases.map(settled);
    if (phases === 'absent') return null;
    const { run, order, groups, duration, nodes, units, used, since, said } = this;
    return {
      ...{ run, order, groups, duration, nodes, units, phases, used, since, said },
      ...(this.waits ? { waits: true } : {}),
    };
  }

  static from(lease: LeaseId, record: GangRecord): Gang {
    const gang = new Gang(lease, record.run);
    const { order, nodes, units } = record;
    gang.place(order, record, nodes, partsOf(record.groups, nodes, null), units);
    if (typeof record.phases === 'string') gang.phase = record.phases;
    else {
      invariant(record.phases.length === gang.vms, 'a gang has a phase for every VM');
      gang.phases = [...record.phases];
    }
    gang.waits = record.waits === true;
    gang.used = record.used;
    gang.since = record.since;
    gang.said = record.said;
    return gang;
  }
}

/** The named units of these VMs on these nodes, as `node resource unit`. */
export function namedUnits(units: NonNullable<StartOrdered['units']>, nodes: Runs, vms: Runs): string[] {
  const nodeOf = expand(nodes);
  const names: string[] = [];
  for (const vm of expand(vms))
    for (const [resource, lists] of Object.entries(units))
      for (const unit of lists[vm - 1] ?? []) names.push(`${nodeOf[vm - 1]} ${resource} ${unit}`);
  return names;
}

/** The VMs that this assignment puts on `node`, as a test. */
export function isOn(nodes: Runs, node: number): (vm: number) => boolean {
  const vms = new Set<number>();
  let vm = 1;
  for (let i = 0; i < nodes.length; i += 2) {
    if (nodes[i]! <= node && node <= nodes[i + 1]!) vms.add(vm + node - nodes[i]!);
    vm += nodes[i + 1]! - nodes[i]! + 1;
  }
  return (candidate) => vms.has(candidate);
}

/** The assignment `from`, with `vms` where `to` has them; `from` itself where nothing changes. */
export function moved(from: Runs, vms: Runs, to: Runs): Runs {
  if (from.length === to.length && from.every((n, i) => n === to[i])) return from;
  const nodes = expand(from);
  const targets = expand(to);
  let changed = false;
  for (const vm of expand(vms)) {
    if (nodes[vm - 1] === targets[vm - 1]) continue;
    nodes[vm - 1] = targets[vm - 1]!;
    changed = true;
  }
  return changed ? compact(nodes) : from;
}

/** Whether a VM in this phase takes room on its node. */
export function takesRoom(phase: VmPhase): boolean {
  return phase !== 'absent' && phase !== 'suspended' && phase !== 'lost';
}

function isThere(phase: VmPhase): boolean {
  return phase !== 'absent' && phase !== 'lost';
}

/** The phase a VM falls back to when what is under way never finishes. */
function settled(phase: VmPhase): VmPhase {
  if (phase === 'starting') return 'absent';
  if (phase === 'suspending' || phase === 'stopping') return 'running';
  if (phase === 'resuming') return 'suspended';
  return phase;
}

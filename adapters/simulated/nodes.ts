/**
 * What is physically on the nodes of a simulated cluster. No node is ever over its capacity: room is taken whole or
 * not at all. Exclusive nodes are one bit each, so that a lease on 512 of them costs 16 words.
 */

import { fitsInto, invariant, pushRun, type Capacity, type Group, type NodeClass } from '../../engine/index.js';
import type { Instant, Runs } from '../../engine/index.js';

/** VMs that are alike, and the node of each. */
export interface Part {
  readonly demand: Capacity;
  readonly nodes: Runs;
}

/** Nodes of one class: `first`..`last`. Shared ones have their free capacity in `Nodes.free`, from `at` on. */
interface Band {
  readonly first: number;
  readonly last: number;
  readonly capacity: Capacity;
  readonly exclusive: boolean;
  readonly at: number;
}

export class Nodes {
  private readonly bands: Band[] = [];
  private latest: Band | null = null;
  /** One bit a node: an exclusive node that holds a VM. */
  private taken = new Uint32Array(64);
  private free = new Float64Array(0);
  /** Named units handed out, as `node resource unit`. */
  private readonly units = new Set<string>();
  /** Since when nodes do not answer. */
  readonly lost = new Map<number, Instant>();
  private readonly gone = new Set<number>();

  /** The highest node number. */
  get count(): number {
    return this.bands.at(-1)?.last ?? 0;
  }

  add(nodes: NodeClass): void {
    invariant(nodes.first > this.count, 'nodes are added in order of their numbers');
    const last = nodes.first + nodes.count - 1;
    const at = this.free.length;
    const capacity = nodes.leasable ?? nodes.capacity;
    this.bands.push({ first: nodes.first, last, capacity, exclusive: nodes.exclusive, at });
    if (nodes.exclusive) {
      const words = (last >>> 5) + 1;
      if (words > this.taken.length) this.taken = extended(this.taken, new Uint32Array(2 * words));
    } else {
      this.free = extended(this.free, new Float64Array(at + nodes.count * capacity.length));
      for (let i = 0; i < nodes.count; i++) this.free.set(capacity, at + i * capacity.length);
    }
  }

  remove(node: number): void {
    if (node > this.count) return;
    this.gone.add(node);
    this.lost.delete(node);
  }

  /** Of one node. */
  capacityOf(node: number): Capacity {
    return this.bandOf(node).capacity;
  }

  /** Whether a VM takes the whole of the node. */
  isExclusive(node: number): boolean {
    return this.bandOf(node).exclusive;
  }

  /** A node among `nodes` that does not answer or has left; null: all are there. */
  unreachable(nodes: Runs): number | null {
    if (this.lost.size === 0 && this.gone.size === 0) return null;
    for (let i = 0; i < nodes.length; i += 2)
      for (let n = nodes[i]!; n <= nodes[i + 1]!; n++) if (this.isUnreachable(n)) return n;
    return null;
  }

  isUnreachable(node: number): boolean {
    return this.lost.has(node) || this.gone.has(node);
  }

  /** Takes room for all the VMs, or for none. */
  take(parts: readonly Part[], units: readonly string[]): boolean {
    for (let i = 0; i < units.length; i++) if (this.units.has(units[i]!)) return false;
    for (let i = 0; i < parts.length; i++) {
      if (this.takePart(parts[i]!)) continue;
      for (let j = 0; j < i; j++) this.givePart(parts[j]!);
      return false;
    }
    for (let i = 0; i < units.length; i++) this.units.add(units[i]!);
    return true;
  }

  /** Gives the room of VMs back. */
  give(parts: readonly Part[], units: readonly string[]): void {
    for (let i = 0; i < parts.length; i++) this.givePart(parts[i]!);
    for (let i = 0; i < units.length; i++)
      invariant(this.units.delete(units[i]!), 'a named unit is given back by the VM that holds it');
  }

  private takePart(part: Part): boolean {
    const { nodes, demand } = part;
    for (let i = 0; i < nodes.length; i += 2) {
      if (this.takeRun(nodes[i]!, nodes[i + 1]!, demand)) continue;
      for (let j = 0; j < i; j += 2) this.giveRun(nodes[j]!, nodes[j + 1]!, demand);
      return false;
    }
    return true;
  }

  private givePart(part: Part): void {
    const { nodes, demand } = part;
    for (let i = 0; i < nodes.length; i += 2) this.giveRun(nodes[i]!, nodes[i + 1]!, demand);
  }

  private takeRun(first: number, last: number, demand: Capacity): boolean {
    let from = first;
    while (from <= last) {
      const band = this.bandOf(from);
      const until = Math.min(last, band.last);
      const taken = band.exclusive
        ? fitsInto(demand, band.capacity) && this.areFree(from, until)
        : this.takeShared(band, from, until, demand);
      if (!taken) {
        this.giveRun(first, from - 1, demand);
        return false;
      }
      if (band.exclusive) this.mark(from, until, true);
      from = until + 1;
    }
    return true;
  }

  private giveRun(first: number, last: number, demand: Capacity): void {
    let from = first;
    while (from <= last) {
      const band = this.bandOf(from);
      const until = Math.min(last, band.last);
      if (band.exclusive) this.mark(from, until, false);
      else for (let node = from; node <= until; node++) this.addShared(band, node, demand, 1);
      from = until + 1;
    }
  }

  private takeShared(band: Band, first: number, last: number, demand: Capacity): boolean {
    for (let node = first; node <= last; node++) {
      if (this.fitsShared(band, node, demand)) {
        this.addShared(band, node, demand, -1);
        continue;
      }
      for (let other = first; other < node; other++) this.addShared(band, other, demand, 1);
      return false;
    }
    return true;
  }

  private fitsShared(band: Band, node: number, demand: Capacity): boolean {
    const at = band.at + (node - band.first) * band.capacity.length;
    for (let r = 0; r < demand.length; r++) if (demand[r]! > this.free[at + r]!) return false;
    return true;
  }

  private addShared(band: Band, node: number, demand: Capacity, factor: 1 | -1): void {
    const at = band.at + (node - band.first) * band.capacity.length;
    for (let r = 0; r < demand.length; r++) {
      const free = this.free[at + r]! + factor * demand[r]!;
      invariant(free >= 0 && free <= band.capacity[r]!, 'a node holds between nothing and its capacity');
      this.free[at + r] = free;
    }
  }

  private areFree(first: number, last: number): boolean {
    for (let word = first >>> 5; word <= last >>> 5; word++)
      if ((this.taken[word]! & maskOf(word, first, last)) !== 0) return false;
    return true;
  }

  private mark(first: number, last: number, taken: boolean): void {
    for (let word = first >>> 5; word <= last >>> 5; word++) {
      const mask = maskOf(word, first, last);
      const before = this.taken[word]! & mask;
      invariant(taken ? before === 0 : before === mask, 'an exclusive node holds one VM or none');
      this.taken[word] = this.taken[word]! ^ mask;
    }
  }

  private bandOf(node: number): Band {
    if (this.latest !== null && this.latest.first <= node && node <= this.latest.last) return this.latest;
    let low = 0;
    let high = this.bands.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bands[middle]!.last < node) low = middle + 1;
      else high = middle;
    }
    const band = this.bands[low];
    invariant(band !== undefined && band.first <= node, 'orders name nodes that the cluster has');
    this.latest = band;
    return band;
  }
}

/** The bits of the word that stand for nodes in first..last, as a signed word like the results of `&`. */
function maskOf(word: number, first: number, last: number): number {
  let mask = -1;
  if (word === first >>> 5) mask &= -1 << (first & 31);
  if (word === last >>> 5) mask &= -1 >>> (31 - (last & 31));
  return mask;
}

function extended<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** The nodes of VMs `vms` (null: of all) by group, in order of the VMs. */
export function partsOf(groups: readonly Group[], nodes: Runs, vms: Runs | null): Part[] {
  if (vms === null && groups.length === 1) return [{ demand: groups[0]!.demand, nodes }];
  const parts: Part[] = [];
  let first = 1;
  for (const group of groups) {
    const last = first + group.vms - 1;
    const chosen: number[] = [];
    const wanted = vms ?? [first, last];
    for (let i = 0; i < wanted.length; i += 2)
      copyRange(nodes, Math.max(first, wanted[i]!), Math.min(last, wanted[i + 1]!), chosen);
    if (chosen.length > 0) parts.push({ demand: group.demand, nodes: chosen });
    first = last + 1;
  }
  return parts;
}

/** Appends the nodes of VMs first..last to `to`. O(pairs). */
function copyRange(nodes: Runs, first: number, last: number, to: number[]): void {
  let vm = 1;
  for (let i = 0; i < nodes.length && vm <= last; i += 2) {
    const count = nodes[i + 1]! - nodes[i]! + 1;
    const from = Math.max(first, vm);
    const until = Math.min(last, vm + count - 1);
    if (from <= until) pushRun(to, nodes[i]! + from - vm, nodes[i]! + until - vm);
    vm += count;
  }
}

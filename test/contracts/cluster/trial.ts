/** One case of the suite: machines, the service that commands them, and what its log would have. */

import { expect } from 'vitest';
import type { RunOnNodes } from '../../../adapters/libvirt/whereabouts.js';
import { type LeaseId, type Observation, type Order, size } from '../../../engine/index.js';
import { eventually } from '../../support/eventually.js';
import type { Capability, ClusterKind, ClusterSite, Life } from './kind.js';
import { written } from './orders.js';
import type { Wire } from './wire.js';

/** A case for clusters that lack none of `needs`. */
export type Case = (
  name: string,
  how: { readonly needs?: readonly Capability[]; readonly nodes?: number },
  body: (trial: Trial) => Promise<void>,
) => void;

export class Trial {
  /** By the service that lives. */
  readonly heard: string[] = [];
  /** All that was said, also by services before. */
  readonly observations: Observation[] = [];
  private readonly runs = new Map<LeaseId, RunOnNodes>();
  private readonly sizes = new Map<LeaseId, number>();
  private epoch = 0;
  private life: Life | null = null;

  private constructor(
    private readonly kind: ClusterKind,
    readonly site: ClusterSite,
  ) {}

  static async begin(kind: ClusterKind, nodes: number): Promise<Trial> {
    const trial = new Trial(kind, await kind.site(nodes));
    await trial.next();
    return trial;
  }

  get machines(): Life {
    return this.life!;
  }

  wire(node: number): Wire {
    return this.site.wires[node - 1]!;
  }

  /** A lease runs, as the log has it. */
  knows(lease: LeaseId, run: RunOnNodes): void {
    this.runs.set(lease, run);
    this.sizes.set(lease, size(run.nodes));
  }

  /** As the loop gives it: in the log first. `epoch`: of another service than the one that lives. */
  enact(order: Order, epoch = this.epoch): void {
    const { decision } = order;
    if (epoch === this.epoch && decision.type === 'StartOrdered' && !this.runs.has(decision.lease))
      this.knows(decision.lease, { run: order.id, nodes: decision.nodes });
    const image = this.kind.image;
    const groups = order.terms.groups.map((group) => ({ ...group, image }));
    this.life!.enact({ ...order, epoch, terms: { ...order.terms, groups } });
  }

  /** Gives it, and waits for its answer. */
  async does(order: Order, answer: string): Promise<void> {
    this.enact(order);
    await this.hears(`${answer} ${order.decision.lease} ${order.id}`);
  }

  /** These, in this order, and no others since it was asked last. */
  async hears(...expected: readonly string[]): Promise<void> {
    await eventually(() => this.heard).toEqual(expected);
    this.heard.length = 0;
  }

  /** These, in any order. */
  async hearsAll(...expected: readonly string[]): Promise<void> {
    await eventually(() => [...this.heard].sort()).toEqual([...expected].sort());
    this.heard.length = 0;
  }

  /** This, once or more often, and nothing else. */
  async hearsOnly(expected: string): Promise<void> {
    await eventually(() => [...new Set(this.heard)]).toEqual([expected]);
    this.heard.length = 0;
  }

  async hearsEither(...expected: readonly string[]): Promise<void> {
    await eventually(() => this.heard.length).toBe(1);
    expect(expected).toContain(this.heard.pop());
  }

  /** This, whatever came before. */
  async hearsLast(expected: string): Promise<void> {
    await eventually(() => this.heard.at(-1)).toBe(expected);
    this.heard.length = 0;
  }

  /** What is there, once things have settled. */
  async finds(expected: Readonly<Record<string, string>>): Promise<void> {
    await eventually(() => this.site.found(this.sizes)).toEqual(expected);
  }

  async surveys(...expected: readonly string[]): Promise<void> {
    await eventually(async () => (await this.life!.survey()).map(written)).toEqual(expected);
  }

  /** Another service in place of the one that lives. */
  async next(how: 'closed' | 'killed' = 'killed'): Promise<void> {
    await this.life?.end(how);
    this.heard.length = 0;
    this.epoch++;
    this.life = await this.site.begin(this.epoch, this.runs);
    this.listen();
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    return this.life!.listen({
      next: (observation) => this.hear(observation),
      error: (error) => {
        throw error;
      },
    });
  }

  async end(): Promise<void> {
    await this.site.end();
  }

  /** As the log takes it in. */
  private hear(observation: Observation): void {
    this.heard.push(written(observation));
    this.observations.push(observation);
    if (!('lease' in observation)) return;
    const { lease, type } = observation;
    const isOfRun = this.runs.get(lease)?.run === observation.order;
    if (type === 'VmsStopped' || type === 'LeaseEnded' || (type === 'OrderFailed' && isOfRun)) this.runs.delete(lease);
  }
}

/** Nothing of ours is left on any host, neither a domain nor a file. */
export async function findsNothing(trial: Trial): Promise<void> {
  await trial.finds({});
  await eventually(() => trial.site.things()).toEqual([]);
  expect(await trial.machines.survey()).toEqual([]);
}

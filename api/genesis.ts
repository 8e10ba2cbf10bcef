/** What a log begins with, and whether one that is there began as its operator says. */

import type { Claimant, Command, Epoch, State, Turn } from '../engine/index.js';
import { canonical } from './canonical.js';
import { ConfigError } from './config.js';
import type { Genesis, LoopSettings } from './loop-messages.js';

/** A new log begins with one turn: so many classes of nodes fit into it for certain. */
const CLASSES_MAX = 500;

/** Takes the log over, and begins it where it is empty. Throws a ConfigError. */
export function openingOf(
  { policy, resources, nodes }: Genesis,
  state: State,
  claimed: (Claimant & { readonly after: Epoch }) | undefined,
): Command[] {
  const { after = 0, ...claimant } = claimed ?? {};
  const claim: Command = { type: 'ClaimEpoch', epoch: Math.max(state.epoch, after) + 1, ...claimant };
  if (state.turn > 0) return [claim];
  if (nodes.length > CLASSES_MAX) {
    throw new ConfigError(
      `the site has ${nodes.length} classes of nodes; put those that are alike together, at most ${CLASSES_MAX}`,
    );
  }
  return [
    claim,
    { type: 'AdoptPolicy', policy },
    { type: 'DeclareSite', resources },
    ...nodes.map((of): Command => ({ type: 'AddNodes', nodes: of })),
  ];
}

/** A site or policy that was named must be the one that the log began with: it would not be used otherwise. */
export function checkGenesis(
  { genesis, given, storeName }: Pick<LoopSettings, 'genesis' | 'given' | 'storeName'>,
  first: Turn | null,
): void {
  if (first === null) return;
  const begun = new Map(first.inputs.map((input) => [input.type, input]));
  const nodes = first.inputs.flatMap((input) => (input.type === 'NodesAdded' ? [withoutFirst(input.nodes)] : []));
  const site = begun.get('SiteDeclared');
  const policy = begun.get('PolicyAdopted');
  const resources = site?.type === 'SiteDeclared' ? site.resources : [];
  const sameSite = same([resources, nodes], [genesis.resources, genesis.nodes.map(withoutFirst)]);
  const samePolicy = same(policy?.type === 'PolicyAdopted' ? policy.policy : null, genesis.policy);
  const wrong = [given.site && !sameSite ? 'site' : '', given.policy && !samePolicy ? 'policy' : ''].filter(Boolean);
  if (wrong.length === 0) return;
  throw new ConfigError(
    `${storeName} was begun with another ${wrong.join(' and ')}; leave out the options, or begin a new log with --data-dir`,
  );
}

function withoutFirst<T extends object>(nodes: T): Omit<T, 'first'> {
  const { first: _, ...rest } = nodes as T & { first?: number };
  return rest;
}

function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

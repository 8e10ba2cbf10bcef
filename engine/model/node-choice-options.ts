/** The options of node choices: which function of the registry takes which, and within which limits. */

import { VMS_MAX } from './lease.js';
import { NODE_CHOICES, type Policy } from './policy.js';

export type NodeChoiceName = (typeof NODE_CHOICES)[number];

interface Option {
  readonly least: number;
  readonly most: number;
  readonly default: number;
}

const NONE = {};

export const NODE_CHOICE_OPTIONS: Readonly<Record<NodeChoiceName, Readonly<Record<string, Option>>>> = {
  'greedy@1': NONE,
  'first@1': NONE,
  'packed@1': NONE,
  'striping@1': NONE,
  'round-robin@1': NONE,
  'n-by-hosts@1': { n: { least: 1, most: VMS_MAX, default: 1 } },
  'load-aware@1': NONE,
  'by-load@1': NONE,
  'fixed-priority@1': NONE,
  'random@1': { seed: { least: 0, most: 1_000_000_000, default: 1 } },
};

/** What is wrong with the name or an option, and what is accepted; null: nothing. */
export function faultOfNodeChoice(name: string, options: Readonly<Record<string, number>>): string | null {
  const known = NODE_CHOICES.find((one) => one === name);
  if (known === undefined) return `node choice ${name} is not known; known are ${NODE_CHOICES.join(', ')}`;
  const accepted = new Map(Object.entries(NODE_CHOICE_OPTIONS[known]));
  for (const [key, value] of Object.entries(options)) {
    const option = accepted.get(key);
    if (option === undefined) {
      const others = accepted.size === 0 ? 'it takes none' : `it takes ${[...accepted.keys()].join(', ')}`;
      return `node choice ${name} has no option ${key.slice(0, 40)}; ${others}`;
    }
    const { least, most } = option;
    if (!Number.isSafeInteger(value) || value < least || value > most)
      return `option ${key} of node choice ${name} is a whole number from ${least} to ${most}, not ${value}`;
  }
  return null;
}

/** The option as the policy has it, or its default. */
export function nodeChoiceOption(policy: Policy, choice: NodeChoiceName, option: string): number {
  return policy.nodeChoiceOptions[option] ?? NODE_CHOICE_OPTIONS[choice][option]!.default;
}

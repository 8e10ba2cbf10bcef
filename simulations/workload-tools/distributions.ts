/**
 * The distributions of Haizea's generator and annotator, as a section of settings describes them: `uniform`, `normal`
 * (cut off at its bounds), `bounded-pareto`, `truncated-pareto`; of numbers, of whole numbers (`discrete`) or of a list
 * of values.
 */

import { decimal, flag, oneOf, whole } from '../haizea/option-kinds.js';
import { Chance, seedFor } from './chance.js';
import { required, type Settings, valueIn, valueOr } from './tool-settings.js';

export interface Distribution {
  /** The bounds of what is drawn; null: it is one of a list of values, or has no bounds. */
  readonly bounds: { readonly min: number; readonly max: number } | null;
  /** A number, or a value of the list. */
  draw(): number | string;
}

/** Times, rates and counts. */
const NOT_NEGATIVE = 0;

/** The keys that describe a distribution. */
export const DISTRIBUTION_KEYS: readonly string[] = [
  ...['distribution', 'discrete', 'min', 'max', 'values', 'mu', 'sigma', 'alpha', 'scale', 'invert', 'seed'],
];

const KIND = oneOf('uniform', 'normal', 'bounded-pareto', 'truncated-pareto');
export const SEED = whole(0, 2 ** 32 - 1);
const NUMBER_MAX = 1_000_000_000;
const VALUES_MAX = 1_000_000;
/** Haizea's truncated Pareto is cut at ten times its unit, and stretched between the bounds. */
const CUT = 10;

/** The distribution of a section; null: there is no such section. A seed of its own comes before `seed`. */
export function distributionIn(settings: Settings, section: string, seed: number): Distribution | null {
  if (!settings.has(section)) return null;
  const own = valueOr(settings, section, 'seed', SEED, seedFor(seed, section));
  const chance = new Chance(own);
  const kind = valueIn(settings, section, 'distribution', KIND);
  if (!valueOr(settings, section, 'discrete', flag, false)) {
    const bounds = boundsIn(settings, section, kind === 'normal');
    const draw = continuous(settings, section, kind, bounds, chance);
    return { bounds: Number.isFinite(bounds.max - bounds.min) ? bounds : null, draw };
  }
  if (kind !== 'uniform' && kind !== 'truncated-pareto') {
    const hint = 'Discrete distributions are uniform or truncated-pareto.';
    throw settings.fault(section, 'discrete', `${kind} is not discrete`, hint);
  }
  const values = valuesIn(settings, section);
  const index = continuous(settings, section, kind, { min: 0, max: values.length }, chance);
  const last = values.length - 1;
  const draw = () => values[Math.min(last, Math.floor(index()))]!;
  const numbers = values.filter((value) => typeof value === 'number');
  const bounds = numbers.length === 0 ? null : { min: numbers[0]!, max: numbers.at(-1)! };
  return { bounds, draw };
}

/** What is drawn, as a number from `least` on: what has no bounds is cut there. A list of words is refused. */
export function numberFrom(
  distribution: Distribution,
  settings: Settings,
  section: string,
  least = NOT_NEGATIVE,
): () => number {
  const { bounds } = distribution;
  if (bounds !== null && bounds.min < least)
    throw settings.fault(section, 'min', `${bounds.min} is less than ${least}`, `Write a number from ${least}.`);
  const isList = settings.has(section, 'values');
  return () => {
    const drawn = Number(distribution.draw());
    if (Number.isFinite(drawn) && (drawn >= least || !isList)) return Math.max(least, drawn);
    const hint = `Write numbers from ${least} on, between blanks.`;
    throw settings.fault(section, 'values', 'not all are numbers that are accepted', hint);
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function boundsIn(settings: Settings, section: string, mayBeUnbounded: boolean): Bounds {
  const bound = (key: 'min' | 'max', unbounded: number) => {
    if (!mayBeUnbounded || settings.text(section, key) !== 'unbounded') {
      return valueIn(settings, section, key, decimal(-NUMBER_MAX, NUMBER_MAX));
    }
    return unbounded;
  };
  const [min, max] = [bound('min', Number.NEGATIVE_INFINITY), bound('max', Number.POSITIVE_INFINITY)];
  if (min <= max) return { min, max };
  throw settings.fault(section, 'max', `${max} is less than min (${min})`, 'Write min ≤ max.');
}

function continuous(
  settings: Settings,
  section: string,
  kind: 'uniform' | 'normal' | 'bounded-pareto' | 'truncated-pareto',
  { min, max }: Bounds,
  chance: Chance,
): () => number {
  if (kind === 'uniform') return () => chance.uniform(min, max);
  if (kind === 'normal') {
    const mu = valueIn(settings, section, 'mu', decimal(-NUMBER_MAX, NUMBER_MAX));
    const sigma = valueIn(settings, section, 'sigma', decimal(0, NUMBER_MAX));
    return () => Math.min(max, Math.max(min, mu + sigma * chance.normal()));
  }
  const alpha = valueIn(settings, section, 'alpha', decimal(0.001, 1000));
  const invert = valueOr(settings, section, 'invert', flag, false);
  const mirrored = (draw: () => number) => (invert ? () => max - (draw() - min) : draw);
  if (kind === 'truncated-pareto') {
    const scale = valueIn(settings, section, 'scale', decimal(0.000001, NUMBER_MAX));
    // Less of the fraction would be beyond the cut.
    const least = (scale / (scale + CUT)) ** alpha;
    return mirrored(() => {
      const beyond = scale * chance.uniform(least, 1) ** (-1 / alpha) - scale;
      return min + (Math.min(CUT, Math.max(0, beyond)) / CUT) * (max - min);
    });
  }
  if (min <= 0) throw settings.fault(section, 'min', 'is not more than 0', 'A bounded Pareto begins above 0.');
  // The inverse of F(x) = (1 - (min/x)^alpha) / (1 - (min/max)^alpha).
  const tail = 1 - (min / max) ** alpha;
  return mirrored(() => Math.min(max, Math.max(min, min * (1 - chance.fraction() * tail) ** (-1 / alpha))));
}

/** The whole numbers from min to max, or the list in `values`. */
function valuesIn(settings: Settings, section: string): readonly (number | string)[] {
  if (!settings.has(section, 'values')) {
    const min = valueIn(settings, section, 'min', whole(-NUMBER_MAX, NUMBER_MAX));
    const max = valueIn(settings, section, 'max', whole(-NUMBER_MAX, NUMBER_MAX));
    if (min <= max && max - min < VALUES_MAX) return Array.from({ length: max - min + 1 }, (_, i) => min + i);
    throw settings.fault(section, 'max', `${min} to ${max} is no range`, `At most ${VALUES_MAX} numbers, min ≤ max.`);
  }
  const words = required(settings, section, 'values', '')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length > 0) return words;
  throw settings.fault(section, 'values', 'is empty', 'Write values between blanks.');
}

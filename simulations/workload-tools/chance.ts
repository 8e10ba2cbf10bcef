/**
 * Random numbers of many distributions, from a seed. Logarithms and powers may differ in the last bit between versions
 * of JavaScript: the same seed gives the same bytes with the same version of Node.
 */

import { Random } from '../../engine/index.js';

export class Chance {
  private readonly random: Random;
  private spare: number | null = null;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** In (0, 1): of 53 bits, never an end. */
  fraction(): number {
    const high = this.random.next() >>> 6;
    const low = this.random.next() >>> 5;
    return (high * 134_217_728 + low + 0.5) / 2 ** 53;
  }

  uniform(least: number, most: number): number {
    return least + (most - least) * this.fraction();
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** With mean 1. */
  exponential(): number {
    return -Math.log(this.fraction());
  }

  /** With mean 0 and standard deviation 1: Marsaglia's polar method, which makes two at a time. */
  normal(): number {
    if (this.spare !== null) {
      const spare = this.spare;
      this.spare = null;
      return spare;
    }
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * factor;
      return x * factor;
    }
  }

  /** Of that shape (≥ 1) and scale: Marsaglia and Tsang 2000, "A simple method for generating gamma variables". */
  gamma(shape: number, scale: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(this.fraction()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v * scale;
    }
  }

  /** Its logarithm is uniform between these. */
  logUniform(leastLog: number, mostLog: number): number {
    return Math.exp(this.uniform(leastLog, mostLog));
  }
}

/** Seeds for the parts of a run that each have their own sequence: FNV-1a over the part's name. */
export function seedFor(seed: number, part: string): number {
  let hash = 0x811c9dc5 ^ (seed >>> 0);
  for (const byte of Buffer.from(part)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash >>> 0;
}

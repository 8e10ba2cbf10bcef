/** How busy a node was seen to be. The log holds the class alone: samples never say the same twice, a replay must. */

export const LOAD_CLASSES = ['idle', 'low', 'high', 'unknown'] as const;
export type LoadClass = (typeof LOAD_CLASSES)[number];

/** Shares of the cpu in use. What is idle or high stays so for a margin of 0.05 beyond where it became so. */
const IDLE_BELOW = 0.05;
const NOT_IDLE_FROM = 0.1;
const HIGH_FROM = 0.6;
const NOT_HIGH_BELOW = 0.55;

/**
 * The class of a sample, from 0 (nothing of the cpu is in use) to 1 (all of it), of a node that was in class `previous`;
 * null: there is no sample. Samples that stay within 0.05 of each other change the class once at most.
 */
export function classifyLoad(previous: LoadClass, sample: number | null): LoadClass {
  if (sample === null || Number.isNaN(sample)) return 'unknown';
  if (sample < (previous === 'idle' ? NOT_IDLE_FROM : IDLE_BELOW)) return 'idle';
  return sample < (previous === 'high' ? NOT_HIGH_BELOW : HIGH_FROM) ? 'low' : 'high';
}

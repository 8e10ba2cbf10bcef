/** Products and quotients of whole numbers, exact where doubles are not. */

/** The whole part of a × b / c, for a, b ≥ 0 and c > 0; at most 2^53 - 1. */
export function mulDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c);
  return toNumber((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** As a number; at most 2^53 - 1. */
export function toNumber(value: bigint): number {
  return value > MAX ? Number.MAX_SAFE_INTEGER : Number(value);
}

const MAX = BigInt(Number.MAX_SAFE_INTEGER);

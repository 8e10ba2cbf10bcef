/** Numbers of at most three decimals, which are written and read again as they were. */

export function isDecimal(value: unknown): value is number {
  if (typeof value !== 'number') return false;
  const parts = thousandthsOf(value);
  return Number.isSafeInteger(parts) && parts / 1000 === value;
}

/** A whole number, exactly that of a decimal. */
export function thousandthsOf(value: number): number {
  return Math.round(value * 1000);
}

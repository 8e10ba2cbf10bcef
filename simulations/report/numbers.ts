/** Times in files: seconds, whole ones without decimals, others with at most three. */

/** From whole milliseconds. A quotient by 1000 has at most three decimals in its shortest form. */
export function seconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}

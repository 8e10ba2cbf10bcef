/** CSV (RFC 4180) that spreadsheets take for text: no cell begins a formula. */

/** Texts, numbers and truth values as they are, what is not there as nothing, and whatever has parts as JSON. */
export function csvLine(columns: readonly string[], row: Readonly<Record<string, unknown>>): string {
  return `${columns.map((name) => csvCell(row[name])).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // What somebody has named a lease is shown to others in programs that calculate.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The comments at the head of an SWF file: `; Key: value`. Read leniently, since logs differ. */

export interface SwfHeader {
  /** Processors of the machine; null: not said, or not a positive number. */
  readonly maxProcs: number | null;
  readonly maxNodes: number | null;
  /** How many jobs the log has, as far as it says. */
  readonly maxRecords: number | null;
  /** Seconds since 1970 of the log's time 0. */
  readonly unixStartTime: number | null;
  readonly computer: string | null;
  readonly installation: string | null;
  /** Whom to name when the log is used. */
  readonly acknowledge: readonly string[];
}

const VALUE_MAX = 500;
const ACKNOWLEDGE_MAX = 32;
const KEY = /^;[;\s]*([A-Za-z][A-Za-z0-9]{0,31})[ \t]*:(.*)$/;

/** Reads the comment lines; the first of several equal keys counts, and lines of another form are passed over. */
export function readHeader(lines: readonly string[]): SwfHeader {
  const values = new Map<string, string>();
  const acknowledge: string[] = [];
  for (const line of lines) {
    const match = KEY.exec(line);
    if (match === null) continue;
    const key = match[1]!.toLowerCase();
    const value = match[2]!
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
      .trim()
      .slice(0, VALUE_MAX);
    if (value === '') continue;
    if (key === 'acknowledge' && acknowledge.length < ACKNOWLEDGE_MAX) acknowledge.push(value);
    if (!values.has(key)) values.set(key, value);
  }
  return {
    maxProcs: positive(values.get('maxprocs')),
    maxNodes: positive(values.get('maxnodes')),
    maxRecords: positive(values.get('maxrecords') ?? values.get('maxjobs')),
    unixStartTime: positive(values.get('unixstarttime')),
    computer: values.get('computer') ?? null,
    installation: values.get('installation') ?? null,
    acknowledge,
  };
}

/** The number at the beginning of the value (`1152 (144 nodes)`), if it is whole and > 0. */
function positive(value: string | undefined): number | null {
  const match = /^\d{1,15}(?![\d.])/.exec(value ?? '');
  const number = match === null ? 0 : Number(match[0]);
  return number > 0 ? number : null;
}

/** UTF-8, or Latin-1 where it is not valid UTF-8 (older logs). */
export function decodeComment(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

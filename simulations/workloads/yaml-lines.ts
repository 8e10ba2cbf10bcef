/**
 * The text of a workload in YAML as a document. A full reader of YAML takes a second for some thousand leases; where the
 * leases are written one a line in JSON (which is YAML, too, and what we write), they are read a hundred times faster.
 */

import { InputError } from '../input-error.js';
import { parseYaml, type YamlFile } from '../yaml-file.js';

/** What is left to the full reader. */
const FULL_MAX = 8 * 1024 * 1024;
const HEAD = /(?:^|\n)leases:[ \t]*\r?\n/;
const ITEM = /^ *- (\{.*\})\r?$/;

/** Throws InputError. */
export function parseWorkloadText(text: string, file: string): YamlFile {
  const head = HEAD.exec(text);
  const begin = head === null ? 0 : head.index + head[0].length;
  const leases = head === null ? null : leasesIn(text.slice(begin));
  if (leases === null) {
    if (text.length <= FULL_MAX) return parseYaml(text, file);
    const hint =
      'Write one lease a line in JSON, as `leasehold workload convert --to yaml` does, or split the workload.';
    throw new InputError(`more than ${FULL_MAX / 1024 ** 2} MiB of YAML`, { file }, hint);
  }
  // The rest is small: all of it but the list, which is put in its place.
  const rest = parseYaml(`${text.slice(0, begin).replace(/leases:\s*$/, '')}leases: []\n`, file);
  const first = text.slice(0, begin).split('\n').length;
  const isLease = (path: readonly (string | number)[]) => path[0] === 'leases' && typeof path[1] === 'number';
  return {
    value: { ...(rest.value as object), leases },
    line: (path) => (isLease(path) ? first + (path[1] as number) : rest.line(path)),
    fault: (path, problem, hint) => {
      const fault = rest.fault(path, problem, hint);
      if (!isLease(path)) return fault;
      return new InputError(problem, { file, line: first + (path[1] as number), path: fault.path }, hint);
    },
  };
}

/**
 * The leases, when each line is one, in the very letters that JSON.stringify would write: so there are no repeated keys,
 * and nothing that YAML would read otherwise. null: it is for the full reader.
 */
function leasesIn(text: string): readonly unknown[] | null {
  const leases: unknown[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') break;
    const item = ITEM.exec(line)?.[1];
    if (item === undefined) return null;
    try {
      const lease: unknown = JSON.parse(item);
      if (JSON.stringify(lease) !== item) return null;
      leases.push(lease);
    } catch {
      return null; // no JSON, or nested too deep
    }
  }
  const isAll = leases.length > 0 && text.split('\n').length - leases.length <= 1;
  return isAll ? leases : null;
}

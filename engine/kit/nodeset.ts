/**
 * Runs of node numbers. `[1, 16, 33, 33]` is written `1-16 33`: pairs of first and last.
 * Two uses, one shape: a *set* (sorted, disjoint, maximal pairs) and an *assignment* (VM i is on the i-th node of the
 * runs read left to right; a node may occur more than once).
 */

export type Runs = readonly number[];

/** How many numbers the runs name, repetitions included. O(pairs). */
export function size(runs: Runs): number {
  let count = 0;
  for (let i = 0; i < runs.length; i += 2) count += runs[i + 1]! - runs[i]! + 1;
  return count;
}

/** Appends `node` to an assignment, extending the last run where it continues it. */
export function push(runs: number[], node: number): void {
  const end = runs.length;
  if (end > 0 && runs[end - 1] === node - 1) runs[end - 1] = node;
  else runs.push(node, node);
}

/** Appends the run `first`..`last`, joined to the last run where it continues it. */
export function pushRun(runs: number[], first: number, last: number): void {
  const end = runs.length;
  if (end > 0 && runs[end - 1] === first - 1) runs[end - 1] = last;
  else runs.push(first, last);
}

/** All numbers, one by one, in order. O(size). */
export function expand(runs: Runs): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < runs.length; i += 2) for (let n = runs[i]!; n <= runs[i + 1]!; n++) numbers.push(n);
  return numbers;
}

/** The runs that name `numbers` in this order. */
export function compact(numbers: readonly number[]): number[] {
  const runs: number[] = [];
  for (const n of numbers) push(runs, n);
  return runs;
}

/** The set of the numbers named: sorted, without repetitions. O(pairs log pairs). */
export function toSet(runs: Runs): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < runs.length; i += 2) pairs.push([runs[i]!, runs[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const set: number[] = [];
  for (const [first, last] of pairs) {
    const end = set.length;
    if (end > 0 && first <= set[end - 1]! + 1) {
      if (last > set[end - 1]!) set[end - 1] = last;
    } else set.push(first, last);
  }
  return set;
}

/** Whether `node` is named. O(pairs). */
export function has(runs: Runs, node: number): boolean {
  for (let i = 0; i < runs.length; i += 2) if (runs[i]! <= node && node <= runs[i + 1]!) return true;
  return false;
}

/** Whether two sets or assignments name a common number. O(pairs × pairs); both are short. */
export function intersects(a: Runs, b: Runs): boolean {
  for (let i = 0; i < a.length; i += 2)
    for (let j = 0; j < b.length; j += 2) if (a[i]! <= b[j + 1]! && b[j]! <= a[i + 1]!) return true;
  return false;
}

/** Takes the `count` lowest numbers out of the set, in place, and returns them. The set must hold that many. O(pairs). */
export function takeLowest(set: number[], count: number): number[] {
  const taken: number[] = [];
  let left = count;
  let whole = 0;
  while (left > 0) {
    const first = set[whole]!;
    const last = set[whole + 1]!;
    const length = last - first + 1;
    if (length <= left) {
      taken.push(first, last);
      left -= length;
      whole += 2;
    } else {
      taken.push(first, first + left - 1);
      set[whole] = first + left;
      left = 0;
    }
  }
  if (whole > 0) removePairs(set, 0, whole);
  return taken;
}

/** Adds the numbers of `runs` to the set, in place. Numbers already there are kept once. O(pairs of both). */
export function addAll(set: number[], runs: Runs): void {
  for (let i = 0; i < runs.length; i += 2) addRun(set, runs[i]!, runs[i + 1]!);
}

/** Removes the numbers of `runs` from the set, in place; those not there are passed over. O(pairs of both). */
export function removeAll(set: number[], runs: Runs): void {
  for (let i = 0; i < runs.length; i += 2) removeRun(set, runs[i]!, runs[i + 1]!);
}

function addRun(set: number[], first: number, last: number): void {
  let i = firstPairEndingAtOrAfter(set, first - 1);
  let low = first;
  let high = last;
  const from = i;
  while (i < set.length && set[i]! <= last + 1) {
    if (set[i]! < low) low = set[i]!;
    if (set[i + 1]! > high) high = set[i + 1]!;
    i += 2;
  }
  if (i === from) insertPair(set, from);
  else if (i - from > 2) removePairs(set, from + 2, i);
  set[from] = low;
  set[from + 1] = high;
}

function removeRun(set: number[], first: number, last: number): void {
  let i = firstPairEndingAtOrAfter(set, first);
  if (i >= set.length || set[i]! > last) return;
  // 1. What the pair that `first` lies in keeps before it. It may be cut in two.
  if (set[i]! < first) {
    const high = set[i + 1]!;
    set[i + 1] = first - 1;
    i += 2;
    if (high > last) {
      insertPair(set, i);
      set[i] = last + 1;
      set[i + 1] = high;
      return;
    }
  }
  // 2. Pairs that go altogether, and what the last one keeps behind.
  let end = i;
  while (end < set.length && set[end + 1]! <= last) end += 2;
  if (end < set.length && set[end]! <= last) set[end] = last + 1;
  if (end > i) removePairs(set, i, end);
}

/** So many numbers are moved quicker one by one than by `splice`. */
const FEW = 64;

/** Makes room for a pair at `at`. */
function insertPair(set: number[], at: number): void {
  const end = set.length;
  if (end - at > FEW) {
    set.splice(at, 0, 0, 0);
    return;
  }
  set.push(0, 0);
  for (let i = end - 1; i >= at; i--) set[i + 2] = set[i]!;
}

function removePairs(set: number[], from: number, until: number): void {
  const end = set.length;
  if (end - until > FEW) {
    set.splice(from, until - from);
    return;
  }
  for (let i = until; i < end; i++) set[from + i - until] = set[i]!;
  for (let left = until - from; left > 0; left--) set.pop();
}

/** The index of the first pair whose last number is ≥ `bound`. Binary search. */
function firstPairEndingAtOrAfter(set: Runs, bound: number): number {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (set[2 * middle + 1]! < bound) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

/** `1-16 33`: the interval-set notation of batch schedulers. */
export function format(runs: Runs): string {
  let text = '';
  for (let i = 0; i < runs.length; i += 2) {
    if (i > 0) text += ' ';
    text += runs[i] === runs[i + 1] ? `${runs[i]}` : `${runs[i]}-${runs[i + 1]}`;
  }
  return text;
}

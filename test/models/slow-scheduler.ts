/**
 * The slow twin of the scheduler, for leases of one-cpu VMs on a flat pool: textbook rules over a list of instants, nothing
 * kept from one instant to the next but what runs, waits and is reserved.
 */

export interface Job {
  readonly submit: number;
  readonly width: number;
  readonly estimate: number;
  /** At most the estimate. */
  readonly run: number;
}

interface Held {
  readonly from: number;
  readonly until: number;
  readonly width: number;
}

/** When each job starts: at every instant all ends, then all submissions in order, then one pass. */
export function slowStarts(jobs: readonly Job[], size: number, rule: 'none' | 'easy' | 'conservative'): number[] {
  const starts: number[] = jobs.map(() => Number.NaN);
  const running = new Map<number, number>(); // job → start
  const reserved = new Map<number, number>(); // job → start, conservative only
  const waiting: number[] = [];
  const held = (except: number | null = null): Held[] => [
    ...[...running].map(([j, from]) => hold(jobs[j]!, from)),
    ...[...reserved].filter(([j]) => j !== except).map(([j, from]) => hold(jobs[j]!, from)),
  ];
  const start = (j: number, now: number) => {
    starts[j] = now;
    running.set(j, now);
    reserved.delete(j);
    waiting.splice(waiting.indexOf(j), 1);
  };
  for (let now = 0; starts.some(Number.isNaN); now++) {
    const ended = [...running].filter(([j, from]) => from + jobs[j]!.run === now).map(([j]) => j);
    for (const j of ended) running.delete(j);
    if (ended.length > 0)
      for (const j of [...reserved.keys()].sort((a, b) => a - b))
        if (reserved.get(j)! > now) reserved.set(j, earliest(jobs[j]!, now, held(j), size));
    for (const [j, job] of jobs.entries())
      if (job.submit === now) {
        waiting.push(j);
        if (rule === 'conservative') reserved.set(j, earliest(job, now, held(), size));
      }
    if (rule === 'conservative') {
      for (const j of [...waiting]) if (reserved.get(j) === now) start(j, now);
      continue;
    }
    while (waiting.length > 0 && earliest(jobs[waiting[0]!]!, now, held(), size) === now) start(waiting[0]!, now);
    if (rule === 'none' || waiting.length === 0) continue;
    const front = waiting[0]!;
    const hole = hold(jobs[front]!, earliest(jobs[front]!, now, held(), size));
    for (const j of waiting.slice(1)) if (earliest(jobs[j]!, now, [...held(), hole], size) === now) start(j, now);
  }
  return starts;
}

function hold(job: Job, from: number): Held {
  return { from, until: from + job.estimate, width: job.width };
}

function earliest(job: Job, now: number, held: readonly Held[], size: number): number {
  for (let from = now; ; from++) {
    let fits = true;
    for (let at = from; at < from + job.estimate && fits; at++) {
      const used = held.reduce((sum, one) => sum + (one.from <= at && at < one.until ? one.width : 0), 0);
      fits = used + job.width <= size;
    }
    if (fits) return from;
  }
}

// The figures of a schedule, Haizea's or ours, from the same facts about the leases: what its `schedule.json` says of them.

/** Runs shorter than this count as so long in slowdowns: Feitelson et al. 1997. Seconds. */
const SHORTEST_RUN = 10;

/**
 * `facts`: the leases of Haizea's schedule.json. `leases`: id, state and runs of each in the schedule. `cpu`: percent of
 * all nodes together. Mean wait and bounded slowdown are those of best-effort leases that are done: others begin when they
 * say. Work is lost where a run was ended without being saved, or its lease was never done.
 */
export function figuresOf(facts, leases, cpu) {
  const byId = new Map(leases.map((lease) => [String(lease.id), lease]));
  const sums = { done: 0, best: 0, wait: 0, slowdown: 0, work: 0, lost: 0, transfers: 0 };
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const asked of facts) {
    const lease = byId.get(String(asked.id));
    const runs = (lease?.runs ?? []).filter(({ end }) => typeof end === 'number');
    const run = runs.reduce((sum, { start, end }) => sum + end - start, 0);
    const isDone = lease?.state === 'done';
    const needed = isDone ? Math.min(asked.req_duration, asked.known_duration ?? asked.req_duration) : 0;
    const percent = asked.requested.reduce(
      (sum, { CPU, nodes }) => sum + CPU.reduce((a, b) => a + b) * nodes.length,
      0,
    );
    sums.work += run * percent;
    sums.lost += Math.max(0, run - needed) * percent;
    sums.transfers += lease?.transfers.length ?? 0;
    first = Math.min(first, asked.submit);
    last = Math.max(last, runs.at(-1)?.end ?? 0);
    if (!isDone) continue;
    sums.done++;
    if (asked.type !== 'Best-effort') continue;
    sums.best++;
    sums.wait += runs[0].start - asked.submit;
    sums.slowdown += Math.max(1, (runs.at(-1).end - asked.submit) / Math.max(needed, SHORTEST_RUN));
  }
  const makespan = last - first;
  return {
    done: sums.done,
    waitMean: sums.wait / sums.best,
    boundedSlowdownMean: sums.slowdown / sums.best,
    makespan,
    utilisation: sums.work / (makespan * cpu),
    /** Cpu hours. */
    lost: sums.lost / 100 / 3600,
    transfers: sums.transfers,
  };
}

/** Cpu of all nodes of the site in an LWF file together, in percent. */
export function cpuOf(workload) {
  const site = /<site>.*?<\/site>/s.exec(workload)[0];
  let cpu = 0;
  for (const [, count, capacity] of site.matchAll(/<node-set numnodes="(\d+)">(.*?)<\/node-set>/gs)) {
    const resource = [...capacity.matchAll(/<res [^>]*>/g)].find(([text]) => text.includes('"CPU"'))[0];
    cpu += Number(count) * Number(/amount="(\d+)"/.exec(resource)[1]);
  }
  return cpu;
}

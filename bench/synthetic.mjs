// Synthetic workloads for benchmarks, the same every time. Lengths are in seconds.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/**
 * COUNT jobs on 256 processors at an offered load of 0.95. Widths are powers of two up to 64 (mean about 8), run times
 * log-uniform from 1 minute to 10 hours, estimates 1 to 5 times the run time, arrivals exponential. Written as it is drawn.
 */
export async function writeSynthetic(file, count, seed = 1) {
  const random = generator(seed);
  const between = (((2 ** 7 - 1) / 7) * meanLogUniform(60, 36_000)) / (256 * 0.95);
  let submit = 0;
  await writeSwf(file, 256, count, () => {
    submit += exponential(random, between);
    const procs = 2 ** Math.floor(random() * 7);
    const run = Math.max(1, Math.round(logUniform(random, 60, 36_000)));
    return { submit, procs, run, estimate: Math.round(run * (1 + 4 * random())) };
  });
}

/**
 * A wide flat pool: 93,312 processors at a load of 0.85. Widths log-uniform from 1 to 16,384 (a larger or smaller pool: as
 * large a part of it), run times log-uniform from 30 seconds to 24 hours, estimates 1 to 10 times the run time.
 */
export async function writeFlat(file, count, seed = 1, procs = 93_312) {
  const random = generator(seed);
  const most = Math.round((procs * 16_384) / 93_312) + 1;
  const jobs = Array.from({ length: count }, () => drawJob(random, Math.floor(logUniform(random, 1, most))));
  arrive(random, jobs, procs, [{ share: 1, load: 0.85 }]);
  await writeSwf(file, procs, count, (i) => jobs[i]);
}

/**
 * A hard backlog: 8,192 processors; six jobs in ten are of one processor, the others log-uniform to 1,024; the load is
 * 1.15 for two thirds of the time, then 0.4.
 */
export async function writeBacklog(file, count, seed = 2) {
  const random = generator(seed);
  const width = () => (random() < 0.6 ? 1 : Math.floor(logUniform(random, 1, 1025)));
  const jobs = Array.from({ length: count }, () => drawJob(random, width()));
  const parts = [
    { share: (2 * 1.15) / (2 * 1.15 + 0.4), load: 1.15 },
    { share: 0.4 / (2 * 1.15 + 0.4), load: 0.4 },
  ];
  arrive(random, jobs, 8192, parts);
  await writeSwf(file, 8192, count, (i) => jobs[i]);
}

/**
 * Several resources on shared nodes, as YAML: nodes of 64 cpu and 256 GiB, one for every 200 leases unless it is said; leases of 1 to 16 VMs
 * with 2 to 32 cpu and 4 to 128 GiB each; the load of whichever is scarcer is 0.9.
 */
export async function writeMulti(file, count, seed = 3, nodes = Math.max(10, Math.round(count / 200))) {
  const random = generator(seed);
  const leases = Array.from({ length: count }, () => {
    const vms = 1 + Math.floor(random() * 16);
    const cpu = 2 ** (1 + Math.floor(random() * 5));
    const memoryGiB = 2 ** (2 + Math.floor(random() * 6));
    const procs = vms * Math.max(cpu / 64, memoryGiB / 256); // nodes that it fills
    return { ...drawJob(random, procs), vms, cpu, memoryGiB };
  });
  arrive(random, leases, nodes, [{ share: 1, load: 0.9 }]);
  const out = createWriteStream(file);
  out.write(`name: multi\nsite:\n  nodes:\n    - {count: ${nodes}, capacity: {cpu: 64, memory: 256GiB}}\nleases:\n`);
  await writeLines(out, count, (i) => {
    const { submit, vms, cpu, memoryGiB, run, estimate } = leases[i];
    const resources = { cpu, memoryMiB: memoryGiB * 1024 };
    return `  - ${JSON.stringify({ submit: Math.floor(submit), vms, resources, duration: estimate, run })}\n`;
  });
}

/**
 * Leases that make way for reservations, as YAML: 128 nodes of one cpu; one lease in ten begins at an instant up to a day
 * ahead, and the others are suspended for it; widths log-uniform from 1 to 64, the load is 0.8.
 */
export async function writePreempted(file, count, seed = 4) {
  const random = generator(seed);
  const leases = Array.from({ length: count }, () => {
    const vms = Math.floor(logUniform(random, 1, 65));
    return { ...drawJob(random, vms), vms, ahead: random() < 0.1 ? 600 + Math.round(random() * 86_400) : null };
  });
  arrive(random, leases, 128, [{ share: 1, load: 0.8 }]);
  const out = createWriteStream(file);
  out.write('name: preempted\nsite:\n  nodes:\n    - {count: 128, capacity: {cpu: 1, memory: 1GiB}}\nleases:\n');
  await writeLines(out, count, (i) => {
    const { vms, run, estimate, ahead } = leases[i];
    const submit = Math.floor(leases[i].submit);
    const start = ahead === null ? { kind: 'best-effort' } : { kind: 'advance', at: submit + ahead };
    return `  - ${JSON.stringify({ submit, vms, resources: { cpu: 1, memoryMiB: 512 }, duration: estimate, run, start })}\n`;
  });
}

function drawJob(random, procs) {
  const run = Math.round(logUniform(random, 30, 86_400));
  return { submit: 0, procs, run, estimate: Math.round(run * (1 + 9 * random())) };
}

/** Arrivals, exponential, so that what is submitted in each part of the time is `load` of what there is. */
function arrive(random, jobs, procs, parts) {
  let first = 0;
  let submit = 0;
  for (const { share, load } of parts) {
    const count = Math.round(share * jobs.length);
    const some = jobs.slice(first, first + count);
    const between = some.reduce((sum, job) => sum + job.procs * job.run, 0) / some.length / (procs * load);
    for (const job of some) {
      submit += exponential(random, between);
      job.submit = submit;
    }
    first += count;
  }
  for (const job of jobs.slice(first)) job.submit = submit;
}

async function writeSwf(file, procs, count, jobAt) {
  const out = createWriteStream(file);
  out.write(`; Version: 2.2\n; Computer: synthetic\n; MaxProcs: ${procs}\n; MaxRecords: ${count}\n`);
  await writeLines(out, count, (i) => {
    const { submit, run, procs: width, estimate } = jobAt(i);
    return `${i + 1} ${Math.floor(submit)} -1 ${run} ${width} -1 -1 ${width} ${estimate} -1 1 1 1 -1 1 -1 -1 -1\n`;
  });
}

async function writeLines(out, count, lineAt) {
  let lines = '';
  for (let i = 0; i < count; i++) {
    lines += lineAt(i);
    if (lines.length > 1 << 16) {
      if (!out.write(lines)) await once(out, 'drain');
      lines = '';
    }
  }
  out.end(lines);
  await once(out, 'finish');
}

function exponential(random, mean) {
  return -Math.log(1 - random()) * mean;
}

function logUniform(random, least, most) {
  return least * (most / least) ** random();
}

function meanLogUniform(least, most) {
  return (most - least) / Math.log(most / least);
}

/** mulberry32, in [0, 1). */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

// A synthetic SWF trace for benchmarks: COUNT jobs on 256 processors at an offered load of 0.95, the same every time.
// Widths are powers of two up to 64 (mean about 8), run times log-uniform from 1 minute to 10 hours, estimates 1 to 5
// times the run time, arrivals exponential.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const PROCESSORS = 256;
const LOAD = 0.95;

/** Writes the trace to `file`; the promise resolves when it is there. */
export async function writeSynthetic(file, count, seed = 1) {
  const random = generator(seed);
  const out = createWriteStream(file);
  out.write(`; Version: 2.2\n; Computer: synthetic\n; MaxProcs: ${PROCESSORS}\n; MaxRecords: ${count}\n`);
  const between = meanWork() / (PROCESSORS * LOAD);
  let submit = 0;
  let lines = '';
  for (let id = 1; id <= count; id++) {
    submit += -Math.log(1 - random()) * between;
    const width = 2 ** Math.floor(random() * 7);
    const run = Math.max(1, Math.round(60 * 600 ** random()));
    const estimate = Math.round(run * (1 + 4 * random()));
    lines += `${id} ${Math.floor(submit)} -1 ${run} ${width} -1 -1 ${width} ${estimate} -1 1 1 1 -1 1 -1 -1 -1\n`;
    if (lines.length > 1 << 16) {
      if (!out.write(lines)) await once(out, 'drain');
      lines = '';
    }
  }
  out.end(lines);
  await once(out, 'finish');
}

/** Processor-seconds of a job on average: mean width × mean run time. */
function meanWork() {
  const width = (2 ** 7 - 1) / 7;
  const run = (60 * (600 - 1)) / Math.log(600);
  return width * run;
}

/** mulberry32, in [0, 1). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

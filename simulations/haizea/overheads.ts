/** What `[tracefile]` changes of every lease: longer durations for what VMs cost, and other memory. */

import { AMOUNT_MAX, DURATION_MAX, type Start } from '../../engine/index.js';
import { CONFIGURATION, quoted } from '../input-error.js';
import { indexOfResource } from '../site-figures.js';
import { WorkloadError, type WorkloadEntry, type WorkloadRead } from '../workloads/entry.js';
import type { HaizeaConfig } from './config.js';

type TracefileOptions = HaizeaConfig['tracefile'];

/** Overheads where the options of `file` add them: first the slowdown in percent, then booting and shutting down. */
export function withOverheads(workload: WorkloadRead, options: TracefileOptions, file: string): WorkloadRead {
  const whom = options['add-overhead'];
  if (whom === 'none') return workload;
  const entries = workload.entries.map((entry) => {
    if (whom === 'besteffort' && entry.terms.start.kind !== 'best-effort') return entry;
    const duration = longer(entry.terms.duration, options);
    if (duration > DURATION_MAX) {
      const place = { file, path: '[tracefile] add-overhead' };
      const hint = 'Lower runtime-slowdown-overhead or bootshutdown-overhead.';
      throw new WorkloadError(`lease ${quoted(entry.id)} becomes too long`, place, hint, CONFIGURATION);
    }
    const start = earlier(entry.terms.start, duration - entry.terms.duration);
    // Haizea forgets the true run time here, and scales it in the place of what was asked for.
    return {
      ...entry,
      run: Math.min(longer(entry.run, options), duration),
      terms: { ...entry.terms, duration, start },
    };
  });
  return { ...workload, entries };
}

/** Every VM gets `memory` MiB; -1: as it is. */
export function withMemory(workload: WorkloadRead, memory: number, file: string): WorkloadRead {
  if (memory < 0) return workload;
  const index = indexOfResource(workload.site.resources, 'memory');
  if (index < 0 || memory > AMOUNT_MAX) {
    const problem = index < 0 ? 'the site has no memory' : `${memory} MB of memory are too much`;
    throw new WorkloadError(
      problem,
      { file, path: '[tracefile] override-memory' },
      'Remove override-memory.',
      CONFIGURATION,
    );
  }
  const entries = workload.entries.map((entry): WorkloadEntry => {
    const groups = entry.terms.groups.map((group) => ({
      ...group,
      demand: group.demand.map((amount, r) => (r === index ? memory : amount)),
    }));
    return { ...entry, terms: { ...entry.terms, groups } };
  });
  return { ...workload, entries };
}

/** The slowdown makes whole seconds, rounded up; what is a hair above one is a rounding error of the product. */
function longer(duration: number, options: TracefileOptions): number {
  const percent = options['runtime-slowdown-overhead'];
  const slowed = percent === 0 ? duration : Math.ceil((duration / 1000) * (1 + percent / 100) - 1e-6) * 1000;
  return slowed + options['bootshutdown-overhead'];
}

/** The deadline of a best-effort lease stays where it is: it has to begin so much earlier. */
function earlier(start: Start, growth: number): Start {
  if (start.kind !== 'best-effort' || start.before === null) return start;
  return { ...start, before: Math.max(0, start.before - growth) };
}

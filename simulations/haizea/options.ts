/** Every option of Haizea's configuration file, by section: what it may be, and what it is where it is not given. */

import { CURRENCY_PARTS, RATE_MAX } from '../../engine/index.js';
import { PROBE_NAMES } from '../accounting/probes.js';
import {
  anyText,
  byDefault,
  dayTime,
  decimal,
  fileList,
  flag,
  idle,
  instant,
  type Options,
  oneOf,
  optional,
  pairs,
  rate,
  required,
  seconds,
  whole,
  wordsOf,
} from './option-kinds.js';
import { resources } from './resources.js';

/** In the names of Haizea 1.1. Durations are read into milliseconds. */
export const OPTIONS = {
  general: {
    loglevel: idle(optional(oneOf('STATUS', 'INFO', 'DEBUG', 'VDEBUG'))),
    logfile: idle(optional(anyText)),
    mode: required(oneOf('simulated', 'opennebula')),
    'lease-preparation': byDefault(oneOf('unmanaged', 'imagetransfer'), 'unmanaged'),
    'lease-failure-handling': idle(optional(oneOf('cancel', 'exit', 'exit-raise'))),
    'persistence-file': idle(optional(anyText)),
  },
  simulation: {
    clock: byDefault(oneOf('real', 'simulated'), 'real'),
    starttime: optional(instant),
    resources: required(resources),
    /** Mbit/s. */
    'imagetransfer-bandwidth': required(whole(1, 1_000_000_000, ' (Mbit a second)')),
    'stop-when': byDefault(
      oneOf('all-leases-done', 'besteffort-submitted', 'besteffort-done', 'exact'),
      'all-leases-done',
    ),
    'stop-when-time': optional(dayTime),
    'status-message-interval': idle(optional(whole(0))),
    'sanity-check': idle(byDefault(flag, false)),
  },
  scheduling: {
    mapper: byDefault(oneOf('greedy', 'deadline'), 'greedy'),
    'policy-admission': byDefault(oneOf('accept-all', 'no-ARs'), 'accept-all'),
    'policy-preemption': byDefault(
      oneOf('no-preemption', 'ar-preempts-everything', 'ar-preempts-be', 'deadline'),
      'no-preemption',
    ),
    'policy-host-selection': byDefault(oneOf('greedy', 'no-policy'), 'greedy'),
    'policy-pricing': byDefault(oneOf('free', 'constant', 'random', 'maximum', 'adaptive'), 'free'),
    'wakeup-interval': idle(optional(seconds)),
    backfilling: required(oneOf('off', 'aggressive', 'intermediate', 'conservative')),
    'backfilling-reservations': optional(whole(0)),
    suspension: required(oneOf('none', 'serial-only', 'all')),
    'suspend-rate': optional(rate),
    'resume-rate': optional(rate),
    'suspendresume-exclusion': byDefault(oneOf('local', 'global'), 'local'),
    'scheduling-threshold-factor': byDefault(decimal(0, 1000), 1),
    'force-scheduling-threshold': optional(seconds),
    'override-suspend-time': optional(seconds),
    'override-resume-time': optional(seconds),
    migration: byDefault(oneOf('no', 'yes', 'yes-notransfer'), 'no'),
    'non-schedulable-interval': idle(optional(seconds)),
    'shutdown-time': byDefault(seconds, 0),
    'enactment-overhead': byDefault(seconds, 0),
    'max-delay-duration': idle(optional(whole(0))),
    'max-delay-vm': idle(optional(whole(0))),
    'max-delay-action': idle(optional(oneOf('cancel'))),
  },
  accounting: {
    datafile: idle(optional(anyText)),
    probes: byDefault(wordsOf(...PROBE_NAMES), []),
    attributes: optional(pairs),
  },
  'deploy-imagetransfer': {
    'transfer-mechanism': optional(oneOf('unicast', 'multicast')),
    'avoid-redundant-transfers': byDefault(flag, true),
    'force-imagetransfer-time': optional(seconds),
    'diskimage-reuse': byDefault(oneOf('none', 'image-caches'), 'none'),
    /** MB on each node; -1: as much as it takes. */
    'diskimage-cache-size': optional(whole(-1)),
  },
  tracefile: {
    tracefile: optional(anyText),
    annotationfile: optional(anyText),
    injectionfile: optional(anyText),
    /** Percent. */
    'runtime-slowdown-overhead': byDefault(decimal(0, 10_000, ' (percent)'), 0),
    'add-overhead': byDefault(oneOf('none', 'besteffort', 'all'), 'none'),
    'bootshutdown-overhead': byDefault(seconds, 0),
    /** MB for every VM; -1: as the trace says. */
    'override-memory': byDefault(whole(-1), -1),
  },
  opennebula: {
    host: idle(optional(anyText)),
    port: idle(optional(whole(1, 65_535))),
    'stop-when-no-more-leases': idle(byDefault(flag, false)),
    'dry-run': idle(byDefault(flag, false)),
  },
  pricing: {
    rate: optional(decimal(0, RATE_MAX / CURRENCY_PARTS)),
    'min-rate': optional(decimal(0, RATE_MAX / CURRENCY_PARTS)),
    'max-rate': optional(decimal(0, RATE_MAX / CURRENCY_PARTS)),
    seed: optional(whole(0)),
  },
} as const satisfies Readonly<Record<string, Options>>;

/** Of `[multi]`, in files that describe many runs. */
export const MULTI_OPTIONS = {
  tracedir: optional(anyText),
  tracefiles: required(fileList),
  annotationdir: optional(anyText),
  annotationfiles: optional(fileList),
  'skip-no-annotation': byDefault(flag, false),
  injectiondir: optional(anyText),
  injectionfiles: optional(fileList),
  'skip-no-injection': byDefault(flag, false),
  datadir: optional(anyText),
} as const satisfies Options;

/** What a simulation takes from a configuration of Haizea: the trace, the site, the changes to the leases, the policy. */

import { accessSync, constants } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Policy } from '../../engine/index.js';
import type { ProbeName } from '../accounting/probes.js';
import { InputError, quoted, USAGE } from '../input-error.js';
import type { SiteOptions } from '../site-options.js';
import type { StopWhen } from '../stop-when.js';
import type { SiteDescription, WorkloadRead } from '../workloads/entry.js';
import { readLwf } from '../workloads/lwf.js';
import type { Adjustments } from '../workloads/workload.js';
import { annotate, readAnnotations } from './annotations.js';
import { type HaizeaConfig, readHaizeaConfig } from './config.js';
import { faultIn } from './ini.js';
import { inject } from './injection.js';
import { withMemory, withOverheads } from './overheads.js';
import { policyOf } from './policy.js';

export interface HaizeaSetup {
  readonly trace: string;
  readonly policy: Policy;
  readonly adjustments: Adjustments;
  /** When it ends before its leases do; null: when all of them are over. */
  readonly stop: StopWhen | null;
  /** The probes of the accounting, and what it is to say of this run. */
  readonly probes: readonly ProbeName[];
  readonly attributes: Readonly<Record<string, string>>;
  /** For the user. */
  readonly notes: readonly string[];
}

/** What is said on the command line, too: it goes first. */
export interface Given extends SiteOptions {
  readonly trace?: string;
}

/** Reads the configuration. Throws InputError. */
export async function haizeaSetup(file: string, given: Given): Promise<HaizeaSetup> {
  const config = readHaizeaConfig(file);
  const notes = [...config.notes];
  const trace = traceOf(config, given.trace, notes);
  const hasSite = given.procs !== undefined || given.nodes !== undefined || given.site !== undefined;
  if (hasSite) notes.push(`${file}: resources are as the option says, not as the configuration does`);
  const site = hasSite ? null : await siteOf(config);
  const { probes, attributes } = config.accounting;
  return {
    trace,
    policy: policyOf(config),
    adjustments: { site, edit: editOf(config) },
    stop: stopOf(config),
    probes,
    attributes: attributes ?? {},
    notes,
  };
}

/** The check of the configuration has seen that the time is given where it is needed. */
function stopOf({ simulation }: HaizeaConfig): StopWhen | null {
  const kind = simulation['stop-when'];
  if (kind === 'all-leases-done') return null;
  return kind === 'exact' ? { kind, at: simulation['stop-when-time']! } : { kind };
}

function traceOf(config: HaizeaConfig, given: string | undefined, notes: string[]): string {
  const { file } = config.ini;
  const named = config.tracefile.tracefile;
  if (given !== undefined) {
    if (named !== null && basename(named) !== basename(given)) {
      notes.push(`${file}: the trace is ${quoted(given, 200)}, not ${quoted(named, 200)}`);
    }
    return given;
  }
  if (named === null) {
    const hint = `Give the trace: leasehold simulate TRACE --haizea-config FILE.`;
    throw new InputError('names no tracefile', { file }, hint, USAGE);
  }
  return fileAt(config, 'tracefile', 'tracefile', named, 'or give the trace on the command line');
}

async function siteOf(config: HaizeaConfig): Promise<SiteDescription | null> {
  const { resources } = config.simulation;
  if (resources.kind === 'in-tracefile') return null;
  if (resources.kind === 'nodes') return resources.site;
  const { readSiteFile } = await import('../site-file.js');
  return await readSiteFile(fileAt(config, 'simulation', 'resources', resources.path, 'or write in-tracefile'));
}

/** What is done to the leases, in Haizea's order; null: nothing. Files are looked for at once. */
function editOf(config: HaizeaConfig): Adjustments['edit'] {
  const { tracefile: options, ini } = config;
  const path = (key: 'annotationfile' | 'injectionfile') =>
    options[key] === null ? null : fileAt(config, 'tracefile', key, options[key], 'or remove the line');
  const injection = path('injectionfile');
  const annotations = path('annotationfile');
  const isAsRead = options['add-overhead'] === 'none' && options['override-memory'] < 0;
  if (injection === null && annotations === null && isAsRead) return null;
  return async (read) => {
    let workload: WorkloadRead = read;
    if (injection !== null) {
      workload = inject(workload, await readLwf(injection, { site: workload.site }), injection);
    }
    if (annotations !== null) workload = annotate(workload, await readAnnotations(annotations));
    workload = withOverheads(workload, options, ini.file);
    return withMemory(workload, options['override-memory'], ini.file);
  };
}

/** The path of a file that the configuration names, from where the configuration is. Throws InputError without it. */
function fileAt(config: HaizeaConfig, section: string, key: string, name: string, otherwise: string): string {
  const path = resolve(dirname(config.ini.file), name);
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    const problem = `${quoted(name, 200)} ${missing ? 'does not exist' : 'cannot be read'}`;
    const hint = `Put it at ${quoted(path, 200)}, ${otherwise}.`;
    throw faultIn(config.ini, section, key, problem, hint);
  }
}

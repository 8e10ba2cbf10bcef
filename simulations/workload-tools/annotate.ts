/**
 * Annotations (LWFA) for the leases of a workload, drawn as Haizea's lwf-annotate drew them: when they start, by when
 * they must be done, what their users pay, what software they need. Times count from the lease's submission.
 */

import { DURATION_MAX } from '../../engine/index.js';
import { oneOf, pairs } from '../haizea/option-kinds.js';
import { CONFIGURATION, InputError, quoted } from '../input-error.js';
import type { WorkloadEntry } from '../workloads/entry.js';
import { RATE_LABEL } from '../workloads/limits.js';
import { DISTRIBUTION_KEYS, type Distribution, distributionIn, numberFrom, SEED } from './distributions.js';
import { imageOf } from './generate-leases.js';
import { Losses } from './losses.js';
import { attrs, lwfTime, softwareText, xml } from './lwf-text.js';
import { SWF_LABELS } from './swf-labels.js';
import type { TextOutput } from './text-output.js';
import { type Known, readToolSettings, type Settings, valueIn, valueOr } from './tool-settings.js';

const KNOWN: Known = {
  general: ['attributes', 'seed'],
  'start-delay': ['type', ...DISTRIBUTION_KEYS],
  'deadline-stretch': ['type', ...DISTRIBUTION_KEYS],
  'user-rate': DISTRIBUTION_KEYS,
  software: DISTRIBUTION_KEYS,
};

const START_TYPE = oneOf('absolute', 'multiple-of-duration');
const DEADLINE_TYPE = oneOf('absolute', 'multiple-of-duration', 'original-slowdown');

export interface Annotator {
  /** `leases`: one annotation for each, by id; a number: so many for the leases in their order. Answers how many. */
  write(leases: AsyncIterable<WorkloadEntry> | number, output: TextOutput): Promise<number>;
}

/** `seed`: used where the file gives none. Throws InputError. */
export function annotator(file: string, seed: number): Annotator {
  const settings = readToolSettings(file, KNOWN);
  const general = valueOr(settings, 'general', 'seed', SEED, seed);
  const software = distributionIn(settings, 'software', general);
  const draws: Draws = {
    start: startIn(settings, general),
    deadline: deadlineIn(settings, general),
    rate: rateIn(settings, general),
    image: software === null ? null : () => imageOf(software, settings),
  };
  if (Object.values(draws).every((draw) => draw === null)) {
    const hint = 'Write at least one of [start-delay], [deadline-stretch], [user-rate] and [software].';
    throw new InputError('nothing to annotate', { file }, hint, CONFIGURATION);
  }
  const attributes = Object.entries(valueOr(settings, 'general', 'attributes', pairs, {}));
  const losses = new Losses();
  return {
    write: async (leases, output) => {
      const said = attrs(attributes, '    ', null, losses);
      await output.write(`<lease-annotations>\n${said === '' ? '' : `  <attributes>\n${said}  </attributes>\n`}`);
      let count = 0;
      for await (const entry of typeof leases === 'number' ? nobody(leases) : leases) {
        await output.write(annotationText(entry, draws, losses));
        count++;
      }
      await output.write('</lease-annotations>\n');
      return count;
    },
  };
}

/** What is drawn for a lease; null: nothing is said of that. */
interface Draws {
  readonly start: ((entry: WorkloadEntry | null) => Begin) | null;
  readonly deadline: ((entry: WorkloadEntry | null, start: number) => Deadline) | null;
  readonly rate: ((entry: WorkloadEntry | null) => number) | null;
  readonly image: (() => ReturnType<typeof imageOf>) | null;
}

function annotationText(entry: WorkloadEntry | null, draws: Draws, losses: Losses): string {
  const begin = draws.start?.(entry) ?? null;
  const end = draws.deadline?.(entry, begin?.seconds ?? 0) ?? null;
  const rate = draws.rate?.(entry) ?? null;
  const image = draws.image?.() ?? null;
  const extras: [string, string][] = [];
  if (begin !== null) extras.push(['simul_start_delta', begin.delta.toFixed(2)]);
  if (end !== null) extras.push(['simul_deadline_tau', end.tau.toFixed(2)]);
  if (rate !== null) extras.push([RATE_LABEL, rate.toFixed(2)]);
  const id = entry === null ? '' : ` id="${xml(entry.id, null, losses)}"`;
  const time = (seconds: number) => `+${lwfTime(Math.min(seconds * 1000, DURATION_MAX))}`;
  return (
    `  <lease-annotation${id}>\n` +
    (begin === null ? '' : `    <start><exact time="${time(begin.seconds)}"/></start>\n`) +
    (end === null ? '' : `    <deadline time="${time(end.seconds)}"/>\n`) +
    (draws.image === null ? '' : `    ${softwareText(image?.name ?? null, image?.size ?? 0)}\n`) +
    (extras.length === 0 ? '' : `    <extra>\n${attrs(extras, '      ', null, losses)}    </extra>\n`) +
    '  </lease-annotation>\n'
  );
}

async function* nobody(count: number): AsyncGenerator<null, void, undefined> {
  for (let i = 0; i < count; i++) yield null;
}

/** What was drawn, and the whole seconds from submission that follow from it. */
interface Begin {
  readonly delta: number;
  readonly seconds: number;
}

function startIn(settings: Settings, seed: number): Draws['start'] {
  const distribution = distributionIn(settings, 'start-delay', seed);
  if (distribution === null) return null;
  const draw = numberFrom(distribution, settings, 'start-delay');
  const type = valueIn(settings, 'start-delay', 'type', START_TYPE);
  return (entry) => {
    const delta = draw();
    const seconds = type === 'absolute' ? delta : delta * secondsOf(entry, settings, 'start-delay');
    return { delta, seconds: Math.max(0, Math.ceil(seconds)) };
  };
}

/** The duration asked for. Without leases there is none. */
function secondsOf(entry: WorkloadEntry | null, settings: Settings, section: string): number {
  if (entry !== null) return entry.terms.duration / 1000;
  const hint = 'Name a workload instead of --count, or write type = absolute.';
  throw settings.fault(section, 'type', 'needs the durations of leases', hint);
}

interface Deadline {
  /** How much longer than the duration there is from the start, as a share of the duration. */
  readonly tau: number;
  readonly seconds: number;
}

/** The deadline is `start` + (1 + tau) × duration. */
function deadlineIn(settings: Settings, seed: number): Draws['deadline'] {
  const distribution = distributionIn(settings, 'deadline-stretch', seed);
  if (distribution === null) return null;
  const draw = numberFrom(distribution, settings, 'deadline-stretch');
  const type = valueIn(settings, 'deadline-stretch', 'type', DEADLINE_TYPE);
  const slowdown = type === 'original-slowdown' ? slowdownIn(distribution, settings) : null;
  return (entry, start) => {
    const duration = secondsOf(entry, settings, 'deadline-stretch');
    const drawn = draw();
    const tau = slowdown !== null ? slowdown(entry!, drawn) : type === 'absolute' ? drawn / duration : drawn;
    return { tau, seconds: Math.max(Math.ceil(duration), Math.ceil(start + (1 + tau) * duration)) };
  };
}

/** Shorter runs are taken for this long, in seconds, as in bounded slowdowns. */
const RUN_MIN = 10;

/** What is drawn is the place between the bounds, from no slowdown at all to that of the original log. */
function slowdownIn({ bounds }: Distribution, settings: Settings): (entry: WorkloadEntry, drawn: number) => number {
  if (bounds === null || bounds.max === bounds.min) {
    throw settings.fault('deadline-stretch', 'max', 'no range', 'original-slowdown needs min < max.');
  }
  const [waitLabel, runLabel] = [SWF_LABELS.get(2)!, SWF_LABELS.get(3)!];
  return (entry, drawn) => {
    const label = (name: string) => Number(entry.terms.labels?.[name] ?? Number.NaN);
    const run = Math.max(RUN_MIN, label(runLabel));
    const slowdown = (label(waitLabel) + run) / run;
    if (Number.isFinite(slowdown)) return ((slowdown - 1) * (drawn - bounds.min)) / (bounds.max - bounds.min);
    const problem = `lease ${quoted(entry.id)} lacks ${waitLabel} or ${runLabel}`;
    throw settings.fault('deadline-stretch', 'type', problem, 'Take another type, or a workload converted from SWF.');
  };
}

/** One rate a user; leases without user have each their own. */
function rateIn(settings: Settings, seed: number): Draws['rate'] {
  const distribution = distributionIn(settings, 'user-rate', seed);
  if (distribution === null) return null;
  const draw = numberFrom(distribution, settings, 'user-rate');
  const rates = new Map<string, number>();
  return (entry) => {
    const user = entry?.terms.user ?? null;
    if (user === null) return draw();
    const rate = rates.get(user) ?? draw();
    rates.set(user, rate);
    return rate;
  };
}

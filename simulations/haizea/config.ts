/** Haizea's configuration file: read, every value checked, contradictions refused. */

import { didYouMean, type InputError, quoted } from '../input-error.js';
import { faultIn, type IniFile, readIni } from './ini.js';
import type { Options, ValuesOf } from './option-kinds.js';
import { OPTIONS } from './options.js';

type Sections = typeof OPTIONS;
type SectionName = keyof Sections;

/** The values by section and option, in Haizea's names; durations in milliseconds, null: not given. */
type Values = { readonly [S in SectionName]: ValuesOf<Sections[S]> };

export type HaizeaConfig = Values & {
  /** The file itself, for messages. */
  readonly ini: IniFile;
  /** For the user: what of the file is without effect here. */
  readonly notes: readonly string[];
};

/** Reads a configuration of one run. Throws InputError. */
export function readHaizeaConfig(file: string): HaizeaConfig {
  return checkHaizeaConfig(readIni(file));
}

/** The configuration in an INI file that has been read already. Throws InputError. */
export function checkHaizeaConfig(ini: IniFile): HaizeaConfig {
  // 1. The sections.
  if (ini.sections.has('multi')) {
    const hint = 'Write one file a run with: leasehold haizea expand FILE --out DIR.';
    throw faultIn(ini, 'multi', null, 'a configuration of many runs', hint);
  }
  for (const name of ini.sections.keys()) refuseUnknown(ini, name, null, Object.keys(OPTIONS));

  // 2. The values.
  const values = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, options]) => [name, valuesOf(ini, name, options)]),
  ) as unknown as Values;

  // 3. What they say together.
  new Consistency(ini, values).check();
  return { ...values, ini, notes: notesOn(ini, values) };
}

/** The values of one section, whose options are `options`. Throws InputError. */
export function valuesOf<O extends Options>(ini: IniFile, section: string, options: O): ValuesOf<O> {
  const given = ini.sections.get(section)?.values ?? new Map();
  for (const key of given.keys()) refuseUnknown(ini, section, key, Object.keys(options));
  const values = Object.entries(options).map(([key, option]) => {
    const text = given.get(key)?.text;
    if (text === undefined) {
      if (option.fallback !== null) return [key, option.fallback.value];
      throw missing(ini, section, key, option.accepts, null);
    }
    const value = option.read(text);
    if (value !== undefined) return [key, value];
    throw faultIn(ini, section, key, `${quoted(text)} is not accepted`, `Write ${option.accepts}.`);
  });
  return Object.fromEntries(values) as ValuesOf<O>;
}

/** `because`: what demands it; null: it is always demanded. */
function missing(ini: IniFile, section: string, key: string, accepts: string, because: string | null): InputError {
  const why = because === null ? '' : `, which ${because} demands`;
  if (ini.sections.has(section))
    return faultIn(ini, section, null, `${key} is missing${why}`, `Give ${key}: ${accepts}.`);
  return faultIn(ini, null, null, `[${section}] ${key} is missing${why}`, `Add [${section}] with ${key}: ${accepts}.`);
}

/** Of a section (`key` null) or of an option in it. */
function refuseUnknown(ini: IniFile, section: string, key: string | null, known: readonly string[]): void {
  const name = key ?? section;
  if (known.includes(name)) return;
  const what = key === null ? 'section' : 'option';
  throw faultIn(ini, section, key, `unknown ${what} ${quoted(name)}`, didYouMean(name, known));
}

/** What values demand and exclude of each other. */
class Consistency {
  constructor(
    private readonly ini: IniFile,
    private readonly values: Values,
  ) {}

  check(): void {
    this.simulated();
    this.scheduling();
    this.images();
    this.prices();
  }

  /** Only simulations, on a clock that jumps. */
  private simulated(): void {
    const { general, simulation } = this.values;
    if (general.mode !== 'simulated') {
      const hint = 'Write mode: simulated. To lease machines, run: leasehold serve.';
      throw faultIn(this.ini, 'general', 'mode', `${general.mode} is no simulation`, hint);
    }
    if (simulation.clock !== 'simulated') {
      const hint = 'Write clock: simulated. For leases in real time, run: leasehold serve.';
      throw faultIn(this.ini, 'simulation', 'clock', 'the clock is real', hint);
    }
    this.demand('simulation', 'starttime', 'clock: simulated');
    this.pair('simulation', 'stop-when-time', 'stop-when', 'exact');
  }

  private scheduling(): void {
    const { suspension } = this.values.scheduling;
    this.pair('scheduling', 'backfilling-reservations', 'backfilling', 'intermediate');
    if (suspension === 'none') return;
    for (const key of ['suspend-rate', 'resume-rate'] as const) {
      this.demand('scheduling', key, `suspension: ${suspension}`);
    }
  }

  private images(): void {
    const { general, 'deploy-imagetransfer': images } = this.values;
    const section = 'deploy-imagetransfer';
    if (general['lease-preparation'] === 'imagetransfer') {
      this.demand(section, 'transfer-mechanism', 'lease-preparation: imagetransfer');
    } else if (this.ini.sections.has(section)) this.demand(section, 'transfer-mechanism', null);
    if (images['diskimage-reuse'] === 'image-caches') {
      this.demand(section, 'diskimage-cache-size', 'diskimage-reuse: image-caches');
    }
  }

  private prices(): void {
    const { scheduling, pricing } = this.values;
    const policy = scheduling['policy-pricing'];
    const demanded = { constant: ['rate'], random: ['min-rate', 'max-rate', 'seed'] } as const;
    const keys = policy === 'constant' || policy === 'random' ? demanded[policy] : [];
    for (const key of keys) this.demand('pricing', key, `policy-pricing: ${policy}`);
    const { 'min-rate': min, 'max-rate': max } = pricing;
    if (min !== null && max !== null && min > max) {
      throw faultIn(this.ini, 'pricing', 'min-rate', `${min} is more than max-rate: ${max}`, 'Exchange them.');
    }
  }

  private demand<S extends SectionName>(section: S, key: keyof Sections[S] & string, because: string | null): void {
    if (this.isGiven(section, key)) return;
    const options: Options = OPTIONS[section];
    throw missing(this.ini, section, key, options[key]!.accepts, because);
  }

  /** `key` is given where `other` is `value`, and nowhere else. */
  private pair<S extends SectionName>(
    section: S,
    key: keyof Sections[S] & string,
    other: keyof Sections[S] & string,
    value: string,
  ): void {
    const values: Readonly<Record<string, unknown>> = this.values[section];
    if (values[other] === value) return this.demand(section, key, `${other}: ${value}`);
    if (!this.isGiven(section, key)) return;
    const hint = `Write ${other}: ${value}, or remove ${key}.`;
    throw faultIn(this.ini, section, key, `is only for ${other}: ${value}`, hint);
  }

  private isGiven(section: string, key: string): boolean {
    return this.ini.sections.get(section)?.values.has(key) === true;
  }
}

function notesOn(ini: IniFile, values: Values): string[] {
  const notes: string[] = [];
  const without: string[] = [];
  for (const [section, { values: given }] of ini.sections) {
    const options: Options = OPTIONS[section as SectionName];
    const keys = [...given.keys()].filter((key) => options[key]!.idle);
    if (keys.length > 0) without.push(`[${section}] ${keys.join(', ')}`);
  }
  if (without.length > 0) notes.push(`${ini.file}: without effect here: ${without.join('; ')}`);
  const { tracefile } = values;
  if (tracefile['add-overhead'] === 'none') {
    const unused = (['runtime-slowdown-overhead', 'bootshutdown-overhead'] as const).filter(
      (key) => tracefile[key] > 0,
    );
    if (unused.length > 0) notes.push(`${ini.file}: ${unused.join(' and ')} not added: add-overhead is none`);
  }
  return notes;
}

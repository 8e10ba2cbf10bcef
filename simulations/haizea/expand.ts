/**
 * Haizea's configurations of many runs: `[multi]` names traces, annotations and injections, `[common:SECTION]` and
 * `[PROFILE:SECTION]` the options. Each profile is run with each combination of files.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { quoted } from '../input-error.js';
import { Staging } from '../report/staging.js';
import { checkGrammar, faultAt } from '../workloads/lwf-grammar.js';
import { readXml } from '../workloads/xml.js';
import { checkHaizeaConfig, type HaizeaConfig, valuesOf } from './config.js';
import { faultIn, formatIni, type IniFile, type IniValue, readIni } from './ini.js';
import type { ValuesOf } from './option-kinds.js';
import { MULTI_OPTIONS, OPTIONS } from './options.js';

const MULTI = 'multi';
const COMMON = 'common';
const RUNS_MAX = 10_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+@=~-]{0,199}$/;

export interface ExpandedRun {
  /** `PROFILE_TRACE+INJECTION+ANNOTATION` */
  readonly name: string;
  /** As a file of its own; its values keep the lines of the file that they come from. */
  readonly ini: IniFile;
  readonly config: HaizeaConfig;
}

type Multi = ValuesOf<typeof MULTI_OPTIONS>;

/** The runs by profile, trace, annotations and injection, in the order of the file. Throws InputError. */
export async function expandHaizeaConfig(file: string): Promise<readonly ExpandedRun[]> {
  const ini = readIni(file);
  const multi = multiOf(ini);
  const profiles = profilesOf(ini);
  const traces = inDirectory(file, multi.tracedir, multi.tracefiles);
  const annotations = alternatives(ini, multi, 'annotation');
  const injections = alternatives(ini, multi, 'injection');
  const count = profiles.length * traces.length * annotations.length * injections.length;
  if (count > RUNS_MAX) throw faultIn(ini, MULTI, null, `${count} runs`, `At most ${RUNS_MAX}: split the file.`);

  const own = await attributesInFiles([...traces, ...annotations, ...injections]);
  const runs = profiles.flatMap((profile) =>
    traces.flatMap((trace) =>
      annotations.flatMap((annotation) =>
        injections.map((injection) => runOf(ini, multi, { profile, trace, annotation, injection }, own)),
      ),
    ),
  );
  refuseSameNames(ini, runs);
  return runs;
}

/** Writes a configuration for each run into `directory`: all of them or none. Throws InputError. */
export async function writeExpanded(
  file: string,
  directory: string,
): Promise<readonly { name: string; file: string }[]> {
  const runs = await expandHaizeaConfig(file);
  const staging = new Staging(directory);
  try {
    for (const { name, ini } of runs) writeFileSync(join(staging.directory, `${name}.conf`), formatIni(ini));
    staging.commit([]);
  } catch (error) {
    staging.abort();
    throw staging.fault(error);
  }
  return runs.map(({ name }) => ({ name, file: join(directory, `${name}.conf`) }));
}

function multiOf(ini: IniFile): Multi {
  if (!ini.sections.has(MULTI)) {
    const hint = 'A configuration of one run is run as it is: leasehold simulate --haizea-config FILE.';
    throw faultIn(ini, null, null, 'has no section [multi]', hint);
  }
  return valuesOf(ini, MULTI, MULTI_OPTIONS);
}

/** What is before the colon, in the order of the file. */
function profilesOf(ini: IniFile): readonly string[] {
  const known = Object.keys(OPTIONS);
  const profiles = new Set<string>();
  for (const name of ini.sections.keys()) {
    if (name === MULTI) continue;
    const [, profile, section] = /^([^:]+):([^:]+)$/.exec(name) ?? [];
    if (profile === undefined || section === undefined) {
      throw faultIn(ini, name, null, 'belongs to no profile', `Write [common:${name}] or [PROFILE:${name}].`);
    }
    if (!known.includes(section)) {
      throw faultIn(ini, name, null, `unknown section ${quoted(section)}`, `Known: ${known.join(', ')}.`);
    }
    if (!NAME.test(profile)) {
      const hint = 'Names of profiles become names of files: letters, digits and "._+@=~-".';
      throw faultIn(ini, name, null, `the profile ${quoted(profile)} is not accepted`, hint);
    }
    if (profile !== COMMON) profiles.add(profile);
  }
  if (profiles.size > 0) return [...profiles];
  const hint = 'Add sections such as [easy:scheduling]: each profile makes a run of each trace.';
  throw faultIn(ini, MULTI, null, 'there is no profile', hint);
}

/** The files of that kind and, unless it is skipped, none of them. */
function alternatives(ini: IniFile, multi: Multi, kind: 'annotation' | 'injection'): readonly (string | null)[] {
  const files = multi[`${kind}files`];
  const skip = multi[`skip-no-${kind}`];
  if (files === null) {
    const idle = skip ? `skip-no-${kind}` : multi[`${kind}dir`] === null ? null : `${kind}dir`;
    if (idle === null) return [null];
    throw faultIn(ini, MULTI, idle, `there are no ${kind}files`, `Name them, or remove ${idle}.`);
  }
  const found = inDirectory(ini.file, multi[`${kind}dir`], files);
  return skip ? found : [...found, null];
}

/** Whole paths: the files are written elsewhere. */
function inDirectory(file: string, directory: string | null, names: readonly string[]): readonly string[] {
  return names.map((name) => resolve(dirname(file), directory ?? '', name));
}

/** What one run is made of; null: without. */
interface Choice {
  readonly profile: string;
  readonly trace: string;
  readonly annotation: string | null;
  readonly injection: string | null;
}

function runOf(ini: IniFile, multi: Multi, choice: Choice, own: Attributes): ExpandedRun {
  const name = nameOf(ini, choice);
  const run = new RunFile(ini, choice.profile);
  run.set('tracefile', 'tracefile', choice.trace, 'tracefiles');
  if (choice.injection !== null) run.set('tracefile', 'injectionfile', choice.injection, 'injectionfiles');
  if (choice.annotation !== null) run.set('tracefile', 'annotationfile', choice.annotation, 'annotationfiles');
  if (multi.datadir !== null) {
    run.set('accounting', 'datafile', resolve(dirname(ini.file), multi.datadir, `${name}.dat`), 'datadir');
  }
  run.change('accounting', 'attributes', (given) =>
    [attributesOf(choice, own), ...(given === '' ? [] : [given])].join(','),
  );
  const whole = (path: string) => resolve(dirname(ini.file), path);
  for (const key of ['injectionfile', 'annotationfile']) run.change('tracefile', key, (path) => path && whole(path));
  run.change('simulation', 'resources', (text) => text.replace(/^file:\s*(.*)$/s, (_, path) => `file:${whole(path)}`));
  return { name, ini: run, config: checkHaizeaConfig(run) };
}

/** A file in the making: the sections of the profile over the common ones. */
class RunFile implements IniFile {
  readonly sections = new Map<string, { line: number; values: Map<string, IniValue> }>();
  readonly file: string;

  constructor(
    private readonly source: IniFile,
    profile: string,
  ) {
    this.file = source.file;
    for (const prefix of [COMMON, profile]) {
      for (const [name, { line, values }] of source.sections) {
        if (!name.startsWith(`${prefix}:`)) continue;
        const section = name.slice(prefix.length + 1);
        this.sections.set(section, {
          line,
          values: new Map([...(this.sections.get(section)?.values ?? []), ...values]),
        });
      }
    }
  }

  /** Sets a value that follows from the option `from` of [multi]. */
  set(name: string, key: string, text: string, from: string): void {
    const multi = this.source.sections.get(MULTI)!;
    const line = multi.values.get(from)?.line ?? multi.line;
    const section = this.sections.get(name) ?? { line, values: new Map() };
    section.values.set(key, { text, line });
    this.sections.set(name, section);
  }

  /** Changes a value that is there, or what is not there from nothing to something. */
  change(name: string, key: string, how: (text: string) => string): void {
    const before = this.sections.get(name)?.values.get(key);
    const text = how(before?.text ?? '');
    if (before !== undefined) this.sections.get(name)!.values.set(key, { text, line: before.line });
    else if (text !== '') this.set(name, key, text, 'tracefiles');
  }
}

/** `PROFILE_TRACE+INJECTION+ANNOTATION`: of each file what is before the first dot. */
function nameOf(ini: IniFile, { profile, trace, annotation, injection }: Choice): string {
  const stems = [trace, injection, annotation].filter((path) => path !== null).map(stemOf);
  const name = `${profile}_${stems.join('+')}`;
  if (NAME.test(name)) return name;
  const hint = 'Names of runs become names of files: letters, digits and "._+@=~-", at most 200.';
  throw faultIn(ini, MULTI, null, `a run would be called ${quoted(name, 200)}`, hint);
}

/** What is said of the run, and what its files say of themselves: the trace, what is injected, the annotations. */
function attributesOf({ profile, trace, annotation, injection }: Choice, own: Attributes): string {
  const pairs = [`profile=${profile}`, `tracefile=${stemOf(trace)}`];
  if (injection !== null) pairs.push(`injectfile=${stemOf(injection)}`);
  if (annotation !== null) pairs.push(`annotationfile=${stemOf(annotation)}`);
  for (const path of [trace, injection, annotation]) pairs.push(...(own.get(path ?? '') ?? []));
  return pairs.join(',');
}

/** `name=value` of each `<attributes>`, by file. */
type Attributes = ReadonlyMap<string, readonly string[]>;

/** Files that are not there yet, and those that are no LWF, say nothing of themselves. Throws InputError. */
async function attributesInFiles(paths: readonly (string | null)[]): Promise<Attributes> {
  const found = new Map<string, readonly string[]>();
  for (const path of new Set(paths))
    if (path !== null && /\.(xml|lwfa?)$/.test(path) && existsSync(path)) found.set(path, await attributesIn(path));
  return found;
}

async function attributesIn(path: string): Promise<readonly string[]> {
  const root = await readXml(path);
  checkGrammar(root, path, ['lease-workload', 'lease-annotations']);
  const attributes = root.children.find(({ name }) => name === 'attributes')?.children ?? [];
  return attributes.map((attr) => {
    const [name, value] = [attr.attributes.get('name')!, attr.attributes.get('value')!];
    if (/^[^=,\n]+$/.test(name) && !/[,\n]|\s;/.test(value)) return `${name}=${value}`;
    const hint = 'Attributes are written as name=value,name=value: without commas, and names without "=".';
    throw faultAt(attr, path, `the attribute ${quoted(name)} cannot be carried over`, hint);
  });
}

function stemOf(path: string): string {
  return basename(path).split('.')[0]!;
}

function refuseSameNames(ini: IniFile, runs: readonly ExpandedRun[]): void {
  const names = new Set<string>();
  for (const { name } of runs) {
    if (names.has(name)) {
      const hint = 'Names come from the files, up to the first dot: rename one of them.';
      throw faultIn(ini, MULTI, null, `two runs are called ${quoted(name, 200)}`, hint);
    }
    names.add(name);
  }
}

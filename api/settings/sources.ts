/**
 * The settings as they come: flags win over the environment, that over the file, that over the defaults. Whatever is wrong
 * is collected, with its place: an operator puts all of it right at once.
 */

import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CONFIGURATION, didYouMean, InputError, nearest, quoted, USAGE } from '../../simulations/input-error.js';
import { parseYaml, pathText, readSettings, type YamlFile } from '../../simulations/yaml-file.js';
import {
  flagOf,
  keyOf,
  NAMES,
  type ServeOptions,
  type SettingName,
  settingOf,
  VARIABLES,
  variableOf,
} from './table.js';

export type Source = 'flag' | 'environment' | 'file' | 'default';

/** Where a value comes from. */
export interface Origin {
  readonly source: Source;
  /** `--port`, `LEASEHOLD_PORT` or `leasehold.yaml:3: port`; empty: a default. */
  readonly place: string;
}

/** Something to be put right. */
export interface Mistake {
  readonly place: string;
  readonly problem: string;
  readonly hint: string;
  readonly exitCode: number;
}

export interface Settings {
  readonly options: ServeOptions;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** The file that was read; null: none. */
  readonly file: string | null;
  readonly mistakes: readonly Mistake[];
}

/** What flags were given, as they were written: text, a list of it, or true. */
export type Flags = Readonly<Partial<Record<SettingName, string | readonly string[] | boolean>>>;

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--config`; undefined: not given. */
  readonly configFile: string | undefined;
  /** The file of the machine. */
  readonly machineFile: string;
}

export const FILE_NAME = 'leasehold.yaml';
export const MACHINE_FILE = `/etc/leasehold/${FILE_NAME}`;

export function collectSettings(flags: Flags, around: Surroundings): Settings {
  const found = new Found();
  // 1. From the strongest source to the weakest.
  found.takeFlags(flags);
  found.takeEnvironment(around.environment);
  const file = fileToRead(found.value('dataDir'), around);
  if (file !== null) found.takeFile(file, file === ownFile(found.value('dataDir')));
  // 2. What nobody has said.
  const options = Object.fromEntries(NAMES.map((name) => [name, found.value(name)])) as unknown as ServeOptions;
  const origins = Object.fromEntries(NAMES.map((name) => [name, found.origin(name)])) as Settings['origins'];
  return { options, origins, file, mistakes: found.mistakes };
}

/** One of these is enough: the one from the stronger source displaces the other. */
const EXCLUSIVE: readonly (readonly [SettingName, SettingName])[] = [
  ['nodes', 'site'],
  ['store', 'storeFile'],
];

class Found {
  readonly mistakes: Mistake[] = [];
  private readonly values = new Map<SettingName, unknown>();
  private readonly origins = new Map<SettingName, Origin>();

  value<K extends SettingName>(name: K): ServeOptions[K] {
    return (this.values.has(name) ? this.values.get(name) : settingOf(name).default) as ServeOptions[K];
  }

  origin(name: SettingName): Origin {
    return this.origins.get(name) ?? { source: 'default', place: '' };
  }

  takeFlags(flags: Flags): void {
    for (const name of NAMES) {
      const given = flags[name];
      if (given === undefined) continue;
      const setting = settingOf(name);
      const parsed =
        typeof given === 'boolean' ? given : [given].flat().flatMap((text) => [setting.parse(text)].flat());
      const one = Array.isArray(parsed) && setting.many === undefined ? parsed[0] : parsed;
      this.take(name, one, { source: 'flag', place: flagOf(name) }, USAGE);
    }
  }

  takeEnvironment(environment: Surroundings['environment']): void {
    const variables = new Map(NAMES.map((name) => [variableOf(name), name]));
    for (const [variable, text] of Object.entries(environment)) {
      const name = variables.get(variable);
      // An empty one is as if it were not there: many tools cannot do without a value.
      if (text === undefined || text === '') continue;
      if (name !== undefined) {
        this.take(name, settingOf(name).parse(text), { source: 'environment', place: variable }, CONFIGURATION);
      } else this.mayBeMisspelt(variable, [...variables.keys()]);
    }
    if (environment.OTEL_SDK_DISABLED !== 'true') this.takeStandard(environment);
  }

  /** Where ours does not say otherwise. */
  private takeStandard(environment: Surroundings['environment']): void {
    for (const name of NAMES) {
      const { standard = [], parse } = settingOf(name);
      const variable = standard.find((one) => (environment[one] ?? '') !== '');
      if (variable === undefined || this.values.has(name)) continue;
      this.take(name, parse(environment[variable]!), { source: 'environment', place: variable }, CONFIGURATION);
    }
  }

  /** `own`: it lies in the data directory, and was looked for there. */
  takeFile(file: string, own: boolean): void {
    let yaml: YamlFile;
    try {
      yaml = parseYaml(readSettings(file), file);
      if ((statSync(file).mode & 0o002) !== 0) {
        this.mistaken(file, 'can be written by everybody', `Run: chmod o-w ${file}`, CONFIGURATION);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.mistakes.push({ place: placeOf(error), ...error, problem: error.problem, exitCode: CONFIGURATION });
      return;
    }
    if (yaml.value === null) return;
    if (typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
      this.mistaken(`${file}:1`, 'is not a list of settings', 'Write key: value lines.', CONFIGURATION);
      return;
    }
    const names = new Map(NAMES.map((name) => [keyOf(name), name]));
    for (const [key, value] of Object.entries(yaml.value)) {
      const place = `${file}:${yaml.line([key])}: ${pathText([key])}`;
      const name = names.get(key);
      if (name === undefined)
        this.mistaken(
          `${file}:${yaml.line([key])}`,
          `unknown setting ${quoted(key)}`,
          didYouMean(key, [...names.keys()]),
          CONFIGURATION,
        );
      else if (name === 'dataDir' && own)
        this.mistaken(place, 'this file was found in the data directory', 'Leave it out here.', CONFIGURATION);
      else this.take(name, fromFile(value, file, name), { source: 'file', place }, CONFIGURATION);
    }
  }

  /** Unless a stronger source has said it, or what excludes it. */
  private take(name: SettingName, given: unknown, origin: Origin, exitCode: number): void {
    const setting = settingOf(name);
    const value = setting.read(given);
    if (value === undefined) {
      const shown = setting.secret === true ? 'what is written' : shownValue(given);
      this.mistaken(origin.place, `${shown} is not accepted`, `Write ${setting.accepts}.`, exitCode);
      return;
    }
    if (this.values.has(name)) return;
    const pair = EXCLUSIVE.find((one) => one.includes(name));
    const other = pair?.find((one) => one !== name);
    if (other !== undefined && this.values.has(other)) {
      const { source, place } = this.origin(other);
      if (source === origin.source)
        this.mistaken(origin.place, `${place} is given, too`, 'Give one of them.', exitCode);
      return;
    }
    this.values.set(name, value);
    this.origins.set(name, origin);
  }

  /** Other programs have variables with our prefix, too; only what is nearly one of ours was meant to be one. */
  private mayBeMisspelt(variable: string, known: readonly string[]): void {
    if (!variable.startsWith(VARIABLES)) return;
    const bare = (one: string): string => one.slice(VARIABLES.length);
    const near = nearest(bare(variable), known.map(bare));
    if (near === null) return;
    this.mistaken(quoted(variable).slice(1, -1), 'no setting', `Did you mean ${VARIABLES}${near}?`, CONFIGURATION);
  }

  private mistaken(place: string, problem: string, hint: string, exitCode: number): void {
    this.mistakes.push({ place, problem, hint, exitCode });
  }
}

/** The file that was named must be there; one of the two others is read where it is. */
function fileToRead(dataDir: string, { configFile, environment, machineFile }: Surroundings): string | null {
  const named = configFile ?? environment[`${VARIABLES}CONFIG`];
  if (named !== undefined && named !== '') return named;
  return [ownFile(dataDir), machineFile].find((file) => existsSync(file)) ?? null;
}

function ownFile(dataDir: string): string {
  return join(dataDir, FILE_NAME);
}

/** Paths are meant from where the file lies. */
function fromFile(value: unknown, file: string, name: SettingName): unknown {
  return settingOf(name).path === true && typeof value === 'string' ? resolve(dirname(file), value) : value;
}

function placeOf({ file, line, path }: InputError): string {
  return `${file}${line === null ? '' : `:${line}`}${path === null ? '' : `: ${path}`}`;
}

function shownValue(value: unknown): string {
  return quoted(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
}

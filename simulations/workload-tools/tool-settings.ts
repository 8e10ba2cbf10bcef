/** Settings of the generator and the annotator: sections of values, in Haizea's INI or in YAML. */

import { durationOf } from '../amounts.js';
import { faultIn, parseIni } from '../haizea/ini.js';
import { dayTime, type Kind } from '../haizea/option-kinds.js';
import { didYouMean, type InputError, quoted } from '../input-error.js';
import { anyMapping, parseYaml, readSettings } from '../yaml-file.js';

export interface Settings {
  readonly file: string;
  has(section: string, key?: string): boolean;
  /** undefined: it is not there. */
  text(section: string, key: string): string | undefined;
  fault(section: string, key: string | null, problem: string, hint: string): InputError;
}

/** Sections and the keys that may be in them. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Reads a file: YAML where it is called so, else INI. Throws InputError. */
export function readToolSettings(file: string, known: Known): Settings {
  const text = readSettings(file);
  const settings = /\.ya?ml$/i.test(file) ? fromYaml(text, file) : fromIni(text, file);
  for (const [section, keys] of settings.sections) {
    if (!Object.hasOwn(known, section)) {
      const hint = didYouMean(section, Object.keys(known));
      throw settings.fault(section, null, `the section ${quoted(section)} is not known`, hint);
    }
    for (const key of keys) {
      if (known[section]!.includes(key)) continue;
      throw settings.fault(section, key, `${quoted(key)} is not known`, didYouMean(key, known[section]!));
    }
  }
  return settings;
}

/** A length of time as Haizea writes it, or as we do, in milliseconds. */
export const span: Kind<number> = {
  accepts: 'DD:HH:MM:SS, a duration such as 1h30m, or seconds',
  read: (text) => dayTime.read(text) ?? durationOf(text) ?? undefined,
};

/** A value that must be there. */
export function required(settings: Settings, section: string, key: string, hint: string): string {
  const text = settings.text(section, key);
  if (text !== undefined) return text;
  throw settings.fault(section, settings.has(section) ? key : null, 'is missing', hint);
}

/** A value of that kind, which must be there. */
export function valueIn<T>(settings: Settings, section: string, key: string, kind: Kind<T>): T {
  const text = required(settings, section, key, `Write ${key} = ${kind.accepts}.`);
  const value = kind.read(text);
  if (value !== undefined) return value;
  throw settings.fault(section, key, `${quoted(text)} is not accepted`, `Accepted: ${kind.accepts}.`);
}

/** A value of that kind, or `otherwise` where there is none. */
export function valueOr<T>(settings: Settings, section: string, key: string, kind: Kind<T>, otherwise: T): T {
  return settings.has(section, key) ? valueIn(settings, section, key, kind) : otherwise;
}

interface Sections extends Settings {
  readonly sections: readonly (readonly [section: string, keys: readonly string[]])[];
}

function fromIni(text: string, file: string): Sections {
  const ini = parseIni(text, file);
  return {
    file,
    sections: [...ini.sections].map(([name, { values }]) => [name, [...values.keys()]]),
    has: (section, key) => {
      const found = ini.sections.get(section);
      return found !== undefined && (key === undefined || found.values.has(key));
    },
    text: (section, key) => ini.sections.get(section)?.values.get(key)?.text,
    fault: (section, key, problem, hint) => faultIn(ini, section, key, problem, hint),
  };
}

function fromYaml(text: string, file: string): Sections {
  const yaml = parseYaml(text, file);
  const sections = new Map<string, ReadonlyMap<string, string>>();
  for (const [section, values] of anyMapping(yaml, [], yaml.value)) {
    const texts = new Map<string, string>();
    for (const [key, value] of anyMapping(yaml, [section], values)) {
      if (Array.isArray(value) && value.every((one) => ['string', 'number'].includes(typeof one))) {
        texts.set(key, value.join(' '));
      } else if (['string', 'number', 'boolean'].includes(typeof value)) texts.set(key, String(value));
      else throw yaml.fault([section, key], 'is not a value', 'Write a text, a number or a list of them.');
    }
    sections.set(section, texts);
  }
  return {
    file,
    sections: [...sections].map(([name, texts]) => [name, [...texts.keys()]]),
    has: (section, key) => {
      const found = sections.get(section);
      return found !== undefined && (key === undefined || found.has(key));
    },
    text: (section, key) => sections.get(section)?.get(key),
    fault: (section, key, problem, hint) => yaml.fault(key === null ? [section] : [section, key], problem, hint),
  };
}

/**
 * INI files as Python's ConfigParser reads them: sections, `key: value` or `key = value`, continued on indented lines.
 * Comments are lines that begin with `#` or `;`, and what follows a `;` after a blank. Nothing is interpolated.
 */

import { CONFIGURATION, InputError, quoted } from '../input-error.js';
import { readSettings } from '../yaml-file.js';

const LINE_MAX = 10_000;
const SECTIONS_MAX = 1000;
const VALUES_MAX = 10_000;

const COMMENT = /^(?:\s*[#;]|rem(?:\s|$))/i;
const HEADER = /^\[([^\]]+)\]\s*(?:[#;].*)?$/;
const OPTION = /^([^:=\s][^:=]*)[:=](.*)$/;

/** A value with the line on which it begins. Continued values hold a newline between their lines. */
export interface IniValue {
  readonly text: string;
  readonly line: number;
}

export interface IniSection {
  readonly line: number;
  /** By key, in lower case. */
  readonly values: ReadonlyMap<string, IniValue>;
}

export interface IniFile {
  readonly file: string;
  readonly sections: ReadonlyMap<string, IniSection>;
}

/** Reads a file of at most 1 MiB. Throws InputError. */
export function readIni(file: string): IniFile {
  return parseIni(readSettings(file), file);
}

export function parseIni(text: string, file: string): IniFile {
  const reader = new IniReader(file);
  text.split(/\r\n|\r|\n/).forEach((content, i) => reader.take(content, i + 1));
  return { file, sections: reader.finish() };
}

/** The text of such a file: what parseIni reads from it is the same but for the lines. */
export function formatIni(ini: IniFile): string {
  const sections = [...ini.sections].map(([name, { values }]) => {
    const lines = [...values].map(
      ([key, { text }]) => `${key}: ${text === '' ? '""' : text.replaceAll('\n', '\n  ')}\n`,
    );
    return `[${name}]\n${lines.join('')}`;
  });
  return sections.join('\n');
}

/** An error at a value, at its section where that has no such value, or at the file. */
export function faultIn(
  ini: IniFile,
  section: string | null,
  key: string | null,
  problem: string,
  hint: string,
): InputError {
  const within = section === null ? undefined : ini.sections.get(section);
  const line = (key === null ? undefined : within?.values.get(key)?.line) ?? within?.line ?? null;
  const path = section === null ? null : `[${section}]${key === null ? '' : ` ${key}`}`;
  return new InputError(problem, { file: ini.file, line, path }, hint, CONFIGURATION);
}

/** Line after line: the section and the value that the next one may belong to. */
class IniReader {
  private readonly sections = new Map<string, { line: number; values: Map<string, IniValue> }>();
  private section: { name: string; values: Map<string, IniValue> } | null = null;
  private key: string | null = null;
  private count = 0;

  constructor(private readonly file: string) {}

  take(content: string, line: number): void {
    if (content.length > LINE_MAX) {
      throw this.fault(line, `a line of more than ${LINE_MAX} characters`, 'Is this the right file?');
    }
    if (content.trim() === '' || COMMENT.test(content)) return;
    if (/^\s/.test(content)) return this.continued(content.trim(), line);
    const header = HEADER.exec(content);
    if (header !== null) return this.begin(header[1]!, line);
    const option = OPTION.exec(content);
    if (option === null) {
      throw this.fault(line, `${quoted(content)} is not understood`, 'Write [section], key: value, or # comment.');
    }
    this.option(option[1]!.trim().toLowerCase(), option[2]!, line);
  }

  finish(): ReadonlyMap<string, IniSection> {
    for (const [name, { values }] of this.sections) {
      for (const [key, { text, line }] of values) {
        if (/%[(%]/.test(text)) {
          const hint = 'References to other values (%(name)s) and %% are not read: write the value out.';
          throw this.fault(line, `[${name}] ${key}: ${quoted(text)} is not accepted`, hint);
        }
      }
    }
    return this.sections;
  }

  private begin(name: string, line: number): void {
    const before = this.sections.get(name);
    if (before !== undefined) {
      const hint = `The first one is on line ${before.line}: join them.`;
      throw this.fault(line, `the section [${quoted(name).slice(1, -1)}] twice`, hint);
    }
    if (this.sections.size === SECTIONS_MAX) throw this.fault(line, 'too many sections', `At most ${SECTIONS_MAX}.`);
    const values = new Map<string, IniValue>();
    this.sections.set(name, { line, values });
    this.section = { name, values };
    this.key = null;
  }

  private option(key: string, given: string, line: number): void {
    if (this.section === null) {
      throw this.fault(line, `${quoted(key)} before the first section`, 'Begin with a section, such as [general].');
    }
    const before = this.section.values.get(key);
    if (before !== undefined) {
      const hint = `The first one is on line ${before.line}: keep one of them.`;
      throw this.fault(line, `[${this.section.name}] ${quoted(key)} twice`, hint);
    }
    if (++this.count > VALUES_MAX) throw this.fault(line, 'too many values', `At most ${VALUES_MAX}.`);
    const text = given.split(/\s;/, 1)[0]!.trim();
    this.section.values.set(key, { text: text === '""' ? '' : text, line });
    this.key = key;
  }

  private continued(more: string, line: number): void {
    if (this.section === null || this.key === null) {
      throw this.fault(line, 'an indented line that continues nothing', 'Begin options at the first column.');
    }
    const { text, line: first } = this.section.values.get(this.key)!;
    this.section.values.set(this.key, { text: text === '' ? more : `${text}\n${more}`, line: first });
  }

  private fault(line: number, problem: string, hint: string): InputError {
    return new InputError(problem, { file: this.file, line }, hint, CONFIGURATION);
  }
}

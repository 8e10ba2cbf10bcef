/** Settings from YAML 1.2 files, with the line of every value for messages. Small and flat: everything has a limit. */

import { readFileSync, statSync } from 'node:fs';
import { isMap, isNode, isPair, Lexer, LineCounter, parseDocument } from 'yaml';
import { CONFIGURATION, didYouMean, InputError, quoted, USAGE } from './input-error.js';

const BYTES_MAX = 1024 * 1024;
const LINE_MAX = 10_000;
const ALIASES_MAX = 10;
/** The parser is recursive, and ends the process when nested too deep: so the text is measured before it is parsed. */
const BRACKETS_MAX = 64;
const INDENT_MAX = 100;
const STAIRS = /^[ \t]*(?:[-?:][ \t]+){17}/m;

/** The keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

export interface YamlFile {
  readonly value: unknown;
  /** The line on which the value at that path begins, or the nearest value above it. */
  line(path: Path): number;
  /** An error at that path, or at the nearest value above it. */
  fault(path: Path, problem: string, hint: string): InputError;
}

/** Reads a settings file as text. Throws InputError. */
export function readSettings(file: string): string {
  try {
    if (statSync(file).size > BYTES_MAX) {
      throw new InputError('more than 1 MiB', { file }, 'Is this the right file?', CONFIGURATION);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as { code?: string }).code ?? '';
    if (code === 'ENOENT') throw new InputError('no such file', { file }, 'Check the path.', USAGE);
    if (code.startsWith('ERR_'))
      throw new InputError('not a UTF-8 text', { file }, 'Is this the right file?', CONFIGURATION);
    throw new InputError(`cannot be read (${code})`, { file }, 'Check the path and its permissions.', USAGE);
  }
}

/** Parses one YAML document. Tags, merge keys and repeated keys are refused, aliases are limited. Throws InputError. */
export function parseYaml(text: string, file: string): YamlFile {
  refuseDeep(text, file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line));
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong !== undefined) {
    const problem = wrong.message.split('\n')[0]!.slice(0, 200);
    throw new InputError(problem, { file, line: lineAt(wrong.pos[0]) }, 'Correct the YAML.', CONFIGURATION);
  }
  const line = (path: Path) => lineAt(offsetOf(document.contents, path));
  const fault = (path: Path, problem: string, hint: string) =>
    new InputError(problem, { file, line: line(path), path: pathText(path) }, hint, CONFIGURATION);
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }), line, fault };
  } catch (error) {
    throw fault([], (error as Error).message.slice(0, 200), 'Write the values out instead of using aliases.');
  }
}

/** `nodes[2].capacity.cpu` */
export function pathText(path: Path): string | null {
  if (path.length === 0) return null;
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`)).join('');
}

/** The mapping at `path`, with keys among `known` only. */
export function mapping(yaml: YamlFile, path: Path, value: unknown, known: readonly string[]): Map<string, unknown> {
  const entries = anyMapping(yaml, path, value);
  for (const key of entries.keys()) {
    if (known.includes(key)) continue;
    throw yaml.fault([...path, key], `unknown key ${quoted(key)}`, didYouMean(key, known));
  }
  return entries;
}

/** The mapping at `path`, with any keys. */
export function anyMapping(yaml: YamlFile, path: Path, value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw yaml.fault(path, `${shown(value)} is not a mapping`, 'Write key: value lines.');
  }
  return new Map(Object.entries(value));
}

/** A value for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return String(value);
  return value === undefined ? 'nothing' : quoted(JSON.stringify(value)).slice(1, -1);
}

function refuseDeep(text: string, file: string): void {
  const refuse = (line: number, problem: string): never => {
    throw new InputError(
      problem,
      { file, line },
      'Settings are small and flat; is this the right file?',
      CONFIGURATION,
    );
  };
  text.split('\n').forEach((content, i) => {
    if (content.length > LINE_MAX) refuse(i + 1, `a line of more than ${LINE_MAX} characters`);
    if (/\S/.test(content) && content.search(/[^ \t]/) > INDENT_MAX) refuse(i + 1, 'indented too deep');
    if (STAIRS.test(content)) refuse(i + 1, 'nested too deep');
  });
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > BRACKETS_MAX) refuse(1, 'brackets nested too deep');
  }
}

/** Where in the text the value at `path` begins, or the last value on the way to it. */
function offsetOf(contents: unknown, path: Path): number | undefined {
  let node = contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === String(step));
      if (pair !== undefined && isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (typeof node === 'object' && node !== null && 'items' in node) {
      next = (node.items as readonly unknown[])[Number(step)];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    if (next === undefined || next === null) break;
    node = next;
  }
  return offset;
}

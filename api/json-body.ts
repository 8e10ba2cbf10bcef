/**
 * JSON from outside, read strictly: UTF-8 without byte order mark, no duplicate members, nothing too deep, too many or too
 * long, no members that would reach into JavaScript's objects, no half characters. `JSON.parse` alone accepts all of these.
 */

export const DEPTH_MAX = 16;
/** Of one object, of one list, and of one string: more than anything that is asked for here has. */
export const MEMBERS_MAX = 256;
export const ITEMS_MAX = 1024;
export const STRING_MAX = 32 * 1024;

export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** JSON pointer to the member at fault; null where there is no such member. */
  readonly pointer: string | null;

  constructor(message: string, pointer: string | null = null) {
    super(message);
    this.pointer = pointer;
  }
}

/** The value that `bytes` hold. Throws a JsonError that says what is wrong and where. O(bytes). */
export function readJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (text.trim() === '') throw new JsonError('the body is empty; a JSON object is expected');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonError(`not JSON: ${withoutInput((error as Error).message)}`);
  }
  checkText(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError('the body is not UTF-8');
  }
  if (text.startsWith('\ufeff')) throw new JsonError('the body begins with a byte order mark; leave it out');
  return text;
}

/** V8 quotes the input in its messages: keep what it says of the place, drop the rest. */
function withoutInput(message: string): string {
  const place = /at position \d+/.exec(message)?.[0];
  return place === undefined ? 'it ends too early or holds something else' : `unexpected text ${place}`;
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

interface Level {
  /** Members seen, for an object; null for a list. */
  readonly names: Set<string> | null;
  /** The member or index that is being read. */
  at: string | number;
}

/** Walks the tokens of `text`, which is known to be JSON. */
function checkText(text: string): void {
  const levels: Level[] = [];
  let nameNext = false;
  for (let i = 0; i < text.length; i++) {
    const level = levels[levels.length - 1];
    switch (text[i]) {
      case '{':
      case '[':
        if (levels.length === DEPTH_MAX) {
          throw new JsonError(`is nested deeper than ${DEPTH_MAX} levels`, pointerTo(levels));
        }
        nameNext = text[i] === '{';
        levels.push(nameNext ? { names: new Set(), at: '' } : { names: null, at: 0 });
        break;
      case '}':
      case ']':
        levels.pop();
        nameNext = false;
        break;
      case ',':
        if (level !== undefined && level.names === null) enterItem(level, levels);
        nameNext = level !== undefined && level.names !== null;
        break;
      case '"': {
        const end = endOfString(text, i);
        const content = JSON.parse(text.slice(i, end + 1)) as string;
        if (nameNext && level !== undefined) enterMember(level, content, levels);
        if (content.length > STRING_MAX)
          throw new JsonError(`is longer than ${STRING_MAX} characters`, pointerTo(levels));
        if (/\p{Surrogate}/u.test(content)) throw new JsonError('holds half of a character', pointerTo(levels));
        nameNext = false;
        i = end;
        break;
      }
    }
  }
}

function enterMember(level: Level, name: string, levels: readonly Level[]): void {
  level.at = name;
  if (FORBIDDEN.has(name)) throw new JsonError('is not allowed as a name', pointerTo(levels));
  if (level.names?.has(name)) throw new JsonError('is given twice', pointerTo(levels));
  if (level.names?.size === MEMBERS_MAX)
    throw new JsonError(`is one member too many: ${MEMBERS_MAX}`, pointerTo(levels));
  level.names?.add(name);
}

function enterItem(level: Level, levels: readonly Level[]): void {
  level.at = (level.at as number) + 1;
  if (level.at >= ITEMS_MAX) throw new JsonError(`is one item too many: ${ITEMS_MAX}`, pointerTo(levels));
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function pointerTo(levels: readonly Level[]): string {
  return levels
    .map(({ at }) => `/${escapePointer(String(at))}`)
    .join('')
    .slice(0, 200);
}

export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

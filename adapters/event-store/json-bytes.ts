/**
 * JSON as bytes, one text behind another: the same as JSON.stringify gives, of plain values. It costs half as much as
 * making a text, joining it with others and turning them into bytes.
 */

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BACKSLASH = 0x5c;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
const BILLION = 1_000_000_000;
/** Longer texts are left to those who can do many letters at once. */
const LETTERS_MAX = 64;
/** Names of members that are kept as bytes: those of events, and no more where maps have names of their own. */
const NAMES_MAX = 512;

export class JsonBytes {
  private bytes: Buffer;
  private used = 0;
  private readonly names = new Map<string, Buffer>();

  /** Grows where more is written before it is taken. */
  constructor(private readonly size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.used;
  }

  /** Forgets what was written behind the first `length` bytes. */
  truncate(length: number): void {
    this.used = length;
  }

  /** What is written. It begins anew; `spare`: bytes taken earlier, which nobody reads any more and are written over. */
  take(spare: Buffer | null): Buffer {
    const taken = this.bytes.subarray(0, this.used);
    this.bytes = spare === null ? Buffer.allocUnsafeSlow(this.size) : Buffer.from(spare.buffer);
    this.used = 0;
    return taken;
  }

  /** As it is, in UTF-8. */
  text(text: string): void {
    this.need(text.length * 3);
    this.used += this.bytes.write(text, this.used, 'utf8');
  }

  endLine(): void {
    this.letter(NEWLINE);
  }

  /** Numbers, texts, booleans, null, lists, and objects without methods. */
  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        return this.number(value);
      case 'string':
        return this.string(value);
      case 'boolean':
        return this.literal(value ? TRUE : FALSE);
      case 'object':
        if (value === null) return this.literal(NULL);
        return Array.isArray(value) ? this.list(value) : this.object(value as Readonly<Record<string, unknown>>);
      default:
        return this.literal(NULL); // only in lists: members without a value are left out
    }
  }

  private list(values: readonly unknown[]): void {
    this.letter(BRACKET);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.letter(COMMA);
      this.value(values[i]);
    }
    this.letter(BRACKET_END);
  }

  private object(members: Readonly<Record<string, unknown>>): void {
    this.letter(BRACE);
    const names = Object.keys(members);
    let isFirst = true;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const value = members[name];
      if (value === undefined) continue;
      if (!isFirst) this.letter(COMMA);
      isFirst = false;
      this.literal(this.names.get(name) ?? this.nameOf(name));
      this.value(value);
    }
    this.letter(BRACE_END);
  }

  private nameOf(name: string): Buffer {
    const bytes = Buffer.from(`${JSON.stringify(name)}:`);
    if (this.names.size < NAMES_MAX) this.names.set(name, bytes);
    return bytes;
  }

  private string(text: string): void {
    const { length } = text;
    if (length > LETTERS_MAX) return this.text(JSON.stringify(text));
    this.need(length + 2);
    const { bytes } = this;
    let at = this.used;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const letter = text.charCodeAt(i);
      if (letter < 0x20 || letter > 0x7e || letter === QUOTE || letter === BACKSLASH)
        return this.text(JSON.stringify(text));
      bytes[at++] = letter;
    }
    bytes[at++] = QUOTE;
    this.used = at;
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) return this.text(JSON.stringify(value));
    this.need(16);
    if (value < BILLION) return this.digits(value, digitsOf(value));
    const high = Math.floor(value / BILLION);
    this.digits(high, digitsOf(high));
    this.digits(value - high * BILLION, 9);
  }

  /** The last `count` digits of a number below a billion. */
  private digits(value: number, count: number): void {
    const { bytes, used } = this;
    let left = value | 0;
    for (let at = used + count - 1; at >= used; at--) {
      const tenth = (left / 10) | 0;
      bytes[at] = ZERO + left - tenth * 10;
      left = tenth;
    }
    this.used = used + count;
  }

  private literal(literal: Buffer): void {
    const { length } = literal;
    this.need(length);
    const { bytes } = this;
    let at = this.used;
    for (let i = 0; i < length; i++) bytes[at++] = literal[i]!;
    this.used = at;
  }

  private letter(letter: number): void {
    this.need(1);
    this.bytes[this.used++] = letter;
  }

  private need(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.used + more) * 2);
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}

function digitsOf(value: number): number {
  let count = 1;
  for (let left = value; left >= 10; left = (left / 10) | 0) count++;
  return count;
}

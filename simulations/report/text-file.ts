/** A text file written in large pieces. Synchronous: nothing to wait for between two leases, and no queue to grow. */

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const BYTES = 256 * 1024;
const ZERO = 48;

/** Numbers below this are looked up: four digits each. */
const SMALL = 10_000;
const DIGITS = new Uint8Array(4 * SMALL);
for (let value = 0; value < SMALL; value++)
  for (let i = 3, rest = value; i >= 0; i--, rest = Math.floor(rest / 10)) DIGITS[4 * value + i] = ZERO + (rest % 10);

/** A number in digits has at most so many, a point and decimals included. */
const NUMBER_BYTES = 24;
/** Texts up to so many characters are short. */
const SHORT = 48;
/** Up to here a thousandth is exact in its shortest decimal form. */
const SAFE_THOUSANDTHS = 1e15;
const POINT = 0x2e;

/** Writes a whole number ≥ 0 in decimal digits, at most 16 of them; where they end. */
export function digits(bytes: Uint8Array, at: number, value: number): number {
  if (value >= SMALL) {
    const head = Math.floor(value / SMALL);
    const end = digits(bytes, at, head);
    return lowest(bytes, end, value - head * SMALL, 4);
  }
  return lowest(bytes, at, value, value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : 4);
}

/** The lowest `count` of four digits. */
function lowest(bytes: Uint8Array, at: number, value: number, count: number): number {
  const from = 4 * value + 4 - count;
  for (let i = 0; i < count; i++) bytes[at + i] = DIGITS[from + i]!;
  return at + count;
}

export class TextFile {
  readonly bytes = Buffer.allocUnsafe(BYTES);
  at = 0;
  private open = true;

  private constructor(readonly descriptor: number) {}

  /** A file that was not there. */
  static create(path: string): TextFile {
    return new TextFile(openSync(path, 'wx'));
  }

  /** One that is open already, maybe in another thread. */
  static of(descriptor: number): TextFile {
    return new TextFile(descriptor);
  }

  text(text: string): void {
    // A character takes at most three bytes in UTF-8.
    if (text.length * 3 > BYTES) return this.long(text);
    this.reserve(text.length * 3);
    if (text.length > SHORT || !this.ascii(text)) this.at += this.bytes.write(text, this.at);
  }

  /** Bytes that are not many. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.at++] = byte;
  }

  /** A whole number ≥ 0 in decimal digits. */
  number(value: number): void {
    this.reserve(NUMBER_BYTES);
    this.at = digits(this.bytes, this.at, value);
  }

  /** As `String(value / 1000)` of a whole number: milliseconds in seconds. */
  thousandths(value: number): void {
    if (!(value >= 0 && value < SAFE_THOUSANDTHS)) return this.text(String(value / 1000));
    const whole = Math.floor(value / 1000);
    const rest = value - whole * 1000;
    this.reserve(NUMBER_BYTES);
    this.at = digits(this.bytes, this.at, whole);
    if (rest === 0) return;
    this.bytes[this.at++] = POINT;
    for (let left = rest, unit = 100; left > 0; unit /= 10) {
      const digit = Math.floor(left / unit);
      this.bytes[this.at++] = ZERO + digit;
      left -= digit * unit;
    }
  }

  /** Room for so many bytes: they are written by whoever asked, who then says where they end. */
  room(bytes: number): { readonly bytes: Uint8Array; at: number } {
    this.reserve(bytes);
    return this;
  }

  /** A short text byte by byte, which for these takes a tenth of encoding them; false: it is not ASCII. */
  private ascii(text: string): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[at + i] = code;
    }
    this.at = at + text.length;
    return true;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes > BYTES) this.flush();
  }

  /** Writes the rest and waits until the disk has it. */
  finish(): void {
    this.flush();
    fsyncSync(this.descriptor);
    this.close();
  }

  /** Without the rest. Harmless afterwards. */
  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  private long(text: string): void {
    this.flush();
    this.writeWhole(Buffer.from(text));
  }

  private flush(): void {
    this.writeWhole(this.bytes.subarray(0, this.at));
    this.at = 0;
  }

  private writeWhole(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor, bytes, written);
  }
}

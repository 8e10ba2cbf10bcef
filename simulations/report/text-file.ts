/** A text file written in large pieces. Synchronous: nothing to wait for between two leases, and no queue to grow. */

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const BYTES = 256 * 1024;
const ZERO = 48;

/** Numbers below this are looked up: four digits each. */
const SMALL = 10_000;
const DIGITS = new Uint8Array(4 * SMALL);
for (let value = 0; value < SMALL; value++)
  for (let i = 3, rest = value; i >= 0; i--, rest = Math.floor(rest / 10)) DIGITS[4 * value + i] = ZERO + (rest % 10);

export class TextFile {
  private readonly descriptor: number;
  private readonly bytes = Buffer.allocUnsafe(BYTES);
  private at = 0;
  private open = true;

  constructor(path: string) {
    this.descriptor = openSync(path, 'wx');
  }

  text(text: string): void {
    // A character takes at most three bytes in UTF-8.
    if (text.length * 3 > BYTES) return this.long(text);
    this.reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at);
  }

  /** Makes room for what follows by `byte` and `number`. */
  reserve(bytes: number): void {
    if (this.at + bytes > BYTES) this.flush();
  }

  byte(byte: number): void {
    this.bytes[this.at++] = byte;
  }

  /** A whole number ≥ 0 in decimal digits: at most 16 bytes. */
  number(value: number): void {
    if (value < SMALL) {
      const end = 4 * value + 4;
      let i = end - (value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : 4);
      while (i < end) this.bytes[this.at++] = DIGITS[i++]!;
      return;
    }
    let tenth = 1;
    while (value >= tenth * 10) tenth *= 10;
    let rest = value;
    for (; tenth >= 1; tenth /= 10) {
      const digit = Math.floor(rest / tenth);
      this.bytes[this.at++] = ZERO + digit;
      rest -= digit * tenth;
    }
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

/** libvirt's lists of named values, in and out. */

import { type Count, decode, now, type Pointer } from './library.js';

interface TypedParam {
  readonly field: string;
  readonly type: number;
  readonly value: Count;
}

const SIGNED = new Set([1, 3]);
const UNSIGNED = new Set([2, 4, 6]);
const PARAMS_MAX = 100_000;

/** Name → value, of those that are whole numbers. O(count). */
export function numbersIn(params: Pointer, count: number): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let i = 0; i < Math.min(count, PARAMS_MAX); i++) {
    const { field, type, value } = decode<TypedParam>(params, 'TypedParam', i);
    if (SIGNED.has(type)) numbers.set(field, Number(BigInt.asIntN(type === 1 ? 32 : 64, BigInt(value))));
    else if (UNSIGNED.has(type))
      numbers.set(field, Number(BigInt.asUintN(type === 4 ? 64 : type === 2 ? 32 : 8, BigInt(value))));
  }
  return numbers;
}

/** A list to hand to libvirt; `release` it. A name may come more than once. */
export class TypedParams {
  private readonly list: [Pointer | null] = [null];
  private readonly used: [number] = [0];
  private readonly room: [number] = [0];

  text(name: string, value: string): this {
    return this.add('virTypedParamsAddString', name, value);
  }

  count(name: string, value: number): this {
    return this.add('virTypedParamsAddULLong', name, value);
  }

  get pointer(): Pointer | null {
    return this.list[0];
  }

  get length(): number {
    return this.used[0];
  }

  release(): void {
    if (this.list[0] !== null) now('virTypedParamsFree', this.list[0], this.used[0]);
    this.list[0] = null;
  }

  private add(name: string, field: string, value: string | number): this {
    if (now<number>(name, this.list, this.used, this.room, field, value) < 0)
      throw new Error(`${field}: libvirt does not take this value`);
    return this;
  }
}

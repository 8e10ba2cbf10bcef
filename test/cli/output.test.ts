/** Tables, and the formats of a list: what fits, what is never shortened, and what the service cannot make a terminal do. */

import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Column, type Printing, printList } from '../../cli/output.js';
import { type Layout, lineOf, shortened, widthsFor } from '../../cli/table.js';

interface Fox {
  readonly id: string;
  readonly name: string | null;
  readonly born: string | null;
  readonly naps: string;
  readonly age: number | null;
}
const COLUMNS: readonly Column<Fox>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'born', value: ({ born }) => born, as: 'time' },
  { title: 'naps', value: ({ naps }) => naps, as: 'duration', wide: true },
  { title: 'age', value: ({ age }) => age },
];
const FOXES: readonly Fox[] = [
  { id: 'fox-1', name: 'Reineke', born: '2026-11-25T09:30:00Z', naps: 'PT1H30M', age: 7 },
  { id: 'fox-2', name: null, born: null, naps: 'PT45S', age: 12 },
  { id: 'fox-3', name: '狐, "k"', born: '2026-11-25T11:30:00Z', naps: 'PT0.5S', age: null },
];

/** What is written to stdout, which is no terminal here. */
async function printed(how: Printing, foxes: readonly Fox[] = FOXES): Promise<string> {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = ((chunk: string, done: () => void) => {
    text += chunk;
    done();
    return true;
  }) as typeof write;
  try {
    await printList(foxes, COLUMNS, how);
  } finally {
    process.stdout.write = write;
  }
  return text;
}

const plain = { utc: true } as const;

describe('a list', () => {
  it('is a table, with what was asked for', async () => {
    process.env.NO_COLOR = '1';
    expect(await printed({ output: 'table', ...plain })).toMatchInlineSnapshot(`
      "ID     NAME     BORN                  AGE
      fox-1  Reineke  2026-11-25 09:30:00Z  7
      fox-2                                 12
      fox-3  狐, "k"  2026-11-25 11:30:00Z
      "
    `);
    expect(await printed({ output: 'wide', ...plain })).toMatchInlineSnapshot(`
      "ID     NAME     BORN                  NAPS   AGE
      fox-1  Reineke  2026-11-25 09:30:00Z  1h30m  7
      fox-2                                 45s    12
      fox-3  狐, "k"  2026-11-25 11:30:00Z  0.5s
      "
    `);
    expect(
      await printed({ output: 'table', columns: ['age', 'id'], sort: '-age', headers: false }),
    ).toMatchInlineSnapshot(`
      "12   fox-2
      7    fox-1
           fox-3
      "
    `);
    expect(await printed({ output: 'table', iso: true, columns: ['born', 'naps'] })).toMatchInlineSnapshot(`
      "BORN                  NAPS
      2026-11-25T09:30:00Z  PT1H30M
                            PT45S
      2026-11-25T11:30:00Z  PT0.5S
      "
    `);
    expect(await printed({ output: 'table' }, [])).toBe('ID  NAME  BORN  AGE\n');
  });

  it('is for programs in other formats, with times as the API has them', async () => {
    expect(await printed({ output: 'csv' })).toMatchInlineSnapshot(`
      "id,name,born,age
      fox-1,Reineke,2026-11-25T09:30:00Z,7
      fox-2,,,12
      fox-3,"狐, ""k""",2026-11-25T11:30:00Z,
      "
    `);
    expect(await printed({ output: 'csv', columns: ['naps', 'id'], headers: false })).toMatchInlineSnapshot(`
      "PT1H30M,fox-1
      PT45S,fox-2
      PT0.5S,fox-3
      "
    `);
    expect(await printed({ output: 'name', sort: 'name' })).toBe('fox-1\nfox-3\nfox-2\n');
    expect(JSON.parse(await printed({ output: 'json' }))).toEqual(FOXES);
    expect(parse(await printed({ output: 'yaml' }))).toEqual(FOXES);
    const lines = (await printed({ output: 'ndjson', sort: '-id' })).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['fox-3', 'fox-2', 'fox-1']);
  });

  it('cannot make a terminal do anything', async () => {
    const evil = '\u001b[2J\u009b31m\u0007\r\nx\u202ey\u0000';
    const foxes = [{ id: evil, name: evil, born: evil, naps: evil, age: 1 }];
    for (const output of ['table', 'wide', 'csv', 'name', 'json', 'ndjson', 'yaml'] as const) {
      const text = await printed({ output }, foxes);
      expect(text.replaceAll('\r\n', '\n'), output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
    expect(JSON.parse(await printed({ output: 'json' }, foxes))).toEqual(foxes);
    expect((await printed({ output: 'table', headers: false }, foxes)).split('\n')).toHaveLength(2);
  });

  it('of columns that there are not is refused', async () => {
    await expect(printed({ output: 'table', columns: ['tail'] })).rejects.toThrow('there is no column "tail"');
    await expect(printed({ output: 'json', sort: '-tail' })).rejects.toThrow('there is no column "tail"');
  });
});

describe('a table', () => {
  const layouts = (n: number): Layout[] =>
    Array.from({ length: n }, (_, i) => ({ title: `C${i}`, alignRight: i % 2 === 1, whole: i === 0 }));
  const cell = fc
    .oneof(fc.string({ maxLength: 30 }), fc.constantFrom('日本語テキスト', '👩‍👩‍👧 family', 'é', 'a'.repeat(40)))
    .map((text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''));

  it('fits the terminal wherever that can be, and its first column is never cut', () => {
    const rows = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 20, max: 200 }), (cells, most) => {
        const columns = layouts(4);
        const widths = widthsFor(columns, cells, most);
        const least = widths[0]! + 3 * 2 + 3 * 6;
        for (const row of cells) {
          const line = lineOf(row, columns, widths);
          expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(most, least));
          expect(line.startsWith(row[0]!.replace(/ +$/, ''))).toBe(true);
        }
      }),
    );
  });

  it('shortens nothing where it is as wide as it likes', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 3, maxLength: 3 }), (row) => {
        const line = lineOf(row, layouts(3), widthsFor(layouts(3), [row], null));
        for (const text of row) expect(line).toContain(text.trim() === text ? text : text.trimEnd());
      }),
    );
  });

  it('counts wide characters twice', () => {
    expect(shortened('日本語', 6)).toBe('日本語');
    expect(shortened('日本語', 5)).toBe('日本…');
    expect(shortened('日本語', 4)).toBe('日…');
    expect(shortened('👩‍👩‍👧ab', 3)).toBe('👩‍👩‍👧…');
  });
});

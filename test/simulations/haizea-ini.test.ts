/** INI files, as Haizea's configurations are written. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIni, type IniFile, parseIni, readIni } from '../../simulations/haizea/ini.js';
import { directory, file, refusal } from './files.js';

/** The texts by section and key. */
function texts({ sections }: IniFile) {
  return Object.fromEntries(
    [...sections].map(([name, { values }]) => [
      name,
      Object.fromEntries([...values].map(([key, { text }]) => [key, text])),
    ]),
  );
}

describe('what is read', () => {
  test('both separators, blanks, comments, lower-case keys', () => {
    const text = [
      '# a comment',
      '  ; another',
      '[general] ; of the run',
      'LogLevel: INFO ; said once',
      'mode = simulated',
      'rem nothing',
      '',
      '[a:b]',
      'url:http://x;y=z',
      'starttime: 2006-11-25 13:00:00',
      'empty:',
      'quotes: ""',
      'percent: 5%',
    ].join('\r\n');
    expect(texts(parseIni(text, 'c'))).toEqual({
      general: { loglevel: 'INFO', mode: 'simulated' },
      'a:b': {
        url: 'http://x;y=z',
        starttime: '2006-11-25 13:00:00',
        empty: '',
        quotes: '',
        percent: '5%',
      },
    });
  });

  test('indented lines continue a value, over blank lines and comments', () => {
    const ini = parseIni('[multi]\ntracefiles: a.xml\n  b.xml\n\n  # none of them\n\tc.xml\nother:\n  d\n', 'c');
    expect(texts(ini)).toEqual({ multi: { tracefiles: 'a.xml\nb.xml\nc.xml', other: 'd' } });
  });

  test('values know their line', () => {
    const { sections } = parseIni('\n[a]\n\nx: 1\ny: 2\n  3\nz: 4', 'c');
    expect(sections.get('a')?.line).toBe(2);
    expect([...sections.get('a')!.values.values()].map(({ line }) => line)).toEqual([4, 5, 7]);
  });

  test('what is written is read again', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const line = fc.stringMatching(/^[!-"&-:<-~]([ -"&-:<-~]{0,12}[!-"&-:<-~])?$/).filter((text) => text !== '""');
    const value = fc.oneof(
      fc.constant(''),
      fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
    );
    const name = fc.stringMatching(/^[a-z+:]{1,12}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.dictionary(word, value, { noNullPrototype: true })), (given) => {
        const sections = Object.entries(given).map(([key, values]) => {
          const lines = Object.entries(values).map(([one, text]) => [one, { text, line: 1 }] as const);
          return [key, { line: 1, values: new Map(lines) }] as const;
        });
        expect(texts(parseIni(formatIni({ file: 'c', sections: new Map(sections) }), 'c'))).toEqual(given);
      }),
    );
  });
});

describe('what is refused', () => {
  test.each([
    ['x: 1', 'c:1: "x" before the first section', 'such as [general]'],
    ['[a]\nx', 'c:2: "x" is not understood', 'key: value'],
    ['[a\nx: 1', 'c:1: "[a" is not understood', '[section]'],
    ['[]', 'c:1: "[]" is not understood', '[section]'],
    ['[a] b', 'c:1: "[a] b" is not understood', '[section]'],
    ['  x: 1', 'c:1: an indented line that continues nothing', 'first column'],
    ['[a]\n  x: 1', 'c:2: an indented line that continues nothing', 'first column'],
    ['[a]\nx: 1\n[b]\n[a]', 'c:4: the section [a] twice', 'on line 1: join them'],
    ['[a]\nx: 1\nX = 2', 'c:3: [a] "x" twice', 'on line 2: keep one'],
    ['[a]\nx: 1\ny: %(x)s', 'c:3: [a] y: "%(x)s" is not accepted', 'write the value out'],
    ['[a]\ny: 5%%', 'c:2: [a] y: "5%%" is not accepted', '%% are not read'],
    ['[a]\nx: \n  1\n  %(home)s', 'c:2: [a] x:', 'write the value out'],
    [`[a]\nx: ${'y'.repeat(10_000)}`, 'c:2: a line of more than 10000 characters', 'right file'],
    [Array.from({ length: 1001 }, (_, i) => `[${i}]`).join('\n'), 'c:1001: too many sections', 'At most 1000'],
    [`[a]\n${Array.from({ length: 10_001 }, (_, i) => `k${i}: 1`).join('\n')}`, 'c:10002: too many values', '10000'],
    ['\u0000\u001b[31m', 'c:1: "··[31m" is not understood', ''],
  ])('%j', async (text, message, hint) => {
    const error = await refusal(() => parseIni(text, 'c'));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.exitCode).toBe(78);
  });

  test('files that are missing, no text, or too large', async () => {
    expect(await refusal(() => readIni('/no/such.conf'))).toMatchObject({ problem: 'no such file', exitCode: 2 });
    expect(await refusal(() => readIni(directory()))).toMatchObject({ exitCode: 2 });
    expect((await refusal(() => readIni(file('c', Buffer.from([0xff, 0xfe, 0x00]))))).problem).toBe('not a UTF-8 text');
    expect((await refusal(() => readIni(file('c', '#'.repeat(1024 * 1024 + 1))))).problem).toBe('more than 1 MiB');
  });

  test('nothing else than an error for the user comes of any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('[a]', '[', ']', 'x', ':', '=', '%', '(', ' ', ';', '#', '\n', '\t')),
        (parts) => {
          try {
            parseIni(parts.join(''), 'c');
          } catch (error) {
            expect((error as Error).name).toBe('InputError');
          }
        },
      ),
    );
  });
});

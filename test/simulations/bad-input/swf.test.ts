/** SWF files that cannot be read: one clear message with the line, a hint, and the right exit code. */

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WorkloadError } from '../../../simulations/workloads/entry.js';
import { openSwf } from '../../../simulations/workloads/swf.js';
import { directory, file, refusal, stdin, swfRows } from '../files.js';

const ROW = '1 0 -1 60 4 -1 -1 4 600 -1 1 7 1 -1 1 -1 -1 -1\n';
const NUL = Buffer.from([0]);

/** Rows enough to fill several pieces, with different ids. */
function manyRows(count: number): string {
  return Array.from({ length: count }, (_, i) => `${i + 1}${ROW.slice(1)}`).join('');
}

function truncated(): Buffer {
  const packed = gzipSync(Buffer.from(manyRows(50_000)), { level: 0 });
  return packed.subarray(0, packed.length - 1000);
}

function damaged(): Buffer {
  const packed = gzipSync(Buffer.from(manyRows(50_000)));
  packed.fill(0xff, 5000, 5100);
  return packed;
}

test.each<[string, string | Buffer, RegExp]>([
  ['empty', '', /:1: the file is empty$/],
  ['empty, packed', gzipSync(''), /:1: the file is empty$/],
  ['nothing but comments', '; MaxProcs: 8\n; Note: none\n', /:2: nothing but comments$/],
  ['nothing but blanks', ' \n\n', /:2: nothing but comments$/],
  ['nothing but short lines', '1 2 3\n4 5 6\n', /:2: no job that can be used: 2 too-few-fields \(first at line 1\)$/],
  ['nothing but wide jobs', ROW.replaceAll(' 4 ', ' 9 '), /:1: no job that can be used: 1 too-wide \(line 1\)$/],
  ['prose', 'It was a dark and stormy night.\n', /too-few-fields/],
  ['XML', '\n<lease-workload/>', /:2: looks like XML, not SWF$/],
  ['a NUL byte in the header', Buffer.concat([Buffer.from(';\n;'), NUL, Buffer.from('\n')]), /:2: not a text file/],
  ['a NUL byte after rows', Buffer.concat([Buffer.from(`${ROW};\n2`), NUL, Buffer.from(ROW)]), /:3: not a text file/],
  ['UTF-16', Buffer.from(`\ufeff${ROW}`, 'utf16le'), /:1: not a text file/],
  ['random bytes', Buffer.from('\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR', 'latin1'), /:\d: not a text file/],
  ['a line without end', `${ROW}${'7'.repeat(70_000)}\n${ROW}`, /:2: a line longer than 64 KiB$/],
  ['a line without end over many pieces', `${ROW}${' 7'.repeat(500_000)}`, /:2: a line longer than 64 KiB$/],
  ['a header without end', '; x\n'.repeat(1_100_000), /: more comments than a workload has$/],
  ['truncated gzip', truncated(), /:\d{4,}: the gzip data are truncated$/],
  ['truncated gzip header', gzipSync(ROW).subarray(0, 5), /: the gzip data are truncated$/],
  ['damaged gzip', damaged(), /: the gzip data are damaged/],
  ['a bomb', gzipSync(Buffer.alloc(40 * 1024 * 1024, ROW)), /: unpacks to more than 100 times its size$/],
])('%s', async (_, content, message) => {
  const path = file('bad.swf', content);
  const error = await refusal(() => swfRows(path, { procs: 8 }));
  expect(error).toBeInstanceOf(WorkloadError);
  expect(error.message).toMatch(message);
  expect(error.message.startsWith(path)).toBe(true);
  expect(error.hint).not.toBe('');
  expect(error.exitCode).toBe(1);
});

test('the size of the machine must be known', async () => {
  const error = await refusal(() => openSwf(file('a.swf', `; MaxProcs: -1\n${ROW}`)));
  expect(error.message).toMatch(/the header has neither MaxProcs nor MaxNodes$/);
  expect(error.hint).toContain('--procs');
  expect(error.exitCode).toBe(2);
});

test.each([0, -4, 1.5, Number.NaN, 1e12])('a machine of %s processors', async (procs) => {
  const error = await refusal(() => openSwf(file('a.swf', ROW), { procs }));
  expect(error.exitCode).toBe(2);
});

describe('paths', () => {
  test('a file that is not there', async () => {
    const error = await refusal(() => openSwf('/no/such/trace.swf'));
    expect([error.message, error.exitCode]).toEqual(['/no/such/trace.swf: no such file', 2]);
  });

  test('a directory', async () => {
    const error = await refusal(() => openSwf(directory()));
    expect(error.message).toMatch(/: is a directory$/);
    expect(error.exitCode).toBe(2);
  });

  test('an endless file is given up', async () => {
    expect((await refusal(() => openSwf('/dev/zero'))).message).toMatch(/:1: not a text file/);
  });

  test('stdin is called so', async () => {
    stdin([Buffer.from('no trace')]);
    expect((await refusal(() => swfRows('-', { procs: 1 }))).message).toMatch(/^stdin:1: no job that can be used/);
  });
});

test('control characters of the file do not reach the terminal', async () => {
  const trace = await openSwf(
    file('a.swf', `; MaxProcs: 8\n; Acknowledge: \x1b[2Jme\n; Computer: ${'x'.repeat(9999)}\n${ROW}`),
  );
  expect(trace.header.acknowledge).toEqual(['[2Jme']);
  expect(trace.header.computer).toHaveLength(500);
});

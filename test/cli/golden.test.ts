/** What each command prints of one lease, in each format: kept in test/cli/golden, with ids and times taken out. */

import { expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';

const { run } = commandLine('2x cpu=8,memory=32GiB');

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ls: ['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'name'],
  'show LEASE': ['table', 'json', 'ndjson', 'yaml', 'csv', 'name'],
  'why LEASE': ['table', 'json', 'ndjson', 'yaml'],
  'node list': ['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'name'],
};

it('is what was printed before', built, async () => {
  const asked = ['--vms', '2', '--cpu', '1.5', '--memory', '4GiB', '--duration', '90m', '--at', '2030-01-01T09:00Z'];
  const id = (await run('submit', ...asked, '--name', 'film', '--label', 'team=x', '-o', 'name')).stdout.trim();
  let text = '';
  for (const [command, formats] of Object.entries(COMMANDS)) {
    for (const format of formats) {
      const words = command.replace('LEASE', id).split(' ');
      const { code, stdout, stderr } = await run(...words, '-o', format, '--utc');
      expect({ code, stderr }, command).toEqual({ code: 0, stderr: '' });
      text += `$ leasehold ${command} -o ${format} --utc\n${timeless(stdout)}\n`;
    }
  }
  await expect(text).toMatchFileSnapshot('golden/formats.txt');
});

/** Ids, and times that are not those that were asked for, differ from run to run. */
function timeless(text: string): string {
  return text
    .replace(/L[a-z2-7]{20}/g, 'LEASE________________')
    .replace(/(?!2030)\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?Z( \(.*?\))?/g, '2026-11-21$100:00:00Z')
    .replace(/ \(in [0-9a-z]+\)/g, ' (in …)')
    .replace(/"turn": ?\d+|turn:? \d+|"nextPageToken": ?"[^"]*"/g, 'TURN')
    .replace(/(?<=\S) {2,}/g, '  ')
    .replaceAll('\r\n', '\\r\\n\n');
}

/** The programs of docs/webhooks.md that check a signature take what is signed, and nothing else. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../api/webhooks/signing.js';
import { secretText } from '../../api/webhooks/secrets.js';
import { needs } from '../support/needs.js';

const page = readFileSync('docs/webhooks.md', 'utf8');
const shown = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)![1]!;

const key = Buffer.alloc(32, 3);
const body = '{"type":"ping","data":{"é":1}}';
const seconds = 1_800_000_000;
const headers = signedHeaders('a-1', seconds, body, [Buffer.alloc(32, 4), key]);
/** What is asked, and what is to be answered. */
const CASES: readonly (readonly [string, object, string, number, boolean])[] = [
  [secretText(key), headers, body, seconds + 10, true],
  [secretText(Buffer.alloc(32, 5)), headers, body, seconds, false],
  [secretText(key), headers, `${body} `, seconds, false],
  [secretText(key), { ...headers, 'webhook-id': 'a-2' }, body, seconds, false],
  [secretText(key), headers, body, seconds + 301, false],
];

function answered(command: string, args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(command, args, { input: JSON.stringify(CASES), encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('what docs/webhooks.md shows', () => {
  const expected = CASES.map((each) => each[4]);

  it('for Node checks signatures', () => {
    const asked = `import { readFileSync } from 'node:fs';
      const cases = JSON.parse(readFileSync(0, 'utf8'));
      console.log(JSON.stringify(cases.map((each) => isFromLeasehold(...each.slice(0, 4)))));`;
    expect(answered(process.execPath, ['--input-type=module', '-e', shown('js') + asked])).toEqual(expected);
  });

  it('for Python checks signatures', needs('python3'), () => {
    const asked = `import json, sys
print(json.dumps([is_from_leasehold(*each[:4]) for each in json.load(sys.stdin)]))`;
    expect(answered('python3', ['-c', shown('python') + asked])).toEqual(expected);
  });
});

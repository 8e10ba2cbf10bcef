/** `npm test` says truly what happened: its last line, its exit code, its list of what was skipped. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY, runScript, treeWithPackages } from './fixture.js';

const PASSES = "test('passes', () => {});";
const FAILS = "test('fails', () => { throw new Error('wrong'); });";
const SKIPS = "test('sends a rocket', { skip: true, meta: { lacking: 'needs a rocket' } }, () => {});";

function npmTest(code: string, env: Readonly<Record<string, string>> = {}) {
  const header = "import { beforeAll, describe, test } from 'vitest';\n";
  const root = treeWithPackages({
    'vitest.config.ts': `export { default } from ${JSON.stringify(join(REPOSITORY, 'vitest.config.ts'))};\n`,
    'test/planted.test.ts': header + code,
  });
  return runScript('scripts/test.mjs', ['--root', root], env);
}

test.each([
  ['tests that pass', PASSES, 0, '1 passed, 0 failed, 0 skipped'],
  ['a test that fails', PASSES + FAILS, 1, '1 passed, 1 failed, 0 skipped'],
  ['a test that is skipped', PASSES + SKIPS, 0, '1 passed, 0 failed, 1 skipped'],
  ['nothing but skipped tests', SKIPS, 1, '0 passed, 0 failed, 1 skipped'],
  ['no test', '', 1, '0 passed, 1 failed, 0 skipped'],
  ['a file that cannot be loaded', "import './not-there.js';", 1, '0 passed, 1 failed, 0 skipped'],
  [
    'a group that cannot be set up',
    `${PASSES}describe('group', () => { beforeAll(() => { throw new Error('wrong'); }); ${PASSES} });`,
    1,
    '1 passed, 1 failed, 1 skipped',
  ],
  [
    'an error that nobody caught',
    "test('leaks', () => { void Promise.reject(new Error('late')); });",
    1,
    '1 passed, 1 failed, 0 skipped',
  ],
])('%s', (_, code, exit, last) => {
  const outcome = npmTest(code);
  expect(outcome.lines.at(-1)).toBe(last);
  expect(outcome.code).toBe(exit);
});

test('what is skipped is listed with its reason', () => {
  const { lines } = npmTest(`${PASSES}${SKIPS}test('asks first', ({ skip }) => skip('the moon is not full'));`);
  const list = lines.slice(lines.indexOf('Skipped:') + 1, -1).map((line) => line.trim());
  expect(list).toEqual([
    'test/planted.test.ts > sends a rocket',
    'needs a rocket',
    'test/planted.test.ts > asks first',
    'the moon is not full',
  ]);
});

test('where all tests must run, a skipped test is a failure', () => {
  const outcome = npmTest(PASSES + SKIPS, { LEASEHOLD_TEST_ALL: '1' });
  expect(outcome.text).toContain('needs a rocket');
  expect(outcome.lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  expect(outcome.code).toBe(1);
  expect(npmTest(PASSES, { LEASEHOLD_TEST_ALL: '1' }).code).toBe(0);
});

test('a test process that dies is a failure', () => {
  const outcome = npmTest("test('dies', () => { process.kill(process.pid, 'SIGKILL'); });");
  expect(outcome.lines.at(-1)).toMatch(/^0 passed, [1-9]\d* failed, 0 skipped$/);
  expect(outcome.code).toBe(1);
});

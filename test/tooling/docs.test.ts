/** The pages for users: what they point to is there, and what they are to list is listed. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { keyOf, NAMES, settingOf } from '../../api/settings/table.js';
import { policySchema } from '../../simulations/policy-file.js';
import { REPOSITORY } from './fixture.js';

const markdownIn = (folder: string) =>
  readdirSync(join(REPOSITORY, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = ['.', 'docs', 'docs/decisions', 'engine'].flatMap(markdownIn);

const read = (page: string) => readFileSync(join(REPOSITORY, page), 'utf8');

/** Text outside code, where brackets mean links. */
const prose = (page: string) => read(page).replace(/^```.*?^```/gms, '');

/** Headings as they are pointed to. */
function anchorsOf(page: string): string[] {
  const headings = prose(page).match(/^#+ .*/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function isDead(page: string, link: string): boolean {
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(REPOSITORY, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  const ours = links.filter((link) => !/^[a-z]+:/.test(link));
  expect(ours.filter((link) => isDead(page, link))).toEqual([]);
});

test('docs/policies.md lists every knob of the policy, and none besides', () => {
  const [, section = ''] = /^## Every knob$(.*?)^## /ms.exec(read('docs/policies.md')) ?? [];
  const names = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((row) => row[1]!.match(/[a-z-]+/g) ?? []);
  expect(names.sort()).toEqual(Object.keys(policySchema().properties as object).sort());
});

test('docs/operating.md has the table of settings', () => {
  const rows = NAMES.map((name) => {
    const { about, values, default: value, unset } = settingOf(name);
    const choices = values === undefined ? '' : `: ${values.map((one) => `\`${one}\``).join(', ')}`;
    return `| \`${keyOf(name)}\` | ${about}${choices} | ${unset ?? `\`${value}\``} |`;
  });
  expect(tableAfter('| setting | meaning | default |', read('docs/operating.md'))).toEqual(rows);
});

/** The rows under the line that heads a table. */
function tableAfter(head: string, page: string): string[] {
  const lines = page.split('\n');
  const rows = lines.slice(lines.indexOf(head) + 2);
  return rows.slice(
    0,
    rows.findIndex((line) => !line.startsWith('|')),
  );
}

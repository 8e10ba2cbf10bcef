/** Regular expressions of the product take time that grows with the text and not faster, whatever the text. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSync } from 'recheck';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** What cannot be shown, or is not so, and why it does no harm. */
const HARMLESS: Readonly<Record<string, string>> = {
  '/\\/+$/': 'a setting of the operator',
  '/\\d+(\\.\\d+)?(?![A-Za-z0-9_.])/y': 'begins where it is told to, in expressions of at most 1,024 characters',
  '/(\\w+)\\(/': 'reads the functions that we name of a library',
  '/-+([^-])/g': 'names of facts, of at most 63 characters',
  '/ {64,}/g': 'looks at 64 blanks at most before it goes on',
  '/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g':
    'cannot be analysed in time; [^-]+ ends at the first dash',
  '/^[ \\t]*(?:[-?:][ \\t]+){17}/m':
    'cannot be analysed in time; each step takes a sign that the step before cannot take',
};
const ROOMS = ['engine', 'adapters', 'api', 'cli', 'simulations'];
const ANALYSIS_MS = 10_000;

interface Found {
  readonly source: string;
  readonly flags: string;
  readonly places: string[];
}

it('takes time in proportion to the text, or is known to do no harm', { timeout: 600_000 }, () => {
  const found = expressions();
  expect(found.size).toBeGreaterThan(200);
  const slow: string[] = [];
  for (const [text, { source, flags, places }] of found) {
    if (Object.hasOwn(HARMLESS, text)) continue;
    const verdict = checkSync(source, flags, { timeout: ANALYSIS_MS });
    const { status } = verdict;
    if (status === 'safe') continue;
    slow.push(`${places.join(', ')}: ${text} is ${status === 'vulnerable' ? verdict.complexity.summary : status}`);
  }
  expect(slow).toEqual([]);
  expect(Object.keys(HARMLESS).filter((text) => !found.has(text))).toEqual([]);
});

/** Literals, and the patterns of schemas, by their text. */
function expressions(): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const path of sources()) {
    const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    const add = (node: ts.Node, source: string, flags: string): void => {
      const text = `/${source}/${flags}`;
      const entry = found.get(text) ?? { source, flags, places: [] };
      entry.places.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      found.set(text, entry);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/');
        add(node, node.text.slice(1, end), node.text.slice(end + 1));
      } else if (
        ts.isPropertyAssignment(node) &&
        node.name.getText() === 'pattern' &&
        ts.isStringLiteralLike(node.initializer)
      ) {
        add(node, node.initializer.text, 'u');
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

function sources(): string[] {
  return ROOMS.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(room, path)),
  );
}

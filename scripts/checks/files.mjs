/** Source files: a caption at the top of each, and none too long to be read in one sitting. */

import { AROUND, counted, filesUnder, PRODUCT, textOf } from './tree.mjs';

/** From here on a file is named in the output, so that it is split before it must be. */
const LINES_WARN = 400;
/** Tests are only warned about: a table of cases may be long. */
const LINES_MAX = 500;

export async function checkFiles(root) {
  const problems = [];
  const warnings = [];
  const files = filesUnder(root, [...PRODUCT, ...AROUND], ['.ts', '.tsx', '.mjs', '.cjs']);
  for (const path of files) {
    const text = textOf(root, path);
    const isTest = path.startsWith('test/');
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > LINES_MAX && !isTest) problems.push(`${path}: ${lines} lines; split it (${LINES_MAX} at most)`);
    else if (lines > LINES_WARN) warnings.push(`${path}: ${lines} lines; ${LINES_WARN} is long`);
    if (!isTest && !hasCaption(text)) problems.push(`${path}:1 no caption: begin with a comment that says what it is`);
  }
  if (files.length === 0) problems.push('no source file found: nothing was checked');
  return { summary: counted(files.length, 'source file'), problems, warnings };
}

/** A comment with words in it, at the very top; only `#!…` may come before it. */
function hasCaption(text) {
  const top = text.replace(/^#!.*\n/, '').trimStart();
  const comment = /^(?:\/\*([\s\S]*?)\*\/|\/\/(.*))/.exec(top);
  return comment !== null && /\p{L}{2}/u.test(comment[1] ?? comment[2] ?? '');
}

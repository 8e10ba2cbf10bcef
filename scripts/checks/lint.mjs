/** Lint and format: biome, with the rules of biome.json. Warnings count; nothing is rewritten. */

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { relative } from 'node:path';

const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
/** `::error title=lint/suspicious/noExplicitAny,file=/…/x.ts,line=3,endLine=3,col=5,endColumn=8::message` */
const FINDING =
  /^::(?:error|warning|notice) title=([^,]*),file=(.*),line=(\d+),endLine=\d+,col=(\d+),endColumn=\d+::(.*)$/;

export async function checkLint(root) {
  const { code, output } = await biome(root);
  if (code === 0) return { summary: 'no findings, and every file is formatted', problems: [] };
  const findings = output
    .split('\n')
    .map((line) => FINDING.exec(line))
    .filter((match) => match !== null);
  const problems = findings.map(([, rule, file, line, column, message]) =>
    rule === 'format'
      ? `${relative(root, file)}: not formatted; run: npx biome format --write ${relative(root, file)}`
      : `${relative(root, file)}:${line}:${column} ${rule}: ${message}`,
  );
  return { summary: 'biome lint and format', problems: problems.length > 0 ? problems : [output.trim()] };
}

function biome(root) {
  const args = ['ci', '--error-on-warnings', '--colors=off', '--reporter=github', '--max-diagnostics=none', '.'];
  return new Promise((resolve) => {
    execFile(process.execPath, [BIOME, ...args], { cwd: root, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error ? 1 : 0, output: `${stdout}${stderr}` });
    });
  });
}

/** Types: the whole project, and the engine alone, where neither Node nor a browser exists. */

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

export async function checkTypes(root) {
  const problems = [
    ...weakenedEngine(root),
    ...(await compile(root, 'tsconfig.json')),
    ...(await compile(root, 'engine/tsconfig.json')),
  ];
  return { summary: 'the whole project, and engine/ without ambient types', problems: [...new Set(problems)] };
}

/** The second compilation proves nothing once its settings let ambient types in. */
function weakenedEngine(root) {
  const { config, error } = ts.readConfigFile(join(root, 'engine/tsconfig.json'), ts.sys.readFile);
  if (error) return [`engine/tsconfig.json: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`];
  const { lib, types } = config.compilerOptions ?? {};
  const problems = [];
  if (JSON.stringify(lib) !== '["ES2022"]') problems.push('engine/tsconfig.json: "lib" must be ["ES2022"]');
  if (JSON.stringify(types) !== '[]') problems.push('engine/tsconfig.json: "types" must be []');
  return problems;
}

function compile(root, project) {
  return new Promise((resolve) => {
    const args = [TSC, '-p', join(root, project), '--noEmit', '--pretty', 'false'];
    execFile(process.execPath, args, { cwd: root, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
      if (error && lines.length === 0) lines.push(`tsc -p ${project}: ${error.message}`);
      resolve(error ? lines : []);
    });
  });
}

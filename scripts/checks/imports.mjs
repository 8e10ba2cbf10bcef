/** Import rules: who may import whom (.dependency-cruiser.cjs), and proof that the rules saw every module. */

import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import ts from 'typescript';
import { AROUND, counted, filesUnder, PRODUCT, textOf } from './tree.mjs';

const RULES = join(dirname(fileURLToPath(import.meta.url)), '../../.dependency-cruiser.cjs');
const require = createRequire(import.meta.url);

export async function checkImports(root) {
  const { forbidden, options } = require(RULES);
  const folders = [...PRODUCT, ...AROUND].filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(folders, { ...options, baseDir: root, validate: true, ruleSet: { forbidden } });
  const seen = new Map(output.modules.map((module) => [module.source, module]));
  const problems = [...broken(output), ...overlooked(root, seen)];
  const own = output.modules.filter((module) => PRODUCT.some((room) => module.source.startsWith(`${room}/`)));
  return {
    summary: `${counted(own.length, 'module')} of the product, ${output.summary.totalDependenciesCruised} imports`,
    problems,
  };
}

function broken(output) {
  return output.summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle ? [from, ...cycle.map((step) => step.name)].join(' → ') : from === to ? from : `${from} → ${to}`;
    const { comment } = output.summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name) ?? {};
    return `${rule.name}: ${path}${comment ? ` (${comment})` : ''}`;
  });
}

/**
 * A cruiser that cannot read TypeScript sees nothing and finds nothing wrong. So every file of the product must have
 * been seen, and every file with imports must have been seen to have some.
 */
export function overlooked(root, seen) {
  const files = filesUnder(root, PRODUCT, ['.ts']).filter((path) => !path.endsWith('.d.ts'));
  const missed = files.filter((path) => !seen.has(path));
  const blind = files.filter((path) => {
    const { importedFiles } = ts.preProcessFile(textOf(root, path), true, true);
    return importedFiles.length > 0 && seen.get(path)?.dependencies.length === 0;
  });
  const problems = [];
  if (files.length === 0) problems.push('no module found: nothing was checked');
  if (missed.length > 0) {
    problems.push(
      `only ${files.length - missed.length} of ${files.length} modules were seen; missing: ${missed.slice(0, 5).join(', ')}`,
    );
  }
  if (blind.length > 0) problems.push(`imports were overlooked in: ${blind.slice(0, 5).join(', ')}`);
  return problems;
}

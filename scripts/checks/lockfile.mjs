/** The lock file: no registry addresses, so that `npm ci` works with whatever registry the machine uses. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { counted, textOf } from './tree.mjs';

export async function checkLockfile(root) {
  if (!existsSync(join(root, 'package-lock.json'))) {
    return { summary: '', problems: ['package-lock.json: missing; run: npm install'] };
  }
  const { packages = {} } = JSON.parse(textOf(root, 'package-lock.json'));
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  const addressed = entries.filter(([, { resolved }]) => resolved?.startsWith('http'));
  const problems = addressed.map(([path]) => `package-lock.json: ${path} has a registry address`);
  if (addressed.length > 0) problems.push('.npmrc sets omit-lockfile-registry-resolved; run: npm install');
  problems.push(...missingOptional(entries));
  return { summary: counted(entries.length, 'package'), problems };
}

/** `npm ci` refuses a lock file without all the optional packages, those for other machines included. */
function missingOptional(entries) {
  const locked = new Set(
    entries.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)),
  );
  return entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !locked.has(name))
      .map((name) => `package-lock.json: ${name}, which ${path} lists as optional, is missing; npm ci would fail`),
  );
}

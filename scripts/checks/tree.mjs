/** The project's source files, as the checks see them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rooms whose modules make up the product; `dist/` is built from them. */
export const PRODUCT = ['engine', 'adapters', 'api', 'cli', 'simulations'];
/** Everything else that people of the project write. */
export const AROUND = ['scripts', 'bench', 'web', 'test'];

/** `generated` is nobody's to read: what it is made from is. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'data', 'generated']);

/** Paths (relative to `root`, with `/`) of the files under `folders` whose name ends in one of `endings`, sorted. */
export function filesUnder(root, folders, endings) {
  const found = [];
  const open = folders.filter((folder) => existsSync(join(root, folder)));
  while (open.length > 0) {
    const folder = open.pop();
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) open.push(path);
      else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
    }
  }
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

export function textOf(root, path) {
  return readFileSync(join(root, path), 'utf8');
}

export function counted(count, singular, plural = `${singular}s`) {
  return `${count} ${count === 1 ? singular : plural}`;
}

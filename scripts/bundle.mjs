/**
 * The programs of dist/, each with all it imports, in a few files: a service whose modules and libraries are read one by
 * one, a thousand files of them, takes more than twice as long to start.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * The command, and the engine, which is one file for whoever imports it. What they start as a thread or a process is found by
 * its address, `new URL('./….js', import.meta.url)`.
 */
const ENTRIES = ['cli/main.ts', 'engine/index.ts'];
const CHUNKS = 'dist/chunks';
const NOTICES = 'dist/third-party-licenses.txt';
/** Libraries that stay files of their own: they are optional, or read files that lie beside them. */
const OUTSIDE = [/^better-sqlite3$/, /^koffi$/, /^pg-native$/, /^@fastify\/swagger/, /^@eventstore\//, /^@kurrent\//];
const STARTED = /new URL\('(\.\/[\w-]+)\.js', import\.meta\.url\)/g;

/** Writes them over the modules of the same name, which tsc compiled. */
export async function bundlePrograms(root) {
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((path) => [nameOf(path), join(root, path)])),
    external: OUTSIDE,
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    plugins: [startedPrograms(root)],
  });
  rmSync(join(root, CHUNKS), { recursive: true, force: true });
  const { output } = await bundle.write({
    dir: join(root, 'dist'),
    format: 'esm',
    sourcemap: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: [{ name: 'engine', test: (id) => id.startsWith(join(root, 'engine/')) }] },
  });
  await bundle.close();
  const modules = output.flatMap((file) => file.moduleIds ?? []);
  writeFileSync(join(root, NOTICES), notices(modules));
}

/** What a module starts by its address is a program too, and lies elsewhere as seen from the file where that module ends up. */
function startedPrograms(root) {
  return {
    name: 'started-programs',
    transform(code, id) {
      if (!id.startsWith(root) || id.includes('/node_modules/')) return null;
      let found = false;
      const changed = code.replace(STARTED, (_all, name) => {
        found = true;
        const path = join(id, '..', name);
        const fileName = `${relative(root, path)}.js`;
        const reference = this.emitFile({ type: 'chunk', id: `${path}.ts`, fileName });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      });
      return found ? { code: changed, map: null } : null;
    },
  };
}

/** Whoever passes dist/ on passes on the licences of the libraries in it. */
function notices(modules) {
  const packages = new Set(modules.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .sort();
    return [`${name} ${version} (${license})`, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))].join(
      '\n\n',
    );
  });
  return `The programs here contain these libraries.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}`;
}

function nameOf(path) {
  return path.replace(/\.ts$/, '');
}

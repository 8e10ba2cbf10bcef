/** Small trees of files in a temporary folder, and the project's scripts run on them. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Writes `files` (path → text) into a new folder that is removed when the test is over. */
export function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'leasehold-tooling-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** As `tree`, with the repository's packages at hand. */
export function treeWithPackages(files: Readonly<Record<string, string>>): string {
  const root = tree(files);
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  return root;
}

export interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly text: string;
}

/** Runs a script of the repository and returns what it printed on stdout. */
export function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Outcome {
  // The runner under test must not take itself for a part of the runner that tests it.
  const outer = Object.entries(process.env).filter(([name]) => !/^(VITEST|LEASEHOLD_TEST|NODE_OPTIONS|CI$)/.test(name));
  const { status, stdout } = spawnSync(process.execPath, [join(REPOSITORY, script), ...args], {
    encoding: 'utf8',
    env: { ...Object.fromEntries(outer), NO_COLOR: '1', ...env },
  });
  return { code: status, lines: stdout.trimEnd().split('\n'), text: stdout };
}

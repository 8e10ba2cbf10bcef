/** The checks by name, in the order in which they run. Each is loaded when it is first wanted: some load a compiler. */

/** Name → how to get the check: (root) → { summary, problems, warnings? }. */
export const CHECKS = new Map([
  ['types', async () => (await import('./types.mjs')).checkTypes],
  ['lint', async () => (await import('./lint.mjs')).checkLint],
  ['imports', async () => (await import('./imports.mjs')).checkImports],
  ['purity', async () => (await import('./purity.mjs')).checkPurity],
  ['files', async () => (await import('./files.mjs')).checkFiles],
  ['lockfile', async () => (await import('./lockfile.mjs')).checkLockfile],
]);

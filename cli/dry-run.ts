/** `--dry-run`: what would follow. Commands know nothing of it: they end where something would be done. */

import type { DryRunView } from './api.js';

/** Thrown through the command once what it asks for has been tried. */
export class DryRunAnswer extends Error {
  override readonly name = 'DryRunAnswer';

  constructor(readonly answer: DryRunView) {
    super('a dry run ends where something would be done');
  }
}

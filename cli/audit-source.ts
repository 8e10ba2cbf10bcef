/** Which log an audit reads, and what it takes to open it. */

import type { Command } from 'commander';
import type { SourceOptions as LogOptions } from '../simulations/log-source.js';

export interface SourceOptions {
  readonly tokenFile?: string;
  readonly anchor?: string;
}

export function sourceOptions(command: Command): Command {
  return command
    .option('--token-file <file>', 'file with the token, for a URL (LEASEHOLD_TOKEN; default .leasehold/admin.token)')
    .option('--anchor <file>', 'where a store is anchored (default: beside the store)');
}

export async function auditSource(source: string, { tokenFile, anchor }: SourceOptions): Promise<LogOptions> {
  if (!/^https?:\/\//.test(source)) return { source, anchor };
  const { tokenForUrl } = await import('./target.js');
  return { source, token: tokenForUrl(source, tokenFile) };
}

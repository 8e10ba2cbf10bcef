/** Names of workload formats, on their own: the command line offers them before anything else is loaded. */

export const READABLE = ['swf', 'lwf', 'yaml', 'csv', 'batsim', 'slurm', 'oar'] as const;
export const WRITABLE = ['swf', 'lwf', 'yaml', 'csv', 'batsim'] as const;
export type Readable = (typeof READABLE)[number];
export type Writable = (typeof WRITABLE)[number];

/** What the exit codes mean, in words. */

export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'failure',
  2: 'usage',
  3: 'not found',
  4: 'refused',
  5: 'conflict',
  6: 'not authorised',
  7: 'unreachable',
  65: 'log corrupt',
  66: 'log truncated',
  67: 'replay differs',
  68: 'bad signature',
  70: 'bug',
  74: 'disk failed',
  75: 'in use by another process',
  78: 'bad or unsafe configuration',
  124: 'wait timed out',
  130: 'interrupted',
};

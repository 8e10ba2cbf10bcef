/** Which media type to answer with: what `Accept` says (RFC 9110), of those that there are. */

import { Problem, quoted } from './problems.js';

/** The one liked best; of those liked the same, the first. Throws a Problem where none is. */
export function acceptedOf<T extends string>(accept: string | undefined, there: readonly T[]): T {
  if (accept === undefined || accept.trim() === '') return there[0]!;
  const ranges = accept.split(',').map(rangeOf);
  let best: T | null = null;
  let most = 0;
  for (const media of there) {
    const liking = likingOf(media, ranges);
    if (liking <= most) continue;
    most = liking;
    best = media;
  }
  if (best !== null) return best;
  throw new Problem('not-acceptable', `there is no ${quoted(accept)} of this; there is ${there.join(', ')}`);
}

interface Range {
  readonly name: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return { name, quality: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? Number(quality) : 0 };
}

/** By the range that says most about it. */
function likingOf(media: string, ranges: readonly Range[]): number {
  const [type] = media.split('/', 1);
  for (const name of [media, `${type}/*`, '*/*']) {
    const range = ranges.find((one) => one.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/** What a conversion does not carry over as it was, counted by what it is, so that nothing is lost silently. */

/** `left out`: it is not in the result. `changed`: it is there in another form. `assumed`: it was not in the source. */
export type LossKind = 'left out' | 'changed' | 'assumed';

export interface Loss {
  readonly kind: LossKind;
  readonly what: string;
  /** How many leases (or other items) it concerns. */
  readonly count: number;
  /** Where it happened first: the line, or the number of the record where the format has no lines; null: everywhere. */
  readonly first: number | null;
}

/** Different losses that are told apart; others are counted together. */
const DIFFERENT_MAX = 200;
const OTHERS = 'other things';

export class Losses {
  private readonly counted = new Map<string, Loss>();

  leftOut(what: string, first: number | null, count = 1): void {
    this.add('left out', what, first, count);
  }

  changed(what: string, first: number | null, count = 1): void {
    this.add('changed', what, first, count);
  }

  assumed(what: string, first: number | null, count = 1): void {
    this.add('assumed', what, first, count);
  }

  /** 1. left out, changed, assumed  2. in the order of their first appearance */
  list(): readonly Loss[] {
    const all = [...this.counted.values()];
    return (['left out', 'changed', 'assumed'] as const).flatMap((kind) => all.filter((loss) => loss.kind === kind));
  }

  private add(kind: LossKind, what: string, first: number | null, count: number): void {
    if (count === 0) return;
    const known = this.counted.has(`${kind} ${what}`) || this.counted.size < DIFFERENT_MAX;
    const name = known ? what : OTHERS;
    const before = this.counted.get(`${kind} ${name}`);
    const loss = {
      kind,
      what: name,
      count: (before?.count ?? 0) + count,
      first: before === undefined ? first : before.first,
    };
    this.counted.set(`${kind} ${name}`, loss);
  }
}

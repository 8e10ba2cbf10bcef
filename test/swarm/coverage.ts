/**
 * What leases went through in the swarm, counted for every combination of four knobs with every kind of lease and every
 * passage: all that can happen must have happened, and what cannot must not.
 */

import type { Backfilling, Decision, Policy, Reason, Start, Turn } from '../../engine/index.js';

/** The members of a combination, and all values of each: 2,880 combinations. */
export const AXES = {
  backfilling: ['none', 'easy', 'intermediate', 'conservative', 'sticky'] satisfies Backfilling['kind'][],
  suspension: ['none', 'serial-only', 'all'] satisfies Policy['suspension'][],
  migration: ['no', 'yes', 'no-transfer'] satisfies Policy['migration'][],
  preparation: ['none', 'transfer'] satisfies Policy['preparation'][],
  kind: ['best-effort', 'advance', 'immediate', 'deadline'] satisfies Start['kind'][],
  passage: [
    /** Begins and ends, and preemption has no part in it. */
    'undisturbed',
    /** Others give up their reservations, are suspended or stopped for it. */
    'preempts',
    'suspended',
    'resumed',
    /** Its saved memory is carried to other nodes. */
    'migrated',
    /** Stopped for another, and queued again. */
    'stopped',
    /** Disk images are sent for it. */
    'images-sent',
    'refused',
  ],
} as const;

type Axis = keyof typeof AXES;
type Passage = (typeof AXES.passage)[number];
type Combination = { readonly [A in Axis]: (typeof AXES)[A][number] };

/** All combinations with these members cannot be met, and why. Those that are only `rare` need not be, and may. */
type Impossible = { readonly [A in Axis]?: readonly Combination[A][] } & {
  readonly why: string;
  readonly rare?: true;
};

const IMPOSSIBLE: readonly Impossible[] = [
  { kind: ['best-effort'], passage: ['preempts'], why: 'best-effort leases wait, and take nothing from others' },
  {
    kind: ['advance', 'deadline'],
    passage: ['suspended', 'resumed', 'migrated', 'stopped'],
    why: 'they keep what was promised',
  },
  { suspension: ['none'], passage: ['suspended', 'resumed', 'migrated'], why: 'nothing is ever saved' },
  { migration: ['no', 'no-transfer'], passage: ['migrated'], why: 'saved memory is not carried anywhere' },
  {
    kind: ['immediate'],
    passage: ['suspended', 'resumed', 'migrated', 'stopped'],
    why: 'it makes room only where the policy says so, or where its images came late and a reservation is next',
    rare: true,
  },
  {
    kind: ['immediate'],
    preparation: ['transfer'],
    passage: ['preempts'],
    why: 'its images must be there already, and somebody who can make room on just these nodes',
    rare: true,
  },
  { preparation: ['none'], passage: ['images-sent'], why: 'nobody waits for images' },
];

/** Counts leases by combination, run by run. */
export class Coverage {
  private readonly counts = new Map<string, number>();

  /** Each lease counts once for each of its passages. */
  add(policy: Policy, turns: readonly Turn[]): void {
    const kinds = new Map<string, Start['kind']>();
    const passages = new Passages();
    for (const { inputs, decisions } of turns) {
      for (const input of inputs) if (input.type === 'LeaseRequested') kinds.set(input.lease, input.terms.start.kind);
      for (const decision of decisions) passages.note(decision);
    }
    const { suspension, migration, preparation } = policy;
    const backfilling = policy.backfilling.kind;
    for (const [passage, leases] of passages.all())
      for (const lease of leases) {
        const kind = kinds.get(lease)!;
        const key = keyOf({ backfilling, suspension, migration, preparation, kind, passage });
        this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
      }
  }

  of(combination: Combination): number {
    return this.counts.get(keyOf(combination)) ?? 0;
  }

  /** Combinations that could have been met and were not, and those that were met though they cannot be. */
  faults(): string[] {
    const faults: string[] = [];
    for (const combination of combinations()) {
      const rule = IMPOSSIBLE.find((one) => matches(one, combination));
      const count = this.of(combination);
      if (rule === undefined && count === 0) faults.push(`${keyOf(combination)}: never met`);
      if (rule !== undefined && !rule.rare && count > 0)
        faults.push(`${keyOf(combination)}: met ${count} times, but ${rule.why}`);
    }
    return faults;
  }

  /** How many leases went through what, by kind and passage over all knobs, and in how many combinations of these. */
  table(): string {
    const rows = AXES.kind.flatMap((kind) =>
      AXES.passage.map((passage) => {
        const counts = [...combinations()]
          .filter((one) => one.kind === kind && one.passage === passage)
          .map((one) => this.of(one));
        const leases = counts.reduce((sum, count) => sum + count, 0);
        return `${kind} ${passage}: ${leases} leases, ${counts.filter((count) => count > 0).length} combinations`;
      }),
    );
    return rows.join('\n');
  }
}

function* combinations(): Iterable<Combination> {
  for (const backfilling of AXES.backfilling)
    for (const suspension of AXES.suspension)
      for (const migration of AXES.migration)
        for (const preparation of AXES.preparation)
          for (const kind of AXES.kind)
            for (const passage of AXES.passage)
              yield { backfilling, suspension, migration, preparation, kind, passage };
}

function matches(rule: Impossible, combination: Combination): boolean {
  return (Object.keys(AXES) as Axis[]).every((axis) => {
    const values: readonly string[] | undefined = rule[axis];
    return values === undefined || values.includes(combination[axis]);
  });
}

/** Which leases of a run went through what. */
class Passages {
  private readonly begun = new Set<string>();
  private readonly leases = new Map<Passage, Set<string>>(AXES.passage.map((passage) => [passage, new Set()]));

  note(decision: Decision): void {
    switch (decision.type) {
      case 'StartOrdered':
        this.begun.add(decision.lease);
        return;
      case 'SuspendOrdered':
        return this.add('suspended', decision.lease);
      case 'ResumeOrdered':
        return this.add('resumed', decision.lease);
      case 'MigrateOrdered':
        return this.add('migrated', decision.lease);
      case 'TransferPlanned':
      case 'TransferJoined':
        return this.add('images-sent', decision.lease);
      case 'Refused':
        return this.add('refused', decision.lease);
      case 'StopOrdered':
        if (decision.cause === 'preempted') this.add('stopped', decision.lease);
        return this.noteWhoFor(decision.reasons);
      case 'ReservationDropped':
      case 'SuspensionPlanned':
      case 'StopPlanned':
        return this.noteWhoFor(decision.reasons);
      default:
    }
  }

  /** Each passage with the leases that went through it, when the run is over. */
  all(): ReadonlyMap<Passage, ReadonlySet<string>> {
    const disturbed = ['preempts', 'suspended', 'stopped'] as const;
    for (const lease of this.begun)
      if (!disturbed.some((passage) => this.leases.get(passage)!.has(lease))) this.add('undisturbed', lease);
    return this.leases;
  }

  private noteWhoFor(reasons: readonly Reason[]): void {
    for (const { code, blockers } of reasons)
      if (code === 'preempted' || code === 'displaced') this.add('preempts', ...blockers);
  }

  private add(passage: Passage, ...leases: readonly string[]): void {
    for (const lease of leases) this.leases.get(passage)!.add(lease);
  }
}

function keyOf({ backfilling, suspension, migration, preparation, kind, passage }: Combination): string {
  return `${backfilling} ${suspension} ${migration} ${preparation} ${kind} ${passage}`;
}

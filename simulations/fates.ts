/** What became of leases that others follow: when these are asked for, those may be over, and have left the state. */

import { type Command, type Dependency, hasHappened, type Inbox, type Lease, type LeaseId } from '../engine/index.js';

export class Fates {
  private readonly over = new Map<LeaseId, Lease>();

  /** Leases that others follow. */
  constructor(private readonly followed: ReadonlySet<LeaseId>) {}

  /** None of them is over yet. */
  get isEmpty(): boolean {
    return this.over.size === 0;
  }

  note(lease: Lease): void {
    if (this.followed.has(lease.id)) this.over.set(lease.id, lease);
  }

  /** What arrives, without what need not be waited for since it has happened. */
  applyTo<B extends { readonly inbox: Inbox }>(batch: B): B {
    const commands = batch.inbox.commands.map((command) => this.withoutWhatHasHappened(command));
    return { ...batch, inbox: { ...batch.inbox, commands } };
  }

  private withoutWhatHasHappened(command: Command): Command {
    if (command.type !== 'SubmitLease' || command.terms.after === undefined) return command;
    const { after, ...terms } = command.terms;
    const left = after.filter((dependency) => !this.hasHappened(dependency));
    return { ...command, terms: left.length === 0 ? terms : { ...terms, after: left } };
  }

  private hasHappened({ lease: id, on }: Dependency): boolean {
    const lease = this.over.get(id);
    return lease !== undefined && hasHappened(lease, on);
  }
}

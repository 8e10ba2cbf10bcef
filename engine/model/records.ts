/**
 * Decisions as fixed binary records, for digests: the same decisions give the same bytes on every machine. An adapter
 * hashes them as a stream (little-endian; numbers as float64, strings with their length, lists with their count).
 */

import { unreachable } from '../kit/assert.js';
import type { Decision, NamedUnits } from './events.js';
import type { Reason } from './reasons.js';

const TAGS: Readonly<Record<Decision['type'], number>> = {
  StartOrdered: 1,
  SuspendOrdered: 2,
  ResumeOrdered: 3,
  StopOrdered: 4,
  Reserved: 5,
  ReservationsMoved: 6,
  ReservationDropped: 7,
  Refused: 8,
  SuspensionPlanned: 9,
  StopPlanned: 10,
  Requeued: 11,
  Failed: 12,
  UntilMoved: 13,
  UntilKept: 14,
  OrderOverdue: 15,
  ResumptionPlanned: 16,
  PreemptionLifted: 17,
  MigrateOrdered: 18,
  MigrationPlanned: 19,
  TransferOrdered: 20,
  TransferPlanned: 21,
  TransferJoined: 22,
  TransfersMoved: 23,
  PreparationDropped: 24,
  Priced: 30,
  DurationChanged: 40,
  ChangeRefused: 41,
  ApprovalAwaited: 42,
  LeaseEnding: 43,
  ActOrdered: 50,
  LiveMigrateOrdered: 51,
  ResizeOrdered: 52,
};

/** Writes records one behind another into `bytes`; `length` of them are in use. Grows as needed; reset after hashing. */
export class RecordWriter {
  bytes = new Uint8Array(1 << 16);
  length = 0;
  private view = new DataView(this.bytes.buffer);

  reset(): void {
    this.length = 0;
  }

  /** One record: tag, turn, then the decision's members in the order of its type. */
  decision(turn: number, decision: Decision): void {
    this.number(TAGS[decision.type]);
    this.number(turn);
    switch (decision.type) {
      case 'StartOrdered':
        this.ordered(decision);
        this.number(decision.until);
        this.numbers(decision.nodes);
        this.units(decision.units);
        return;
      case 'SuspendOrdered':
        this.ordered(decision);
        this.numbers(decision.vms);
        this.number(decision.until);
        return;
      case 'ResumeOrdered':
      case 'LiveMigrateOrdered':
        this.ordered(decision);
        this.numbers(decision.vms);
        this.numbers(decision.nodes);
        this.number(decision.until);
        this.units(decision.units);
        return;
      case 'TransferOrdered':
        this.ordered(decision);
        this.number(decision.transfer);
        this.text(decision.image);
        this.number(decision.size);
        this.numbers(decision.nodes);
        this.number(decision.until);
        return;
      case 'TransferPlanned':
        this.text(decision.lease);
        this.number(decision.transfer);
        this.text(decision.image);
        this.number(decision.size);
        this.number(decision.from);
        this.number(decision.until);
        this.numbers(decision.vms);
        this.numbers(decision.nodes);
        return;
      case 'PreparationDropped':
        this.text(decision.lease);
        return;
      case 'TransferJoined':
        this.text(decision.lease);
        this.number(decision.transfer);
        this.numbers(decision.vms);
        this.numbers(decision.nodes);
        return;
      case 'TransfersMoved':
        this.numbers(decision.transfers);
        this.numbers(decision.from);
        this.numbers(decision.until);
        return;
      case 'MigrateOrdered':
        this.ordered(decision);
        this.numbers(decision.vms);
        this.numbers(decision.nodes);
        this.number(decision.until);
        return;
      case 'StopOrdered':
        this.ordered(decision);
        this.number(decision.until);
        this.text(decision.cause);
        this.text(decision.then);
        this.reasons(decision.reasons);
        return;
      case 'ActOrdered':
        this.ordered(decision);
        this.text(decision.act);
        this.numbers(decision.vms ?? []);
        if (decision.to !== undefined) this.text(decision.to);
        return;
      case 'ResizeOrdered':
        this.ordered(decision);
        this.number(decision.demands.length);
        for (const demand of decision.demands) this.numbers(demand);
        this.number(decision.cold === true ? 1 : 0);
        return;
      case 'Reserved':
        this.text(decision.lease);
        this.number(decision.from);
        this.number(decision.until);
        this.numbers(decision.pools);
        this.number(decision.soon ? 1 : 0);
        this.reasons(decision.reasons);
        return;
      case 'ReservationsMoved':
        this.texts(decision.leases);
        this.numbers(decision.from);
        this.numbers(decision.until);
        this.number(decision.pools.length);
        for (const pools of decision.pools) this.numbers(pools);
        this.text(decision.cause);
        return;
      case 'SuspensionPlanned':
        this.text(decision.lease);
        this.number(decision.by);
        this.number(decision.vms.length);
        for (const vms of decision.vms) this.numbers(vms);
        this.numbers(decision.from);
        this.numbers(decision.until);
        this.reasons(decision.reasons);
        // Behind the rest, and only where it is: records of those without one stay as they were.
        if (decision.resumption === undefined) return;
        this.number(decision.resumption.from);
        this.number(decision.resumption.until);
        this.numbers(decision.resumption.pools);
        return;
      case 'ResumptionPlanned':
        this.text(decision.lease);
        this.number(decision.until);
        this.numbers(decision.nodes);
        this.number(decision.vms.length);
        for (const vms of decision.vms) this.numbers(vms);
        this.numbers(decision.from);
        this.numbers(decision.ready);
        this.units(decision.units);
        return;
      case 'MigrationPlanned':
        this.text(decision.lease);
        this.numbers(decision.nodes);
        this.number(decision.vms.length);
        for (const vms of decision.vms) this.numbers(vms);
        this.numbers(decision.from);
        this.numbers(decision.until);
        return;
      case 'StopPlanned':
        this.text(decision.lease);
        this.number(decision.at);
        this.reasons(decision.reasons);
        return;
      case 'Refused':
        this.text(decision.lease);
        this.text(decision.outcome);
        this.reasons(decision.reasons);
        return;
      case 'ReservationDropped':
      case 'Requeued':
      case 'Failed':
      case 'UntilKept':
      case 'ChangeRefused':
        this.text(decision.lease);
        this.reasons(decision.reasons);
        return;
      case 'UntilMoved':
      case 'PreemptionLifted':
        this.text(decision.lease);
        this.number(decision.until);
        return;
      case 'DurationChanged':
        this.text(decision.lease);
        this.number(decision.duration);
        this.number(decision.until);
        this.numbers(decision.pools ?? []);
        return;
      case 'Priced':
        this.text(decision.lease);
        this.number(decision.rate);
        this.number(decision.price);
        this.number(decision.surcharge);
        this.number(decision.accepted ? 1 : 0);
        return;
      case 'ApprovalAwaited':
        this.text(decision.lease);
        this.number(decision.until ?? -1);
        this.reasons(decision.reasons);
        return;
      case 'LeaseEnding':
        this.text(decision.lease);
        this.number(decision.end);
        this.number(decision.before);
        return;
      case 'OrderOverdue':
        this.text(decision.lease);
        this.text(decision.order);
        return;
      default:
        unreachable(decision);
    }
  }

  private ordered(decision: {
    readonly order: string;
    readonly lease: string;
    readonly deadline: number | null;
    readonly after: readonly string[];
  }): void {
    this.text(decision.order);
    this.text(decision.lease);
    this.number(decision.deadline ?? -1);
    this.texts(decision.after);
  }

  private units(units: NamedUnits): void {
    if (units === null) return this.number(0);
    const entries = Object.entries(units);
    this.number(entries.length);
    for (const [resource, lists] of entries) {
      this.text(resource);
      this.number(lists.length);
      for (const names of lists) this.texts(names);
    }
  }

  private reasons(reasons: readonly Reason[]): void {
    this.number(reasons.length);
    for (const reason of reasons) {
      this.text(reason.code);
      this.texts(reason.blockers);
      this.number(reason.more);
      this.text(reason.resource ?? '');
      this.number(reason.need ?? -1);
      this.number(reason.have ?? -1);
      this.number(reason.earliestRelease ?? -1);
      if (reason.detail !== undefined) this.text(reason.detail);
    }
  }

  private numbers(numbers: readonly number[]): void {
    this.number(numbers.length);
    for (let i = 0; i < numbers.length; i++) this.number(numbers[i]!);
  }

  private texts(texts: readonly string[]): void {
    this.number(texts.length);
    for (let i = 0; i < texts.length; i++) this.text(texts[i]!);
  }

  private number(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** UTF-16 code units, so that no encoder is needed. */
  private text(value: string): void {
    this.number(value.length);
    this.reserve(2 * value.length);
    for (let i = 0; i < value.length; i++) {
      this.view.setUint16(this.length, value.charCodeAt(i), true);
      this.length += 2;
    }
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

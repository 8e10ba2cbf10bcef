/** `leases.json`: a lease a line, as one JSON object each. Times in seconds; `nodes` maps VM number to node number. */

import { expand, type Reason, type Runs } from '../../engine/index.js';
import type { Migration, Price, Step, Transfer } from './finished-lease.js';
import type { WrittenLease } from './lease-block.js';
import { seconds } from './numbers.js';
import { digits, type TextFile } from './text-file.js';

/** Writes the line of a lease. */
export function writeLease(file: TextFile, lease: WrittenLease): void {
  file.text('{"id":');
  file.text(JSON.stringify(lease.id));
  file.text(',"kind":"');
  file.text(lease.kind);
  file.text('","state":"');
  file.text(lease.state);
  file.text('","submit":');
  file.thousandths(lease.submit);
  file.text(',"start":');
  writeTime(file, lease.start);
  file.text(',"end":');
  writeTime(file, lease.end);
  file.text(',"runs":[');
  for (let i = 0; i < lease.runs.length; i++) {
    const { start, end, nodes } = lease.runs[i]!;
    file.text(i === 0 ? '{"start":' : ',{"start":');
    file.thousandths(start);
    file.text(',"end":');
    file.thousandths(end);
    file.text(',"nodes":');
    writeNodes(file, nodes);
    file.byte(CLOSE);
  }
  if (hasOnlyRun(lease)) file.raw(NOTHING_ELSE);
  else
    file.text(
      `],"suspensions":${list(lease.suspensions, stepText)},"resumptions":${list(lease.resumptions, stepText)},` +
        `"shutdowns":${list(lease.shutdowns, stepText)},` +
        `"migrations":${list(lease.migrations, migrationText)},"transfers":${list(lease.transfers, transferText)},` +
        `"reasons":${list(lease.reasons, reasonText)}${priceText(lease.price)}}\n`,
    );
}

/** The rest of most lines. */
const NOTHING_ELSE = Buffer.from(
  '],"suspensions":[],"resumptions":[],"shutdowns":[],"migrations":[],"transfers":[],"reasons":[]}\n',
);

function hasOnlyRun({ suspensions, resumptions, shutdowns, migrations, transfers, reasons, price }: WrittenLease) {
  const steps = suspensions.length + resumptions.length + shutdowns.length + migrations.length;
  return steps + transfers.length + reasons.length === 0 && price === undefined;
}

function writeTime(file: TextFile, time: number | null): void {
  if (time === null) file.text('null');
  else file.thousandths(time);
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const COLON = 0x3a;

/**
 * `{"1":16,"2":17}`: VMs 1, 2, … on the nodes in order. Byte by byte, since with wide leases this is nearly all of what
 * a report writes.
 */
function writeNodes(file: TextFile, nodes: Runs): void {
  let vm = 0;
  file.byte(OPEN);
  for (let i = 0; i < nodes.length; i += 2) {
    for (let node = nodes[i]!; node <= nodes[i + 1]!; ) {
      const room = file.room(PAIRS * PAIR_BYTES);
      const { bytes } = room;
      let { at } = room;
      for (const stop = Math.min(nodes[i + 1]!, node + PAIRS - 1); node <= stop; node++) {
        if (vm++ > 0) bytes[at++] = COMMA;
        bytes[at++] = QUOTE;
        at = digits(bytes, at, vm);
        bytes[at++] = QUOTE;
        bytes[at++] = COLON;
        at = digits(bytes, at, node);
      }
      room.at = at;
    }
  }
  file.byte(CLOSE);
}

/** So many pairs are written in one go, each of at most so many bytes. */
const PAIRS = 256;
const PAIR_BYTES = 40;

function list<T>(items: readonly T[], text: (item: T) => string): string {
  return items.length === 0 ? '[]' : `[${items.map(text).join(',')}]`;
}

function span(interval: { readonly start: number; readonly end: number }): string {
  return `{"start":${seconds(interval.start)},"end":${seconds(interval.end)}`;
}

function stepText(step: Step): string {
  return `${span(step)},"nodes":${someNodes(step.vms, step.nodes)}}`;
}

/** `{"1":[2,3]}`: VM 1 from node 2 to node 3. */
function migrationText(migration: Migration): string {
  const moves = migration.moves.map(({ vm, from, to }) => `"${vm}":[${from},${to}]`);
  return `${span(migration)},"moves":{${moves.join(',')}}}`;
}

function transferText(transfer: Transfer): string {
  const nodes = someNodes(transfer.vms, transfer.nodes);
  return `${span(transfer)},"image":${JSON.stringify(transfer.image)},"nodes":${nodes}}`;
}

/** The i-th of these VMs on the i-th of these nodes. */
function someNodes(vms: Runs, nodes: Runs): string {
  const on = expand(nodes);
  const pairs = expand(vms).map((vm, i) => `"${vm}":${on[i]}`);
  return `{${pairs.join(',')}}`;
}

/** Only where leases are priced; null: its user has declined. */
function priceText(price: Price | undefined): string {
  if (price === undefined) return '';
  return `,"price":${price.declined ? 'null' : price.asked}`;
}

function reasonText(reason: Reason): string {
  const { earliestRelease } = reason;
  return JSON.stringify({ ...reason, earliestRelease: earliestRelease === null ? null : earliestRelease / 1000 });
}

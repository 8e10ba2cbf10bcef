/** `leases.json`: a lease a line, as one JSON object each. Times in seconds; `nodes` maps VM number to node number. */

import { expand, type Reason, type Runs } from '../../engine/index.js';
import type { FinishedLease, Migration, Price, Step, Transfer } from './finished-lease.js';
import { seconds, secondsOrNull } from './numbers.js';
import type { TextFile } from './text-file.js';

/** Writes the line of a lease. */
export function writeLease(file: TextFile, lease: FinishedLease): void {
  // What lies between two lists of nodes goes into the file as one text.
  let text =
    `{"id":${JSON.stringify(lease.id)},"kind":"${lease.kind}","state":"${lease.state}",` +
    `"submit":${seconds(lease.submit)},"start":${secondsOrNull(lease.start)},"end":${secondsOrNull(lease.end)},` +
    `"runs":[`;
  for (const run of lease.runs) {
    file.text(`${text}${span(run)},"nodes":`);
    writeNodes(file, run.nodes);
    text = '},';
  }
  const before = lease.runs.length === 0 ? text : '}';
  file.text(
    `${before}],"suspensions":${list(lease.suspensions, stepText)},"resumptions":${list(lease.resumptions, stepText)},` +
      `"shutdowns":${list(lease.shutdowns, stepText)},` +
      `"migrations":${list(lease.migrations, migrationText)},"transfers":${list(lease.transfers, transferText)},` +
      `"reasons":${list(lease.reasons, reasonText)}${priceText(lease.price)}}\n`,
  );
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
  file.reserve(2);
  file.byte(OPEN);
  for (let i = 0; i < nodes.length; i += 2) {
    for (let node = nodes[i]!; node <= nodes[i + 1]!; node++) {
      file.reserve(40);
      if (vm++ > 0) file.byte(COMMA);
      file.byte(QUOTE);
      file.number(vm);
      file.byte(QUOTE);
      file.byte(COLON);
      file.number(node);
    }
  }
  file.reserve(1);
  file.byte(CLOSE);
}

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

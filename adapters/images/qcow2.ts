/**
 * Reads the header of a qcow2 image, and says whether a guest may be given it: one file that needs no other, of a size that is
 * wanted, with nothing in it that this reader does not know. After docs/interop/qcow2.txt of QEMU, versions 2 and 3.
 */

export interface HeaderLimits {
  /** Of the disk as a guest sees it. */
  readonly virtualBytesMax: number;
  /** It may keep only what differs from another image; what that is, is not looked at. */
  readonly differences?: true;
}

/** What was found: the size of the disk as a guest sees it, and whether it keeps only what differs from another image; or why no guest is given it. */
export type Found =
  | { readonly ok: true; readonly virtualBytes: number; readonly differences?: true }
  | { readonly ok: false; readonly why: string };

export const QCOW2_MAGIC = 0x51_46_49_fb;
/** A header lies in the first cluster, and that is at most so large. */
export const HEADER_BYTES_MAX = 2 * 1024 * 1024;

const V2_BYTES = 72;
const V3_BYTES = 104;
const CLUSTER_BITS = { least: 9, most: 21 };
const REFCOUNT_ORDER_MAX = 6;
/** QEMU's own limits: 32 MiB of first-level table, 8 MiB of refcount table. */
const L1_ENTRIES_MAX = (32 * 1024 * 1024) / 8;
const REFCOUNT_TABLE_BYTES_MAX = 8 * 1024 * 1024;
const EXTENSIONS_MAX = 64;

/** Bits without which the rest cannot be understood. */
const DIRTY = 1n << 0n;
const CORRUPT = 1n << 1n;
const DATA_FILE = 1n << 2n;
const COMPRESSION = 1n << 3n;
const EXTENDED_L2 = 1n << 4n;
const KNOWN_BITS = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2;

const END = 0;
const BACKING_FORMAT = 0xe2_79_2a_ca;
const REFUSED_EXTENSIONS: ReadonlyMap<number, string> = new Map([
  [BACKING_FORMAT, 'it names the format of a backing file'],
  [0x44_41_54_41, 'its data is in another file'],
  [0x05_37_be_77, 'it is encrypted'],
]);
const FLATTEN = 'make one file of it: qemu-img convert -O qcow2';

/** `head`: the file from its beginning, HEADER_BYTES_MAX of it or all. Never throws. O(extensions). */
export function readQcow2(head: Buffer, fileBytes: number, { virtualBytesMax, differences }: HeaderLimits): Found {
  // 1. Whether it is one.
  if (head.length < V2_BYTES || head.readUInt32BE(0) !== QCOW2_MAGIC) return refused('it does not begin as qcow2 does');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return refused(`it is qcow of version ${version}; 2 and 3 are read here`);
  if (version === 3 && head.length < V3_BYTES) return refused('it ends within its header');
  // 2. Nothing outside of it.
  if (differences === undefined && (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0))
    return refused(`it needs a backing file; ${FLATTEN}`);
  if (head.readUInt32BE(32) !== 0) return refused('it is encrypted; give it decrypted');
  if (head.readUInt32BE(60) !== 0) return refused(`it has snapshots of its own; ${FLATTEN}`);
  const features = version === 2 ? null : featuresFault(head);
  if (features !== null) return refused(features);
  // 3. What it says of itself can be true.
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < CLUSTER_BITS.least || clusterBits > CLUSTER_BITS.most)
    return refused(`its clusters cannot be of 2^${clusterBits} bytes`);
  const cluster = 2 ** clusterBits;
  const size = head.readBigUInt64BE(24);
  if (size === 0n) return refused('its disk is empty');
  if (size > BigInt(virtualBytesMax))
    return refused(`its disk has ${size} bytes as a guest sees it; ${virtualBytesMax} are allowed`);
  const virtualBytes = Number(size);
  const faults = [
    tablesFault(head, version, cluster, virtualBytes, fileBytes),
    extensionsFault(head, version, cluster, differences === undefined ? null : BACKING_FORMAT),
  ];
  const fault = faults.find((one) => one !== null);
  if (fault !== undefined) return refused(fault!);
  return { ok: true, virtualBytes, ...(head.readBigUInt64BE(8) === 0n ? {} : { differences: true }) };
}

function featuresFault(head: Buffer): string | null {
  const bits = head.readBigUInt64BE(72);
  if ((bits & DATA_FILE) !== 0n) return `its data is in another file; ${FLATTEN}`;
  if ((bits & ~KNOWN_BITS) !== 0n) return `it needs features that are not known here (0x${bits.toString(16)})`;
  if ((bits & (DIRTY | CORRUPT)) !== 0n) return 'it was not closed properly; run: qemu-img check -r all';
  if (head.readUInt32BE(96) > REFCOUNT_ORDER_MAX) return 'its reference counts are too wide';
  const length = head.readUInt32BE(100);
  if (length < V3_BYTES || length % 8 !== 0) return `its header cannot have ${length} bytes`;
  // Zlib and Zstandard; the byte is there only in a longer header.
  const compression = length > V3_BYTES && head.length > V3_BYTES ? head.readUInt8(V3_BYTES) : 0;
  const isMarked = (bits & COMPRESSION) !== 0n;
  return compression > 1 || isMarked !== compression > 0 ? 'its compression is not known here' : null;
}

/** Both tables lie whole within the file, and the first is long enough for the disk. */
function tablesFault(
  head: Buffer,
  version: number,
  cluster: number,
  virtual: number,
  fileBytes: number,
): string | null {
  const within = (offset: bigint, bytes: number): boolean =>
    offset >= BigInt(cluster) && offset % BigInt(cluster) === 0n && offset + BigInt(bytes) <= BigInt(fileBytes);
  const extended = version === 3 && (head.readBigUInt64BE(72) & EXTENDED_L2) !== 0n;
  const perEntry = (cluster / (extended ? 16 : 8)) * cluster;
  const entries = head.readUInt32BE(36);
  if (entries > L1_ENTRIES_MAX || entries < Math.ceil(virtual / perEntry))
    return 'its first table is of the wrong length';
  if (!within(head.readBigUInt64BE(40), entries * 8)) return 'its first table does not lie within the file';
  const refcounts = head.readUInt32BE(56) * cluster;
  if (refcounts < cluster || refcounts > REFCOUNT_TABLE_BYTES_MAX)
    return 'its reference counts are of the wrong length';
  if (!within(head.readBigUInt64BE(48), cluster)) return 'its reference counts do not lie within the file';
  return null;
}

/** They follow the header, within its cluster, up to one that says that it is the last. */
function extensionsFault(head: Buffer, version: number, cluster: number, taken: number | null): string | null {
  const area = Math.min(cluster, head.length);
  let at = version === 2 ? V2_BYTES : head.readUInt32BE(100);
  for (let count = 0; count < EXTENSIONS_MAX; count++) {
    if (at + 8 > area) return null;
    const type = head.readUInt32BE(at);
    if (type === END) return null;
    const refusal = REFUSED_EXTENSIONS.get(type);
    if (refusal !== undefined && type !== taken) return `${refusal}; ${FLATTEN}`;
    const length = head.readUInt32BE(at + 4);
    if (at + 8 + length > area) return 'an extension of its header does not end';
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return 'its header has too many extensions';
}

function refused(why: string): Found {
  return { ok: false, why };
}

/**
 * Small ISO 9660 images (ECMA-119), made in memory: some files in the root directory. Their names are there three times:
 * as ECMA-119 allows them (8.3), in Rock Ridge for Unix (IEEE P1282) and in Joliet for Windows. Of a fixed time: the same
 * files make the same image.
 */

export interface IsoFile {
  readonly name: string;
  readonly content: Buffer;
}

const SECTOR = 2048;
export const ISO_FILES_MAX = 8;
/** Of all files together. */
export const ISO_BYTES_MAX = 1024 * 1024;
/** 2020-01-01 00:00 UTC; a time there must be. */
const RECORDED = [120, 1, 1, 0, 0, 0, 0];
const RECORDED_TEXT = '2020010100000000';
const DIRECTORY = 2;

/** Where things are, in sectors. All of it is at a fixed place but the files, which follow. */
const PLACES = {
  primary: 16,
  joliet: 17,
  end: 18,
  pathsLow: 19,
  pathsHigh: 20,
  root: 21,
  rockRidge: 22,
  jolietPathsLow: 23,
  jolietPathsHigh: 24,
  jolietRoot: 25,
  files: 26,
};

/** `label`: at most 16 of A-Z, a-z, 0-9 and _. Names: at most 64 of a-z, A-Z, 0-9, dot, dash and underscore. O(bytes). */
export function isoImage(label: string, files: readonly IsoFile[]): Buffer {
  // 1. What there is room for.
  check(label, files);
  // 2. The files, each from a sector of its own.
  let sector = PLACES.files;
  const placed = files.map((file) => {
    const at = sector;
    sector += sectorsOf(file.content.length);
    return { ...file, at };
  });
  const image = Buffer.alloc(sector * SECTOR);
  for (const { content, at } of placed) content.copy(image, at * SECTOR);
  // 3. What describes them, twice.
  const put = (bytes: Buffer, at: number): unknown => bytes.copy(image, at * SECTOR);
  put(descriptor(1, label, sector), PLACES.primary);
  put(descriptor(2, label, sector), PLACES.joliet);
  put(Buffer.from('\xffCD001\x01', 'latin1'), PLACES.end);
  put(pathTable(PLACES.root, false), PLACES.pathsLow);
  put(pathTable(PLACES.root, true), PLACES.pathsHigh);
  put(pathTable(PLACES.jolietRoot, false), PLACES.jolietPathsLow);
  put(pathTable(PLACES.jolietRoot, true), PLACES.jolietPathsHigh);
  put(rockRidgeReference(), PLACES.rockRidge);
  put(plainDirectory(placed), PLACES.root);
  put(jolietDirectory(placed), PLACES.jolietRoot);
  return image;
}

interface Placed extends IsoFile {
  readonly at: number;
}

function check(label: string, files: readonly IsoFile[]): void {
  if (!/^\w{1,16}$/.test(label)) throw new RangeError('a label has 1 to 16 letters, digits and underscores');
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (files.length > ISO_FILES_MAX || bytes > ISO_BYTES_MAX)
    throw new RangeError(`an image holds at most ${ISO_FILES_MAX} files of ${ISO_BYTES_MAX} bytes together`);
  if (!files.every(({ name }) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)))
    throw new RangeError('a file name has 1 to 64 letters, digits, dots, dashes and underscores');
  if (new Set(files.map(({ name }, i) => shortName(name, i))).size < files.length)
    throw new RangeError('two files have the same name');
}

const sectorsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / SECTOR));

/** A number as ECMA-119 7.3.3 has it: low byte first, and then high byte first. */
function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** ECMA-119 7.2.3. */
function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

/** The primary (1, ECMA-119 8.4) or Joliet's supplementary (2, 8.5) volume descriptor. */
function descriptor(type: 1 | 2, label: string, sectors: number): Buffer {
  const joliet = type === 2;
  const bytes = Buffer.alloc(SECTOR);
  const text = (words: string, at: number, length: number): unknown => padded(words, length, joliet).copy(bytes, at);
  bytes.writeUInt8(type, 0);
  bytes.write('CD001\x01', 1, 'latin1');
  text('LINUX', 8, 32);
  text(label, 40, 32);
  both32(sectors).copy(bytes, 80);
  // UCS-2, level 3.
  if (joliet) bytes.write('%/E', 88, 'latin1');
  both16(1).copy(bytes, 120);
  both16(1).copy(bytes, 124);
  both16(SECTOR).copy(bytes, 128);
  both32(PATH_TABLE_BYTES).copy(bytes, 132);
  bytes.writeUInt32LE(joliet ? PLACES.jolietPathsLow : PLACES.pathsLow, 140);
  bytes.writeUInt32BE(joliet ? PLACES.jolietPathsHigh : PLACES.pathsHigh, 148);
  record(Buffer.from([0]), joliet ? PLACES.jolietRoot : PLACES.root, SECTOR, DIRECTORY).copy(bytes, 156);
  // Identifiers of the volume set, publisher, preparer and application, and names of files that there are none of.
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text('', at, length);
  for (const at of [813, 830]) bytes.write(RECORDED_TEXT, at, 'latin1');
  // Never expires, and may be used from whenever.
  for (const at of [847, 864]) bytes.write('0'.repeat(16), at, 'latin1');
  bytes.writeUInt8(1, 881);
  return bytes;
}

/** With spaces to the length; two bytes a letter in Joliet, where an odd last byte stays 0. */
function padded(words: string, length: number, joliet: boolean): Buffer {
  if (!joliet) return Buffer.from(words.padEnd(length), 'latin1');
  return Buffer.concat([wide(words.padEnd(length >> 1)), Buffer.alloc(length % 2)]);
}

function wide(words: string): Buffer {
  return Buffer.from(words, 'utf16le').swap16();
}

const PATH_TABLE_BYTES = 10;

/** The root, which is its own parent: ECMA-119 9.4. */
function pathTable(root: number, highFirst: boolean): Buffer {
  const bytes = Buffer.alloc(PATH_TABLE_BYTES);
  bytes.writeUInt8(1, 0);
  if (highFirst) bytes.writeUInt32BE(root, 2);
  else bytes.writeUInt32LE(root, 2);
  bytes.writeUInt16LE(highFirst ? 0x0100 : 1, 6);
  return bytes;
}

/** A directory record: ECMA-119 9.1. `use`: of Rock Ridge. */
function record(identifier: Buffer, at: number, length: number, flags: number, use: Buffer = Buffer.alloc(0)): Buffer {
  const name = Buffer.concat([identifier, Buffer.alloc(1 - (identifier.length % 2))]);
  const size = 33 + name.length + use.length;
  const head = Buffer.alloc(2);
  head.writeUInt8(size + (size % 2), 0);
  const rest = [both32(at), both32(length), Buffer.from([...RECORDED, flags, 0, 0]), both16(1)];
  return Buffer.concat([head, ...rest, Buffer.from([identifier.length]), name, use, Buffer.alloc(size % 2)]);
}

/** Records stand in the order of their names (ECMA-119 9.3), and never across sectors: these few fit into one. */
function directory(
  records: readonly { readonly name: string; readonly bytes: Buffer }[],
  own: readonly Buffer[],
): Buffer {
  const sorted = [...records].sort((a, b) => (a.name < b.name ? -1 : 1));
  const bytes = Buffer.concat([...own, ...sorted.map((one) => one.bytes)]);
  if (bytes.length > SECTOR) throw new RangeError('the names of the files are too long for one sector');
  return bytes;
}

function plainDirectory(files: readonly Placed[]): Buffer {
  const records = files.map(({ name, content, at }, i) => {
    const short = shortName(name, i);
    const use = Buffer.concat([attributes(0o100444, 1), alternateName(name)]);
    return { name: short, bytes: record(Buffer.from(short, 'latin1'), at, content.length, 0, use) };
  });
  const shared = attributes(0o40555, 2);
  const first = Buffer.concat([indicator(), shared, continuation()]);
  return directory(records, [
    record(Buffer.from([0]), PLACES.root, SECTOR, DIRECTORY, first),
    record(Buffer.from([1]), PLACES.root, SECTOR, DIRECTORY, shared),
  ]);
}

function jolietDirectory(files: readonly Placed[]): Buffer {
  const records = files.map(({ name, content, at }) => ({
    name,
    bytes: record(wide(name), at, content.length, 0),
  }));
  return directory(records, [
    record(Buffer.from([0]), PLACES.jolietRoot, SECTOR, DIRECTORY),
    record(Buffer.from([1]), PLACES.jolietRoot, SECTOR, DIRECTORY),
  ]);
}

/** Eight letters, a dot, a version: ECMA-119 level 1. The place keeps apart those that begin alike. */
function shortName(name: string, index: number): string {
  const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return `${letters.slice(0, 7)}${index}.;1`;
}

/** An entry of the system use area: SUSP, IEEE P1281 4. */
function useEntry(signature: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(signature, 'latin1'), Buffer.from([4 + data.length, 1]), data]);
}

/** SP: from here on there are such entries. */
const indicator = (): Buffer => useEntry('SP', Buffer.from([0xbe, 0xef, 0]));

/** PX: mode, links, owner 0 and group 0. */
function attributes(mode: number, links: number): Buffer {
  return useEntry('PX', Buffer.concat([both32(mode), both32(links), both32(0), both32(0)]));
}

/** NM: the name as it is. */
function alternateName(name: string): Buffer {
  return useEntry('NM', Buffer.concat([Buffer.from([0]), Buffer.from(name, 'latin1')]));
}

/** CE: what follows is in a sector of its own. */
function continuation(): Buffer {
  return useEntry('CE', Buffer.concat([both32(PLACES.rockRidge), both32(0), both32(rockRidgeReference().length)]));
}

/** ER: that these entries are Rock Ridge's. */
function rockRidgeReference(): Buffer {
  const [id, description, source] = ['RRIP_1991A', 'ROCK RIDGE', 'IEEE P1282'].map((text) =>
    Buffer.from(text, 'latin1'),
  );
  const lengths = Buffer.from([id!.length, description!.length, source!.length, 1]);
  return useEntry('ER', Buffer.concat([lengths, id!, description!, source!]));
}

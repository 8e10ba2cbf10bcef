/**
 * Looks at an image before anything else does: that it is of the format that was said, whole, and nothing else in disguise.
 * Other programs open only what has passed here, and as that format.
 */

import type { FileHandle } from 'node:fs/promises';
import type { ImageFormat } from '../image-port.js';
import { type Found, HEADER_BYTES_MAX, type HeaderLimits, readQcow2 } from './qcow2.js';

const SECTOR = 512;
/** ISO 9660: after 16 sectors of 2048 bytes the first descriptor of the volume. */
const ISO_BLOCK = 2048;
const ISO_DESCRIPTOR = 16 * ISO_BLOCK;
const ISO_BLOCKS_AT = ISO_DESCRIPTOR + 80;

/** What a disk does not begin with. A program that guesses formats would take it for something else than it is. */
const BEGINNINGS: readonly (readonly [name: string, at: number, magic: string])[] = [
  ['a qcow image', 0, 'QFI\xfb'],
  ['a QED image', 0, 'QED\0'],
  ['a VMDK image', 0, 'KDMV'],
  ['a VMDK image', 0, 'COWD'],
  ['a VMDK description, which names other files', 0, '# Disk DescriptorFile'],
  ['a VHD image', 0, 'conectix'],
  ['a VHDX image', 0, 'vhdxfile'],
  ['a VDI image', 0x40, '\x7f\x10\xda\xbe'],
  ['a Parallels image', 0, 'WithoutFreeSpace'],
  ['a Parallels image', 0, 'WithouFreSpacExt'],
  ['a Bochs image', 0, 'Bochs Virtual HD Image'],
  ['a cloop image', 0, '#!/bin/sh\n#V2.0 Format'],
  ['an encrypted disk (LUKS)', 0, 'LUKS\xba\xbe'],
  ['a gzip archive: unpack it first', 0, '\x1f\x8b'],
  ['an xz archive: unpack it first', 0, '\xfd7zXZ\0'],
  ['a bzip2 archive: unpack it first', 0, 'BZh'],
  ['a Zstandard archive: unpack it first', 0, '\x28\xb5\x2f\xfd'],
  ['an LZ4 archive: unpack it first', 0, '\x04\x22\x4d\x18'],
  ['a zip archive: unpack it first', 0, 'PK\x03\x04'],
  ['a 7z archive: unpack it first', 0, '7z\xbc\xaf\x27\x1c'],
  ['a tar archive: unpack it first', 257, 'ustar'],
  ['a web page', 0, '<!DOCTYPE'],
  ['a web page', 0, '<!doctype'],
  ['a web page', 0, '<html'],
];

/** The file is read only, and not trusted. Rejects only where it cannot be read. */
export async function inspectImage(file: FileHandle, format: ImageFormat, limits: HeaderLimits): Promise<Found> {
  const { size } = await file.stat();
  if (size === 0) return refused('it is empty');
  const buffer = Buffer.alloc(Math.min(size, HEADER_BYTES_MAX));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return inspectBytes(buffer.subarray(0, bytesRead), size, format, limits);
}

/** As `inspectImage`, of what was read. Never throws. */
export function inspectBytes(head: Buffer, fileBytes: number, format: ImageFormat, limits: HeaderLimits): Found {
  if (format === 'qcow2') {
    const found = readQcow2(head, fileBytes, limits);
    const disguise = found.ok ? null : beginningOf(head);
    return found.ok || disguise === null || disguise === 'a qcow image' ? found : refused(`it is ${disguise}`);
  }
  const disguise = beginningOf(head);
  if (disguise === 'a qcow image') return refused(`it is a qcow image: register it as qcow2, not as ${format}`);
  if (disguise !== null) return refused(`it is ${disguise}`);
  const fault = format === 'iso' ? isoFault(head, fileBytes) : rawFault(fileBytes);
  if (fault !== null) return refused(fault);
  const { virtualBytesMax } = limits;
  if (fileBytes > virtualBytesMax) return refused(`it has ${fileBytes} bytes; ${virtualBytesMax} are allowed`);
  return { ok: true, virtualBytes: fileBytes };
}

function beginningOf(head: Buffer): string | null {
  const found = BEGINNINGS.find(([, at, magic]) =>
    head.subarray(at, at + magic.length).equals(Buffer.from(magic, 'latin1')),
  );
  return found === undefined ? null : found[0];
}

function rawFault(bytes: number): string | null {
  return bytes % SECTOR === 0
    ? null
    : `it has ${bytes} bytes: a disk is a multiple of ${SECTOR}, so part of it is missing`;
}

function isoFault(head: Buffer, fileBytes: number): string | null {
  if (head.subarray(ISO_DESCRIPTOR + 1, ISO_DESCRIPTOR + 6).toString('latin1') !== 'CD001')
    return 'it is no ISO 9660 image';
  if (head.length < ISO_BLOCKS_AT + 4) return 'it ends within its header';
  const told = head.readUInt32LE(ISO_BLOCKS_AT) * ISO_BLOCK;
  return told <= fileBytes ? null : `it should have ${told} bytes, and has ${fileBytes}`;
}

function refused(why: string): Found {
  return { ok: false, why };
}

/** What images are given to guests: those that are what they are said to be, and need nothing else. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { IMAGE_FORMATS, type ImageFormat } from '../../../adapters/image-port.js';
import { inspectBytes } from '../../../adapters/images/inspect.js';
import { readQcow2 } from '../../../adapters/images/qcow2.js';
import { CLUSTER, isoImage, MIB, qcow2Image, rawImage } from '../../support/image-files.js';
import { needs } from '../../support/needs.js';

const LIMITS = { virtualBytesMax: 1024 * MIB };
const inspected = (image: Buffer, format: ImageFormat) => inspectBytes(image, image.length, format, LIMITS);
const why = (image: Buffer, format: ImageFormat): string => {
  const found = inspected(image, format);
  return found.ok ? '' : found.why;
};
const changed = (at: number, value: number | bigint) =>
  qcow2Image(64 * MIB, (image) => {
    if (typeof value === 'bigint') image.writeBigUInt64BE(value, at);
    else image.writeUInt32BE(value, at);
  });
const extended = (type: number, length = 8) =>
  qcow2Image(64 * MIB, (image) => {
    image.writeUInt32BE(type, 104);
    image.writeUInt32BE(length, 108);
  });

describe('an image', () => {
  it.each([
    ['qcow2', qcow2Image(), 64 * MIB],
    ['raw', rawImage(MIB), MIB],
    ['iso', isoImage(), 32 * 2048],
  ] as const)('of format %s is taken as it is', (format, image, virtualBytes) =>
    expect(inspected(image, format)).toEqual({ ok: true, virtualBytes }),
  );

  it.each([
    ['of an older format', changed(4, 1), 'version 1'],
    ['of a later version', changed(4, 4), 'version 4'],
    ['with a backing file', changed(8, 0x200n), 'backing file'],
    ['with the name of a backing file', changed(16, 11), 'backing file'],
    ['with the format of a backing file', extended(0xe2_79_2a_ca), 'backing file'],
    ['with its data elsewhere', changed(72, 4n), 'another file'],
    ['with the name of a data file', extended(0x44_41_54_41), 'another file'],
    ['encrypted', changed(32, 2), 'encrypted'],
    ['encrypted with LUKS', extended(0x05_37_be_77), 'encrypted'],
    ['with snapshots', changed(60, 1), 'snapshots'],
    ['with unknown features', changed(72, 1n << 40n), 'not known'],
    ['not closed', changed(72, 1n), 'closed'],
    ['known to be corrupt', changed(72, 2n), 'closed'],
    ['of 60 TiB', qcow2Image(60 * 1024 ** 4, () => {}), 'allowed'],
    ['of no size', changed(24, 0n), 'empty'],
    ['of clusters of a byte', changed(20, 0), 'clusters'],
    ['of clusters of 2 GiB', changed(20, 31), 'clusters'],
    ['with too short a table', changed(36, 0), 'length'],
    ['with a table for ever', changed(36, 0xff_ff_ff_ff), 'length'],
    ['with a table behind its end', changed(40, BigInt(400 * CLUSTER)), 'within'],
    ['with a table in its header', changed(40, 0n), 'within'],
    ['with counts behind its end', changed(48, 1n << 60n), 'within'],
    ['with no counts', changed(56, 0), 'counts'],
    ['with a header that is too short', changed(100, 8), 'header'],
    ['with an extension without end', extended(1, 0xff_ff_ff_ff), 'does not end'],
    ['that is only its header', qcow2Image().subarray(0, 104), 'within'],
    ['that is not even that', qcow2Image().subarray(0, 50), 'qcow2'],
    ['that is a web page', Buffer.from('<!DOCTYPE html><title>404</title>'), 'web page'],
    ['that is empty', Buffer.alloc(0), 'qcow2'],
  ])('%s is no qcow2 for a guest', (_, image, reason) => expect(why(image, 'qcow2')).toContain(reason));

  it.each([
    ['a qcow2 image', qcow2Image(), 'qcow'],
    ['a VMDK description', Buffer.concat([Buffer.from('# Disk DescriptorFile\n'), Buffer.alloc(490)]), 'other files'],
    ['a gzip archive', gzipSync(rawImage()), 'gzip'],
    ['a tar archive', Buffer.from(`${'\0'.repeat(257)}ustar${'\0'.repeat(250)}`, 'latin1'), 'tar'],
    ['a zip archive', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(508)]), 'zip'],
    ['a LUKS disk', Buffer.concat([Buffer.from('LUKS\xba\xbe', 'latin1'), Buffer.alloc(506)]), 'LUKS'],
    ['cut off', rawImage().subarray(0, 1000), 'missing'],
  ])('%s is no raw disk', (_, image, reason) => expect(why(image, 'raw')).toContain(reason));

  it('that is no CD, or part of one, is none', () => {
    expect(why(rawImage(), 'iso')).toContain('ISO 9660');
    expect(why(Buffer.alloc(100), 'iso')).toContain('ISO 9660');
    expect(why(isoImage(64).subarray(0, 40 * 2048), 'iso')).toContain('should have');
  });

  it('larger than what is allowed is not taken', () => {
    for (const format of ['raw', 'iso'] as const) {
      const image = format === 'raw' ? rawImage() : isoImage();
      const found = inspectBytes(image, image.length, format, { virtualBytesMax: image.length - 1 });
      expect(found).toMatchObject({ ok: false });
    }
  });
});

describe('whatever bytes come', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some));
  /** A header that is right but for some bytes. */
  const nearly = fc.array(fc.tuple(fc.nat(240), fc.nat(255)), { minLength: 1, maxLength: 12 }).map((changes) =>
    qcow2Image(64 * MIB, (image) => {
      for (const [at, value] of changes) image.writeUInt8(value, at);
    }),
  );

  it('they are judged, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, nearly), fc.constantFrom(...IMAGE_FORMATS), (image, format) => {
        expect(typeof inspected(image, format).ok).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  it('no image is taken that names another file, is too large, or has tables outside of itself', () => {
    fc.assert(
      fc.property(nearly, (image) => {
        const found = readQcow2(image, image.length, LIMITS);
        if (!found.ok) return;
        expect(image.readBigUInt64BE(8)).toBe(0n);
        expect(image.readUInt32BE(16)).toBe(0);
        if (image.readUInt32BE(4) === 3) expect(image.readBigUInt64BE(72) & ~0b1_1000n).toBe(0n);
        expect(found.virtualBytes).toBeLessThanOrEqual(LIMITS.virtualBytesMax);
        expect(image.readBigUInt64BE(40)).toBeLessThan(BigInt(image.length));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what QEMU makes', needs('qemu-img'), () => {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-images-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const made = (name: string, ...args: readonly string[]): Buffer => {
    const path = join(directory, name);
    execFileSync('qemu-img', ['create', '-q', ...args.map((one) => one.replace('FILE', path))], { cwd: directory });
    return readFileSync(path);
  };

  it.each([
    ['a plain one', ['-f', 'qcow2', 'FILE', '64M']],
    ['an old one', ['-f', 'qcow2', '-o', 'compat=0.10', 'FILE', '64M']],
    ['with small clusters', ['-f', 'qcow2', '-o', 'cluster_size=512', 'FILE', '1M']],
    ['with large clusters', ['-f', 'qcow2', '-o', 'cluster_size=2M', 'FILE', '64M']],
    ['with extended tables', ['-f', 'qcow2', '-o', 'extended_l2=on,cluster_size=128k', 'FILE', '64M']],
    ['for Zstandard', ['-f', 'qcow2', '-o', 'compression_type=zstd', 'FILE', '64M']],
  ])('is taken: %s', (name, args) =>
    expect(inspected(made(name.replaceAll(' ', '-'), ...args), 'qcow2').ok).toBe(true),
  );

  it('is not, where it leans on another file', () => {
    writeFileSync(join(directory, 'base'), rawImage());
    expect(why(made('overlay', '-f', 'qcow2', '-b', 'base', '-F', 'raw', 'FILE'), 'qcow2')).toContain('backing');
    const outside = made('outside', '-f', 'qcow2', '-o', `data_file=${join(directory, 'data')}`, 'FILE', '1M');
    expect(why(outside, 'qcow2')).toContain('another file');
  });
});

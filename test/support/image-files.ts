/** Images made by hand: headers as they should be, to be changed where a test wants a lie. */

export const CLUSTER = 65_536;
export const MIB = 1024 * 1024;

/** An empty qcow2 image of version 3, of `virtualBytes`, as QEMU would make it: header, counts, first table. */
export function qcow2Image(virtualBytes = 64 * MIB, change: (image: Buffer) => void = () => {}): Buffer {
  const image = Buffer.alloc(4 * CLUSTER);
  image.writeUInt32BE(0x51_46_49_fb, 0);
  image.writeUInt32BE(3, 4);
  image.writeUInt32BE(16, 20);
  image.writeBigUInt64BE(BigInt(virtualBytes), 24);
  image.writeUInt32BE(Math.ceil(virtualBytes / (CLUSTER * (CLUSTER / 8))), 36);
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  image.writeBigUInt64BE(BigInt(CLUSTER), 48);
  image.writeUInt32BE(1, 56);
  image.writeUInt32BE(4, 96);
  image.writeUInt32BE(104, 100);
  // One block of counts: of the header, the table of counts, the block itself, and the first table.
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, 2 * CLUSTER + cluster * 2);
  change(image);
  return image;
}

/** A disk with something on it. */
export function rawImage(bytes = MIB): Buffer {
  const image = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) image.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  return image;
}

export function isoImage(blocks = 32): Buffer {
  const image = Buffer.alloc(blocks * 2048);
  image.writeUInt8(1, 32_768);
  image.write('CD001', 32_769, 'latin1');
  image.writeUInt32LE(blocks, 32_768 + 80);
  return image;
}

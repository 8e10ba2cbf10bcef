/**
 * The smallest guest that does what kernels do: 64 bits, pages, code in the upper half, users in ring 3 who call and are
 * trapped. What only looks like KVM does not get through that. It tells of the trap by the panic device, and stands still.
 */

/** A disk, as firmware reads it, with nothing but a boot sector. */
export function probeGuest(): Buffer {
  const disk = Buffer.alloc(DISK_BYTES);
  Buffer.from(CODE.join(''), 'hex').copy(disk);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

/** Firmware boots nothing smaller than a cylinder. */
const DISK_BYTES = 1024 * 1024;

/** From 0x7c00. Intel's mnemonics; the first lines are of 16 bits. */
const CODE = [
  'fa31c08ed88ec08ed0bc007cfc', // cli; all segments 0; sp = 0x7c00
  'bf0010b90020f3ab', // 0x1000..0x4fff = 0: the page tables
  '66c706001007200000', // [0x1000] = 0x2007: the lowest 512 GiB
  '66c706f81f07200000', // [0x1ff8] = 0x2007: and the highest
  '66c706002007300000', // [0x2000] = 0x3007
  '66c706f02f07300000', // [0x2ff0] = 0x3007: 2 GiB below the top, where kernels are
  '66c706003087000000', // [0x3000] = 0x87: 2 MiB at 0
  '66c706083087002000', // [0x3008] = 0x200087: and the next ones
  '0f0116607d', // lgdt [gdtr]
  '0f20e06683c8200f22e0', // cr4 |= PAE
  '66b8001000000f22d8', // cr3 = 0x1000
  '66b9800000c00f32660d010100000f30', // EFER |= LME | SCE
  '0f20c0660d010000800f22c0', // cr0 |= PG | PE
  'ea847c0800', // jmp 8:long
  '48c7c08d7c0080ffe0', // long: jmp high, in the upper half
  '48c7c400700080', // high: rsp = 0xffffffff80007000
  '488d057d000000bf005000006689473066c747320800', // IDT at 0x5000: 3 is trap, for everybody
  '66c7473400ee48c1e8106689473648c1e810894738',
  '0f011da0000000', // lidt [idtr]
  '488924250460000066b828000f00d8', // TSS at 0x6000: the stack of traps; ltr 0x28
  'b9810000c031c0ba080013000f30', // STAR = selectors of syscall and sysret
  'ffc1488d05230000004889c248c1ea200f30', // LSTAR = entry
  '6a1b68007000006a026a23488d05030000005048cf', // iretq to user, in ring 3
  '0f05ccebfe', // user: syscall; int3; jmp to itself
  '0f01f80f01f8480f07', // entry: swapgs; swapgs; sysretq
  '66ba0505b001eef4ebf6', // trap: out 0x505, 1; hlt; jmp trap
  '660f1f4400000000000000000000', // (filler) gdt: nothing
  '00000000009b2000', // 0x08: code of the kernel
  '0000000000930000', // 0x10: data of the kernel
  '0000000000f30000', // 0x18: data of users
  '0000000000fb2000', // 0x20: code of users
  '67000060008900000000000000000000', // 0x28: the TSS
  '3700287d0000', // gdtr
  '3f0000500080ffffffff', // idtr
];

/**
 * What its user says of the VMs of a lease beside what they need: who may log in, what they do first, where they are
 * reached, what their hardware is like. The log keeps it as a text that the scheduler never looks at.
 */

export interface MachineWishes {
  /** A network of the site by its name; null: the site's usual one. */
  readonly network: string | null;
  /** Public keys of OpenSSH, a line each. */
  readonly sshKeys: readonly string[];
  /** For the guest, word for word. */
  readonly userData: string | null;
  /** A `<domain>` of libvirt's with what may be said of the hardware. */
  readonly template: string | null;
  /** Its disk is a copy of the image; absent: it keeps only what differs from the image. */
  readonly disk?: 'full';
  /** What boots it; absent: a BIOS. */
  readonly firmware?: 'efi';
  /** The board that it is on, by the name that QEMU has for it: `q35`; absent: the usual one. */
  readonly board?: string;
  /** Its processor, by the name that libvirt or QEMU has for it: `host-model`, `EPYC`; absent: what QEMU takes by itself. */
  readonly cpuModel?: string;
  /** When a VM counts as started; absent: as soon as it runs. */
  readonly ready?: Readiness;
}

export interface Readiness {
  /** Its guest agent answers, or it calls by itself, or somebody listens at a TCP port. */
  readonly probe: 'agent' | 'callback' | { readonly tcp: number };
  /** So long after it was started, or after another of its lease became ready; then the start has failed. */
  readonly timeoutMs: number;
  /** Unless so many VMs of the lease are ready then. Absent: all. */
  readonly atLeast?: number;
}

export const READY_TIMEOUT_MAX = 3_600_000;
export const READY_TIMEOUT = 300_000;

/** Some of what libvirt takes for one. */
export const BOARD = /^[a-z0-9][a-z0-9.-]{0,39}$/;
export const CPU_MODEL = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
export const SSH_KEYS_MAX = 16;
export const SSH_KEY_LENGTH_MAX = 4096;
export const USER_DATA_LENGTH_MAX = 32 * 1024;

/** What is not said is left out. */
export function writeWishes(wishes: MachineWishes): string {
  const { network, sshKeys, userData, template, disk, firmware, board, cpuModel, ready } = wishes;
  return JSON.stringify({
    ...(network === null ? {} : { network }),
    ...(sshKeys.length === 0 ? {} : { sshKeys }),
    ...(userData === null ? {} : { userData }),
    ...(template === null ? {} : { template }),
    ...(disk === undefined ? {} : { disk }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(board === undefined ? {} : { board }),
    ...(cpuModel === undefined ? {} : { cpuModel }),
    ...(ready === undefined ? {} : { ready }),
  });
}

/** The opposite. The text is ours: it was checked before it was written. */
export function readWishes(text: string): MachineWishes {
  const {
    network = null,
    sshKeys = [],
    userData = null,
    template = null,
    ...rest
  } = JSON.parse(text) as Partial<MachineWishes>;
  return { network, sshKeys, userData, template, ...rest };
}

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]{32,4000}={0,2})(?: [^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{0,200})?$/u;

/** Why it is no public key that can be used; null: it is one. Says nothing of what the key is. */
export function faultOfSshKey(line: string): string | null {
  if (line.includes('PRIVATE KEY')) return 'is a private key: give the file that ends in .pub, and keep this one';
  const [, type, base64] = SSH_KEY.exec(line) ?? [];
  if (type === undefined)
    return 'is not a public key of OpenSSH: `ssh-ed25519 AAAA… comment`, on one line, without options';
  // A key says of itself what it is (RFC 4253 6.6).
  const bytes = Buffer.from(base64!, 'base64');
  const named = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
  return named === type ? null : `is damaged: it is not the key of type ${type} that it says`;
}

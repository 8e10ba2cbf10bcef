/**
 * What a test needs of the machine. `test('…', needs('strace'), () => …)` skips the test where it is lacking, with a
 * reason that `npm test` lists; the same works for `describe`. scripts/install-test-deps.sh installs all of it.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POSTGRES_BIN } from './postgres.js';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test was skipped; absent: it was not. */
    lacking?: string;
  }
}

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Name → how to find out that it is there. */
const PROBES = {
  build: { found: () => existsSync(CLI), hint: 'run: npm run build' },
  // Root alone does not suffice where the machine is a container.
  netns: { found: namespaces, hint: 'install iproute2, and run as root where network namespaces can be made' },
  curl: { found: () => runs('curl', '--version'), hint: 'install curl' },
  // libvirt's own test driver, which is in its library, and its schemas.
  'libvirt-clients': {
    found: () => runs('virsh', '-c', 'test:///default', 'version') && runs('which', 'virt-xml-validate', 'xmllint'),
    hint: 'install libvirt-clients and libxml2-utils',
  },
  fish: { found: () => runs('fish', '--version'), hint: 'install fish' },
  isoinfo: { found: () => runs('isoinfo', '-version'), hint: 'install genisoimage' },
  libvirt: { found: () => loads('libvirt.so.0'), hint: 'install libvirt0 (libvirt-daemon-system brings it)' },
  machines: { found: machines, hint: 'run scripts/install-test-deps.sh as root, where namespaces can be made' },
  mandoc: { found: () => runs('which', 'mandoc'), hint: 'install mandoc' },
  mount: { found: mounts, hint: 'run as root, where a file system in memory may be mounted' },
  openssl: { found: () => runs('openssl', 'version'), hint: 'install openssl' },
  postgres: { found: () => existsSync(`${POSTGRES_BIN}/postgres`), hint: 'install postgresql-15' },
  promtool: { found: () => runs('promtool', '--version'), hint: 'install promtool, which is part of prometheus' },
  'qemu-img': { found: () => runs('qemu-img', '--version'), hint: 'install qemu-utils' },
  python3: { found: () => runs('python3', '--version'), hint: 'install python3' },
  sqlite3: { found: () => runs('sqlite3', '--version'), hint: 'install sqlite3' },
  zsh: { found: () => runs('zsh', '--version'), hint: 'install zsh' },
  systemd: { found: () => runs('systemd-analyze', '--version'), hint: 'install systemd' },
  sshd: { found: () => runs('which', 'sshd', 'ssh', 'ssh-keygen'), hint: 'install openssh-server' },
  // It may be installed and yet not be allowed to trace.
  strace: { found: () => runs('strace', '-o', '/dev/null', 'true'), hint: 'install strace, where tracing is allowed' },
} as const;

export type Need = keyof typeof PROBES;

/** Options for `test` or `describe`: run, or skip with the reason. */
export function needs(...wanted: readonly Need[]): { skip: boolean; meta: { lacking?: string } } {
  const lacking = wanted.filter((need) => !isThere(need));
  if (lacking.length === 0) return { skip: false, meta: {} };
  const reason = lacking.map((need) => `needs ${need} (${PROBES[need].hint})`).join(', ');
  return { skip: true, meta: { lacking: reason } };
}

const known = new Map<Need, boolean>();

function isThere(need: Need): boolean {
  let there = known.get(need);
  if (there === undefined) {
    there = PROBES[need].found();
    known.set(need, there);
  }
  return there;
}

function mounts(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'leasehold-mount-'));
  const mounted = runs('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place);
  if (mounted) runs('umount', place);
  rmSync(place, { recursive: true, force: true });
  return mounted;
}

/** Whether the linker finds a library. */
function loads(library: string): boolean {
  return spawnSync('ldconfig', ['-p'], { encoding: 'utf8', timeout: 10_000 }).stdout?.includes(library) ?? false;
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** Hosts with libvirt and QEMU, in namespaces, and what their guest is built with. */
function machines(): boolean {
  const programs = ['libvirtd', 'virtlogd', 'virsh', 'qemu-system-x86_64', 'qemu-img', 'cpio', 'mkfs.ext4', 'readelf'];
  const inside = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--mount-proc', 'ip', 'link'];
  return process.getuid?.() === 0 && runs('which', ...programs) && runs('unshare', ...inside);
}

function namespaces(): boolean {
  const name = `leasehold-probe-${process.pid}`;
  return process.getuid?.() === 0 && runs('ip', 'netns', 'add', name) && runs('ip', 'netns', 'delete', name);
}

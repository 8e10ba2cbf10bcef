/** What is sent over the cable of a host while something goes on. Needs python3. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.js';

/** Packets that hold the text, and the bytes of all. What it cannot keep up with it does not see. */
const CAPTURE = `
import select, socket, sys
wanted = sys.argv[1].encode()
cable = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
cable.setsockopt(socket.SOL_SOCKET, 33, 64 * 1024 * 1024)  # SO_RCVBUFFORCE
cable.bind(('eth0', 0))
print('ready', flush=True)
held = sent = 0
while sys.stdin not in (readable := select.select([cable, sys.stdin], [], [])[0]) or cable in readable:
    packet = cable.recv(1 << 17)
    sent += len(packet)
    held += wanted in packet
print(held, sent)
`;

export interface Captured {
  readonly packetsWithIt: number;
  readonly bytes: number;
}

export async function capturing(host: Host, text: string, work: () => Promise<unknown>): Promise<Captured> {
  const args = ['--target', String(host.pid), '--net', 'python3', '-c', CAPTURE, text];
  const child = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    said += more;
  });
  try {
    await once(child.stdout, 'data');
    await work();
  } finally {
    child.stdin.end();
    await ended;
  }
  const [, packetsWithIt, bytes] = /^ready\n(\d+) (\d+)\n$/.exec(said) ?? [];
  return { packetsWithIt: Number(packetsWithIt), bytes: Number(bytes) };
}

/** A port of a host behind which the service is: VMs reach it there as if it were on their network. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Host } from './host.js';

/** Runs in the network of the host: whoever comes to the port is passed on to the socket, which is the machine's. */
const INSIDE = `
const { connect, createServer } = require('node:net');
const [socket, port] = process.argv.slice(1);
createServer((from) => {
  const to = connect(socket);
  for (const [one, other] of [[from, to], [to, from]]) one.on('error', () => other.destroy()).pipe(other);
}).listen(Number(port), '0.0.0.0', () => console.log('ready'));
process.stdin.on('end', () => process.exit()).resume();
`;

export class WayIn {
  private constructor(
    private readonly server: Server,
    private readonly inside: ChildProcess,
  ) {}

  /** `socket`: a file that is made. `url`: where the service is, whenever somebody comes. */
  static async open(host: Host, port: number, socket: string, url: () => string): Promise<WayIn> {
    const server = createServer((from: Socket) => {
      const to = connect(Number(new URL(url()).port), '127.0.0.1');
      from.on('error', () => to.destroy()).pipe(to);
      to.on('error', () => from.destroy()).pipe(from);
    });
    server.listen(socket);
    await once(server, 'listening');
    const args = ['--target', String(host.pid), '--net', process.execPath, '-e', INSIDE, socket, String(port)];
    const inside = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(inside.stdout!, 'data');
    return new WayIn(server, inside);
  }

  async close(): Promise<void> {
    const ended = once(this.inside, 'close');
    this.inside.stdin!.end();
    await ended;
    this.server.close();
  }
}

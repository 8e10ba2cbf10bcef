/** Somebody between a client and a server who can withhold, or cut, what they say. */

import { type Server, type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * `pass`: all is handed on. `deaf`: what the client says is kept back. `mute`: the server hears all, its answers are
 * kept back.
 */
export type Mood = 'pass' | 'deaf' | 'mute';

export class Between {
  mood: Mood = 'pass';
  /** Called when something was kept back. */
  onKept: () => void = () => {};
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** Hands on to the socket in the file `path`. */
  static async start(path: string): Promise<Between> {
    const server = createServer();
    const between = new Between(server);
    server.on('connection', (client) => between.join(client, connect(path)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return between;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, server: Socket): void {
    const handOn = (from: Socket, to: Socket, keptIn: Mood) => {
      this.sockets.add(from);
      from.on('data', (bytes) => {
        if (this.mood === keptIn) this.onKept();
        else to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    };
    handOn(client, server, 'deaf');
    handOn(server, client, 'mute');
  }
}

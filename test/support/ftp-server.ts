/** An FTP server of this machine, as small as one can be: one file, anonymous, passive; with faults that a test asks for. */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface FtpFaults {
  /** EPSV is not known, as with old servers. */
  readonly noEpsv?: boolean;
  /** What PASV says of where the data is: another host. */
  readonly passiveHost?: string;
  /** The first transfer breaks off after so many bytes. */
  readonly breakAfter?: number;
}

export class FtpServer {
  /** What was asked, line by line. */
  readonly asked: string[] = [];
  private readonly sockets = new Set<Socket>();
  private broken = false;

  private constructor(
    private readonly server: Server,
    private readonly name: string,
    private readonly content: Buffer,
    private readonly faults: FtpFaults,
  ) {}

  static async start(name: string, content: Buffer, faults: FtpFaults = {}): Promise<FtpServer> {
    const server = createServer((socket) => void ftp.serve(socket));
    const ftp: FtpServer = new FtpServer(server, name, content, faults);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return ftp;
  }

  get url(): string {
    return `ftp://127.0.0.1:${(this.server.address() as AddressInfo).port}/${this.name}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(control: Socket): Promise<void> {
    this.keep(control);
    const say = (text: string): void => void control.write(`${text}\r\n`);
    let data: Server | null = null;
    let from = 0;
    say('220 hello');
    control.setEncoding('latin1').on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n').filter(Boolean)) {
        this.asked.push(line);
        const [command = '', argument = ''] = line.split(/ (.*)/, 2);
        const known = argument === this.name;
        if (command === 'USER') say('331 and the password?');
        else if (command === 'PASS') say('230 welcome');
        else if (command === 'TYPE') say('200 so be it');
        else if (command === 'SIZE') say(known ? `213 ${this.content.length}` : '550 no such file');
        else if (command === 'MDTM') say(known ? '213 20261120120000' : '550 no such file');
        else if (command === 'REST') {
          from = Number(argument);
          say('350 from there');
        } else if (command === 'EPSV' && this.faults.noEpsv !== true) {
          data = this.passive(
            (port) => say(`229 extended (|||${port}|)`),
            say,
            () => from,
          );
        } else if (command === 'PASV') {
          const host = (this.faults.passiveHost ?? '127.0.0.1').replaceAll('.', ',');
          data = this.passive(
            (port) => say(`227 passive (${host},${port >> 8},${port & 255})`),
            say,
            () => from,
          );
        } else if (command === 'RETR' && known && data !== null) say('150 here it comes');
        else say(command === 'RETR' ? '550 no such file' : '502 what?');
      }
    });
  }

  /** Whoever connects is sent the file at once. */
  private passive(listening: (port: number) => void, say: (text: string) => void, from: () => number): Server {
    const server = createServer((socket) => {
      this.keep(socket);
      server.close();
      const { breakAfter } = this.faults;
      setTimeout(() => {
        const rest = this.content.subarray(from());
        const breaks = breakAfter !== undefined && !this.broken;
        this.broken = true;
        socket.end(breaks ? rest.subarray(0, breakAfter) : rest, () =>
          say(breaks ? '426 it broke' : '226 that was it'),
        );
      }, 20);
    });
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
    return server;
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
  }
}

/**
 * PostgreSQL servers for tests: real ones, in a temporary directory, reached through a socket there, never as root.
 * They sync the disk as one in production does.
 */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

export const POSTGRES_BIN = '/usr/lib/postgresql/15/bin';
export const PASSWORD = 'geheim/pass@word';

const USER = 'leasehold';
const run = promisify(execFile);

/** Whom servers run as: they refuse to run as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A directory for servers, and what ends them all. */
export class PostgresPlace {
  readonly owner = account();
  readonly servers: PostgresServer[] = [];
  readonly path = mkdtempSync(join(tmpdir(), 'leasehold-pg-'));

  constructor() {
    this.give(this.path);
  }

  make(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { mode: 0o700 });
    this.give(path);
    return path;
  }

  give(path: string): void {
    if (this.owner.uid !== undefined) chownSync(path, this.owner.uid, this.owner.gid!);
  }

  async tool(name: string, args: readonly string[]): Promise<void> {
    const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', PGPASSWORD: PASSWORD };
    await run(join(POSTGRES_BIN, name), args, { ...this.owner, env, cwd: this.path });
  }

  async remove(): Promise<void> {
    for (const server of this.servers) await server.stop();
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class PostgresServer {
  /** Part of the name of the socket, also where nobody listens on it. */
  port = 5432;
  private process: ChildProcess | null = null;
  /** Of the socket; the data are in it, apart: the files of the socket are not copied to a standby. */
  private readonly directory: string;
  private readonly data: string;
  private readonly killAtExit = () => this.process?.kill('SIGKILL');

  private constructor(
    private readonly place: PostgresPlace,
    readonly name: string,
  ) {
    this.directory = place.make(name);
    this.data = join(this.directory, 'data');
    place.servers.push(this);
  }

  /** A new, empty server, running. */
  static async create(place: PostgresPlace, name: string): Promise<PostgresServer> {
    const server = new PostgresServer(place, name);
    const passwords = join(place.path, `${name}.password`);
    appendFileSync(passwords, `${PASSWORD}\n`);
    place.give(passwords);
    await place.tool('initdb', ['-D', server.data, '-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwords}`]);
    await server.start();
    return server;
  }

  /** A standby of this server, running. */
  async standby(name: string): Promise<PostgresServer> {
    const server = new PostgresServer(this.place, name);
    await server.join(this);
    return server;
  }

  /** Forgets what it has, and begins again as a standby of `primary`. */
  async join(primary: PostgresServer): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
    await this.place.tool('pg_basebackup', ['-D', this.data, '-d', primary.conninfo(), '-X', 'stream', '-c', 'fast']);
    const signal = join(this.data, 'standby.signal');
    appendFileSync(signal, '');
    this.place.give(signal);
    appendFileSync(join(this.data, 'postgresql.auto.conf'), `primary_conninfo = '${primary.conninfoFor(this)}'\n`);
    await this.start();
  }

  /** Changes a setting while it runs; a standby may be told, too. */
  async alter(setting: string): Promise<void> {
    const before = await this.ask('SELECT pg_conf_load_time()::text');
    await this.ask(`ALTER SYSTEM SET ${setting}`);
    await this.ask('SELECT pg_reload_conf()');
    while (
      (await this.ask('SELECT pg_conf_load_time()::text'))[0]!.pg_conf_load_time === before[0]!.pg_conf_load_time
    ) {
      await sleep(10);
    }
  }

  /** Makes a standby the primary; resolves when it is. */
  async promote(): Promise<void> {
    const [row] = await this.ask('SELECT pg_promote(true, 30)');
    if (row?.pg_promote !== true) throw new Error(`${this.name} was not promoted`);
  }

  /** Resolves when it answers. `settings`: as arguments, they count more than any other. */
  async start(settings: readonly string[] = []): Promise<void> {
    const all = [...SETTINGS, `port=${this.port}`, ...settings].flatMap((setting) => ['-c', setting]);
    const child = spawn(join(POSTGRES_BIN, 'postgres'), ['-D', this.data, '-k', this.directory, ...all], {
      ...this.place.owner,
      cwd: this.place.path,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
    this.process = child;
    process.once('exit', this.killAtExit);
    for (;;) {
      try {
        await this.ask('SELECT 1');
        return;
      } catch {
        if (child.exitCode !== null) throw new Error(`the PostgreSQL server ${this.name} ended: ${said}`);
        await sleep(20);
      }
    }
  }

  /** Also on these addresses, from now on; everybody with the password may come. */
  async listenOn(addresses: readonly string[]): Promise<void> {
    await this.stop();
    appendFileSync(join(this.data, 'pg_hba.conf'), 'host all all 0.0.0.0/0 scram-sha-256\n');
    await this.start([`listen_addresses=${addresses.join(',')}`]);
  }

  url(parameters = ''): string {
    return `postgresql://${this.login}@${this.host}/postgres${parameters}`;
  }

  get login(): string {
    return `${USER}:${encodeURIComponent(PASSWORD)}`;
  }

  get host(): string {
    return encodeURIComponent(this.directory);
  }

  /** The socket's file, for those who want to stand in between. */
  get socket(): string {
    return join(this.directory, `.s.PGSQL.${this.port}`);
  }

  /** One statement over a connection of its own. */
  async ask(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: this.directory,
      port: this.port,
      user: USER,
      password: PASSWORD,
      database: 'postgres',
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Every process of it at once, as when the machine stops. */
  async kill(): Promise<void> {
    const processes = this.processes();
    // To find them takes longer than an append: without this it would always die between two.
    await sleep(3);
    for (const pid of processes) kill(pid, 'SIGKILL');
    await this.ended();
  }

  /** Stands still, or goes on. */
  freeze(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of this.processes()) kill(pid, signal);
  }

  /** At once, and nothing of it stays in memory. */
  async stop(): Promise<void> {
    if (this.process === null) return;
    this.freeze('SIGCONT');
    this.process.kill('SIGQUIT');
    await this.ended();
  }

  private async ended(): Promise<void> {
    const child = this.process!;
    while (child.exitCode === null && child.signalCode === null) await sleep(10);
    this.process = null;
    process.off('exit', this.killAtExit);
  }

  conninfoFor(standby: PostgresServer): string {
    return `${this.conninfo()} application_name=${standby.name}`;
  }

  private conninfo(): string {
    return `host=${this.directory} user=${USER} password=${PASSWORD} dbname=postgres`;
  }

  /** The server's own process and its children, who alone have it as parent. */
  private processes(): number[] {
    const { pid: own, exitCode } = this.process!;
    if (own === undefined || exitCode !== null) return [];
    const children = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === own);
    return [own, ...children.map(Number)];
  }
}

/** Fast to start, and honest about the disk. */
const SETTINGS = [
  'listen_addresses=',
  'shared_buffers=16MB',
  'max_connections=40',
  'fsync=on',
  'max_wal_size=256MB',
  'wal_receiver_status_interval=1s',
  'wal_retrieve_retry_interval=100ms',
  'log_min_messages=fatal',
];

/** A backend may have ended by itself meanwhile. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function parentOf(pid: string): number | null {
  try {
    // After the name, which may hold anything: state, parent.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** The compiled command line as processes of their own: the service over a real socket, and short commands. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Launching {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs it, with its arguments: `strace`. */
  readonly under?: readonly string[];
}

/** A directory for a test, removed by `remove`. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'leasehold-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs `leasehold <args>` to its end. */
export function leasehold(args: readonly string[], options: Launching = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = launch(args, options);
    const output = collect(child);
    child.on('close', (code, signal) => resolve({ code, signal, ...output() }));
  });
}

/** `leasehold serve` on a port of the system's choice. */
export class ServedProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly token: string,
    private readonly output: () => { stdout: string; stderr: string },
    readonly ended: Promise<Ended>,
  ) {}

  /** Resolves when it is ready; rejects with what it printed when it ends before. */
  static async start(directory: string, args: readonly string[] = [], how: Launching = {}): Promise<ServedProcess> {
    const serve = ['serve', '--port', '0', '--data-dir', join(directory, 'data'), ...args];
    const child = launch(serve, { cwd: directory, ...how });
    const output = collect(child);
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, ...output() })),
    );
    const url = await Promise.race([
      new Promise<string>((resolve) => {
        child.stdout!.on('data', () => {
          const found = /^Leasehold is at ((?:https?|unix):\S+)\nThe admin token/m.exec(output().stdout)?.[1];
          if (found !== undefined) resolve(found);
        });
      }),
      ended.then(({ code, signal, stderr }) => {
        throw Object.assign(new Error(`the service ended with ${code ?? signal}: ${stderr}`), { code, signal });
      }),
    ]);
    const named = args.indexOf('--token-file');
    const path = named < 0 ? join(directory, 'data', 'admin.token') : args[named + 1]!;
    const token = readFileSync(path, 'utf8').trim();
    return new ServedProcess(child, url, token, output, ended);
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    signal: AbortSignal | null = null,
  ) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the service answers
    const json = (): any => JSON.parse(text);
    return { status: response.status, headers: response.headers, text, json };
  }

  /** Sends a request over a socket of its own, and hangs up as soon as it is sent. */
  askAndGo(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const { host, hostname, port } = new URL(this.url);
    const text = JSON.stringify(body);
    const all = { host, authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers };
    const lines = Object.entries({ ...all, 'content-length': Buffer.byteLength(text) }).map((one) => one.join(': '));
    const request = [`${method} ${path} HTTP/1.1`, ...lines, '', text].join('\r\n');
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(request, () => setImmediate(() => socket.destroy()));
      });
      socket.on('error', reject).on('close', () => resolve());
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  stderr(): string {
    return this.output().stderr;
  }

  /** Stands still, or goes on. */
  freeze(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async signal(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

function launch(args: readonly string[], { cwd, env = {}, under = [] }: Launching): ChildProcess {
  const { LEASEHOLD_URL: _url, LEASEHOLD_TOKEN: _token, LEASEHOLD_CONTEXT: _context, ...inherited } = process.env;
  const [command, ...rest] = [...under, process.execPath, CLI, ...args];
  return spawn(command!, rest, {
    ...(cwd === undefined ? {} : { cwd }),
    // Contexts of whoever runs the tests are not theirs.
    env: { ...inherited, NO_COLOR: '1', XDG_CONFIG_HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** `leasehold cluster` in a directory, on a socket there. */
export class ClusterProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** For `--cluster`. */
    readonly address: string,
    private readonly orders: string,
    readonly ended: Promise<Ended>,
  ) {}

  static async start(directory: string, args: readonly string[] = []): Promise<ClusterProcess> {
    const address = `unix:${join(directory, 'cluster.sock')}`;
    const orders = join(directory, 'orders.ndjson');
    const own = ['--listen', address, '--journal', join(directory, 'cluster.journal'), '--orders', orders];
    const child = launch(['cluster', ...own, ...args], { cwd: directory });
    const output = collect(child);
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, ...output() })),
    );
    await Promise.race([
      new Promise<void>((resolve) => child.stdout!.on('data', () => output().stdout.includes('\n') && resolve())),
      ended.then(({ code, stderr }) => {
        throw new Error(`the cluster ended with ${code}: ${stderr}`);
      }),
    ]);
    return new ClusterProcess(child, address, orders, ended);
  }

  /** Every order that it was given, in order. */
  given(): { readonly order: string; readonly epoch: number; readonly heard: 'new' | 'known' | 'stale' }[] {
    const text = existsSync(this.orders) ? readFileSync(this.orders, 'utf8') : '';
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return () => ({ ...output });
}

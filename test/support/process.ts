/** The compiled command line as processes of their own: the service over a real socket, and short commands. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory for a test, removed by `remove`. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'leasehold-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs `leasehold <args>` to its end. */
export function leasehold(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = launch(args, options);
    const output = collect(child);
    child.on('close', (code) => resolve({ code, ...output() }));
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
  static async start(directory: string, args: readonly string[] = []): Promise<ServedProcess> {
    const child = launch(['serve', '--port', '0', '--data-dir', join(directory, 'data'), ...args], { cwd: directory });
    const output = collect(child);
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output() })));
    const url = await Promise.race([
      new Promise<string>((resolve) => {
        child.stdout!.on('data', () => {
          const found = /^Leasehold is at (http:\S+)\nThe admin token/m.exec(output().stdout)?.[1];
          if (found !== undefined) resolve(found);
        });
      }),
      ended.then(({ code, stderr }) => {
        throw new Error(`the service ended with ${code}: ${stderr}`);
      }),
    ]);
    const token = readFileSync(join(directory, 'data', 'admin.token'), 'utf8').trim();
    return new ServedProcess(child, url, token, output, ended);
  }

  async ask(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method,
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

  stderr(): string {
    return this.output().stderr;
  }

  async signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

function launch(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): ChildProcess {
  const { LEASEHOLD_URL: _url, LEASEHOLD_TOKEN: _token, ...inherited } = process.env;
  return spawn(process.execPath, [CLI, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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

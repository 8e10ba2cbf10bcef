/** A program on a terminal of its own (script(1)), for what is different there: colours, width, questions, keys. */

import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from 'vitest';

export interface TerminalOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
}

export class Terminal {
  private text = '';

  private constructor(
    private readonly child: ChildProcess,
    /** The exit code, once it has ended. */
    readonly ended: Promise<number | null>,
  ) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
  }

  /** Runs a line of sh. */
  static run(line: string, { cwd, env = {}, columns = 80 }: TerminalOptions = {}): Terminal {
    const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...inherited } = process.env;
    const child = spawn('script', ['-qec', `stty cols ${columns} rows 24; ${line}`, '/dev/null'], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...inherited, TERM: 'xterm', SHELL: '/bin/sh', XDG_CONFIG_HOME: '/nonexistent', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return new Terminal(child, ended);
  }

  type(keys: string): void {
    this.child.stdin!.write(keys);
  }

  /** Everything that was shown so far. */
  shown(): string {
    return this.text;
  }

  /** Waits until that has been shown. */
  async shows(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text, { timeout: 60_000 }).toMatch(text);
  }

  /** Ends it, however it stands. */
  end(): void {
    this.child.kill('SIGKILL');
  }
}

/**
 * The sessions that a guide shows, run as a reader would: every `console` block of the page, in one shell and one
 * directory, beside a service that was begun there before, unless the page begins one itself. A line that begins with `$ ` is typed (with those behind it, after a backslash or within quotes), the others
 * must come out. Ids, times and figures differ from run to run: an id of the page stands for the one that came out in its
 * place, also in later commands. A line `…` stands for any lines, and `…` in a line for any text.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.js');
const PORT_SHOWN = '8080';
/** How long a command may take. */
const PATIENCE_MS = 120_000;

export interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

/** What a page shows, in order. */
export function stepsOf(page: string): Step[] {
  const steps: { command: string; expected: string[] }[] = [];
  for (const [, block] of page.matchAll(/^```console\n(.*?)^```/gms)) {
    let typing = false;
    for (const line of block!.trimEnd().split('\n')) {
      if (typing) steps.at(-1)!.command += `\n${line}`;
      else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: [] });
      else if (steps.length === 0) throw new Error(`a session begins with a command, not with: ${line}`);
      else steps.at(-1)!.expected.push(line);
      const { command, expected } = steps.at(-1)!;
      typing = expected.length === 0 && (line.endsWith('\\') || command.split("'").length % 2 === 0);
    }
  }
  return steps.map(({ command, expected }) => ({ command, expected: expected.filter((line) => line.trim() !== '') }));
}

/** What a reader has done who begins with this page. */
const BEGINNING: Step = {
  command: 'leasehold serve &',
  expected: ['Leasehold is at http://127.0.0.1:8080', 'The admin token is in .leasehold/admin.token'],
};

/** Whether the page is about a service, and leaves it to its reader to have one. */
export function needsService(steps: readonly Step[]): boolean {
  if (steps.some(({ command }) => /leasehold serve/.test(command))) return false;
  return steps.some(({ command }) => /curl|\.leasehold|leasehold (?!simulate|workload|accounting|audit)/.test(command));
}

/** Where a reader sits, if not at this machine. */
export interface Place {
  /** A command that runs others there. */
  readonly enter?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class Reader {
  /** Ids of the page → ids here. */
  private readonly ids = new Map<string, string>();
  private readonly heard = { text: '' };

  private constructor(
    private readonly shell: ChildProcessWithoutNullStreams,
    private readonly directory: string,
    private readonly port: number,
  ) {
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.heard.text += text;
      });
  }

  /** Somebody in a checkout of their own, with nothing in it but what comes with it. */
  static async in(directory: string, { enter = [], env: more = {} }: Place = {}): Promise<Reader> {
    const tools = join(directory, '.tools');
    mkdirSync(tools);
    for (const [name, first] of Object.entries({ npx: 'shift\n', leasehold: '' })) {
      writeFileSync(join(tools, name), `#!/bin/sh\n${first}exec "${process.execPath}" "${CLI}" "$@"\n`);
      chmodSync(join(tools, name), 0o755);
    }
    for (const name of ['simulations', 'docs', 'test', 'deploy', 'package.json'])
      symlinkSync(join(ROOT, name), join(directory, name));
    const { LEASEHOLD_TOKEN: _token, LEASEHOLD_CONTEXT: _context, XDG_CONFIG_HOME: _home, ...inherited } = process.env;
    const port = await freePort();
    const own = { HOME: directory, LEASEHOLD_URL: `http://127.0.0.1:${port}`, NO_COLOR: '1' };
    const env = { ...inherited, ...own, ...more, PATH: `${tools}:${process.env.PATH}` };
    const [program, ...args] = [...enter, 'bash', '--noprofile', '--norc'];
    const shell = spawn(program!, args, { cwd: directory, env, detached: true });
    // What is told comes in the order in which it was, on whichever stream.
    // Whoever goes elsewhere begins in its root.
    shell.stdin.write(`exec 2>&1; cd '${directory}'\n`);
    return new Reader(shell, directory, port);
  }

  /** Begins a service in the directory. */
  async begin(): Promise<string | null> {
    return this.follow(BEGINNING);
  }

  /** Types the command. Answers what came out otherwise than the page says; null: nothing. */
  async follow({ command, expected }: Step): Promise<string | null> {
    const { code, lines } = await this.type(this.translated(command), expected.length);
    const shown = lines.join('\n');
    if (code !== 0) return `$ ${command}\nended with ${code}:\n${shown}`;
    if (expected.length > 0 && !this.match(expected, lines))
      return `$ ${command}\nshould say:\n${expected.join('\n')}\nand says:\n${shown}`;
    return null;
  }

  /** Ends the shell and what it has started. */
  leave(): void {
    try {
      process.kill(-this.shell.pid!, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  private async type(command: string, lines: number): Promise<{ code: number; lines: string[] }> {
    this.heard.text = '';
    const background = / &$/.test(command);
    const typed = background
      ? `: >.background\n${command.slice(0, -2)} >>.background 2>&1 &\nfor i in $(seq 600); do [ "$(wc -l <.background)" -ge ${lines} ] && break; sleep 0.1; done; cat .background`
      : command;
    this.shell.stdin.write(`${typed}\nprintf '\\n@ended %s\\n' $?\n`);
    const end = /^@ended (\d+)$/m;
    for (const begin = performance.now(); !end.test(this.heard.text); ) {
      if (performance.now() - begin > PATIENCE_MS) throw new Error(`${command} does not end: ${this.heard.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const [said] = this.heard.text.split(/^@ended /m);
    return {
      code: Number(end.exec(this.heard.text)![1]),
      lines: said!.split('\n').filter((line) => line.trim() !== ''),
    };
  }

  /** The command with ids, port and directory of this reader. */
  private translated(command: string): string {
    return command
      .replaceAll(`127.0.0.1:${PORT_SHOWN}`, `127.0.0.1:${this.port}`)
      .replace(/^((?:npx )?leasehold serve)/, `$1 --port ${this.port}`)
      .replace(ID, (id) => this.ids.get(id) ?? id);
  }

  private match(expected: readonly string[], lines: readonly string[]): boolean {
    const [line, ...others] = expected;
    if (line === undefined) return lines.length === 0;
    if (line.trim() === '…') return lines.some((_, k) => this.match(others, lines.slice(k))) || others.length === 0;
    const [said, ...rest] = lines;
    return said !== undefined && this.matchLine(line, said) && this.match(others, rest);
  }

  private matchLine(line: string, said: string): boolean {
    const plain = said.replaceAll(`127.0.0.1:${this.port}`, `127.0.0.1:${PORT_SHOWN}`).replaceAll(this.directory, '.');
    const pattern = shapeOf(line).split('…').map(escaped).join('.*');
    if (!new RegExp(`^${pattern}$`).test(shapeOf(plain))) return false;
    const [shown, here] = [line.match(ID) ?? [], plain.match(ID) ?? []];
    for (const [k, id] of shown.entries()) if (here[k] !== undefined) this.ids.set(id, here[k]);
    return true;
  }
}

const ID = /\b(?:L[a-z2-7]{20}|[QW][0-9a-f]{24})\b/g;

/** What remains the same from run to run. */
function shapeOf(line: string): string {
  return line
    .replace(ID, 'ID')
    .replace(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?/g, 'TIME')
    .replace(/\b(\d+(\.\d+)?[dhms])+\b/g, 'SPAN')
    .replace(/\b(now|in SPAN|SPAN ago)\b/g, 'WHEN')
    .replace(/\d+(\.\d+)?/g, '0')
    .replace(/\s+/g, ' ')
    .trim();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

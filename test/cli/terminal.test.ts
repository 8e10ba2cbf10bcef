/** What is different on a terminal, and when a command is broken off: colours, width, questions, watching, Ctrl-C, `| head`. */

import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';
import { leasehold } from '../support/process.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const { run, submitted, service, directory } = commandLine('4x cpu=8,memory=32GiB');
const CLI = `'${process.execPath}' '${join(process.cwd(), 'dist/cli/main.js')}'`;
const terminals: Terminal[] = [];
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.end();
});

function onTerminal(args: string, options: TerminalOptions = {}): Terminal {
  const env = { LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: service().token, ...options.env };
  const terminal = Terminal.run(`${CLI} ${args}`, { cwd: directory(), ...options, env });
  terminals.push(terminal);
  return terminal;
}

async function shownBy(args: string, options: TerminalOptions = {}): Promise<string> {
  const terminal = onTerminal(args, options);
  expect(await terminal.ended).toBe(0);
  return terminal.shown().replaceAll('\r', '');
}

describe('a terminal', built, () => {
  it('has colours, unless it is told otherwise', async () => {
    expect(await shownBy('node ls')).toContain('\u001b[32mup\u001b[39m');
    expect(await shownBy('node ls', { env: { NO_COLOR: '1' } })).not.toContain('\u001b');
    expect(await shownBy('node ls --color never')).not.toContain('\u001b');
    expect(await shownBy('node ls', { env: { TERM: 'dumb' } })).not.toContain('\u001b');
    expect((await run('node', 'ls', '--color', 'always')).stdout).toContain('\u001b[32mup');
    const env = { LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: service().token, NO_COLOR: '', FORCE_COLOR: '1' };
    expect((await leasehold(['node', 'ls'], { env })).stdout).toContain('\u001b[32mup');
    expect((await leasehold(['node', 'ls'], { env: { ...env, FORCE_COLOR: '0' } })).stdout).not.toContain('\u001b');
  });

  it('is as wide as it is: ids stay whole, the rest is shortened; a pipe has it all', async () => {
    const name = 'a-name-that-is-much-longer-than-there-is-room-for-here';
    const id = await submitted('--name', name);
    const lines = (await shownBy('ls --color never', { columns: 90 })).trimEnd().split('\n');
    for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(90);
    expect(lines.join('\n')).toContain(id);
    expect(lines.join('\n')).toMatch(/a-name-[a-z-]*…/);
    expect((await run('ls')).stdout).toContain(name);
  });

  it('that is narrow has fewer columns: ids, states and times come first', async () => {
    const id = await submitted('--name', 'narrow-one', '--at', '+3h');
    const titles: string[] = [];
    for (const columns of [80, 72]) {
      const lines = (await shownBy('ls --color never --name narrow-one', { columns })).trimEnd().split('\n');
      for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(columns);
      expect(lines[1]).toMatch(new RegExp(`^${id} +narrow.* +reserved +`));
      titles.push(lines[0]!.replace(/ +/g, ' '));
    }
    expect(titles).toEqual(['ID NAME STATE KIND VMS START UNTIL NODES', 'ID NAME STATE VMS START UNTIL NODES']);
    // What was asked for is shown, however wide.
    expect(await shownBy('ls --color never --columns id,kind,submitted,start,until,nodes', { columns: 40 })).toContain(
      'KIND',
    );
  });

  it('asks before what cannot be undone', async () => {
    const id = await submitted('--at', '+3h');
    const no = onTerminal(`cancel ${id}`);
    await no.shows(`Cancel lease ${id}?`);
    no.type('n\n');
    expect(await no.ended).toBe(1);
    expect(no.shown()).toContain('nothing was changed');
    expect((await run('show', id)).stdout).toMatch(/^state +reserved$/m);
    const broken = onTerminal(`cancel ${id}`);
    await broken.shows('[y/N]');
    broken.type('\u0003');
    expect(await broken.ended).toBe(130);
    const yes = onTerminal(`cancel ${id}`);
    await yes.shows('[y/N]');
    yes.type('y\n');
    expect(await yes.ended).toBe(0);
    expect((await run('show', id)).stdout).toMatch(/^state +cancelled$/m);
    expect(await shownBy(`cancel ${await submitted('--at', '+3h')} --yes`)).toMatch(/state +cancelled/);
  });

  it('is told what has become of a list while it is watched, and lets go at Ctrl-C', async () => {
    const watching = onTerminal('node ls -w --color never');
    await watching.shows(/4 +n4 +up/);
    expect((await run('node', 'drain', '4')).code).toBe(0);
    await watching.shows(/\u001b\[H[\s\S]*4 +n4 +draining/);
    watching.type('\u0003');
    expect(await watching.ended).toBe(130);
    await run('node', 'restore', '4');
  });
});

describe('a watch in a pipe', built, () => {
  it('tells what has changed, and nothing twice', async () => {
    const id = await submitted('--at', '+5h');
    const child = begin('ls', '-w', '-o', 'ndjson', '--state', 'reserved,cancelled,stopping');
    await child.says(id);
    await run('cancel', id);
    await child.says(/"state":"cancelled"/);
    child.kill('SIGINT');
    expect(await child.ended).toBe(130);
    const lines = child.text().trim().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe('waiting', built, () => {
  it('ends when the lease is there, when it cannot be there any more, and when time is up', async () => {
    const id = await submitted('--at', '+4h');
    const waiting = begin('wait', id, '--for', 'over', '-o', 'name');
    const inVain = begin('wait', id, '--for', 'state=done');
    expect((await run('wait', id, '--for', 'state=active', '--timeout', '1s')).code).toBe(124);
    await run('cancel', id);
    expect(await waiting.ended).toBe(0);
    expect(waiting.text()).toBe(`${id}\n`);
    expect(await inVain.ended).toBe(1);
    expect(inVain.text()).toContain(`lease ${id} is cancelled, and stays so`);
  });

  it('that is broken off says that the lease goes on', async () => {
    const id = await submitted('--at', '+6h');
    const waiting = begin('wait', id);
    await connected();
    waiting.kill('SIGINT');
    expect(await waiting.ended).toBe(130);
    expect(waiting.text()).toMatch(new RegExp(`lease ${id} is (reserved|not known yet); it goes on without you`));
  });
});

describe('a request that is broken off', built, () => {
  it('tells the key under which it can be asked again, once', async () => {
    // A service that takes requests and never answers.
    const sockets: Socket[] = [];
    const asked: string[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (data) => asked.push(String(data)));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const url = `http://127.0.0.1:${port}`;
      const child = begin('submit', '--cpu', '1', '--duration', '1h', '--url', url);
      await expect.poll(() => asked.join(''), { timeout: 60_000 }).toContain('idempotency-key');
      child.kill('SIGINT');
      expect(await child.ended).toBe(130);
      const key = /--idempotency-key (\S+):/.exec(child.text())![1]!;
      expect(asked.join('')).toContain(`idempotency-key: ${key}`);
      const again = ['submit', '--cpu', '1', '--duration', '1h', '--idempotency-key', key, '-o', 'name'];
      const [first, second] = [await run(...again), await run(...again)];
      expect(first.code).toBe(0);
      expect(second.stdout).toBe(first.stdout);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});

describe('a reader that goes away', built, () => {
  it('is no failure, and nothing is said about it', async () => {
    for (const args of ['events', 'node ls -o ndjson', '--help']) {
      const line = `set -o pipefail; ${CLI} ${args} | head -c 1 >/dev/null`;
      const env = { ...process.env, LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: service().token };
      const child = spawn('bash', ['-c', line], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (data) => {
        said += data;
      });
      expect(await new Promise((resolve) => child.on('close', resolve)), args).toBe(0);
      expect(said).toBe('');
    }
    const following = begin('events', '-f', '--after', '0');
    await following.says('"number":1');
    following.stopReading();
    await submitted();
    expect(await following.ended).toBe(0);
  });
});

/** A command that goes on until it is stopped. */
function begin(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', XDG_CONFIG_HOME: '/nonexistent' };
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/cli/main.js'), ...args], {
    env: { ...env, LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: service().token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  return {
    ended: new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code))),
    text: () => text,
    says: (part: string | RegExp) => expect.poll(() => text, { timeout: 60_000 }).toMatch(part),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    stopReading: () => child.stdout.destroy(),
  };
}

/** Long enough for a command that was begun to listen for signals: another one has begun and ended meanwhile. */
async function connected(): Promise<void> {
  for (let i = 0; i < 3; i++) await run('ls', '--limit', '1');
}

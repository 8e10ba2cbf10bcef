/** A process that holds namespaces open, and all that runs in them: they end with it, and it ends with this process. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** More than any answer of a tool. */
const OUTPUT_MAX = 16 * 1024 * 1024;

export class Holder {
  private constructor(
    private readonly child: ChildProcess,
    /** Arguments of nsenter. */
    private readonly namespaces: readonly string[],
    private readonly ended: Promise<void>,
  ) {}

  /**
   * `namespaces`: long options of unshare. `program`: says `ready`, then lives until its input ends. With a namespace
   * of processes the kernel ends them all at once with the first; the input ends also when this process is killed.
   */
  static async start(namespaces: readonly string[], program: readonly string[]): Promise<Holder> {
    const own = namespaces.includes('pid');
    const how = [...namespaces.map((one) => `--${one}`), ...(own ? ['--fork', '--mount-proc'] : [])];
    const child = spawn('unshare', [...how, ...program], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    await Promise.race([
      new Promise<void>((resolve) => child.stdout.once('data', () => resolve())),
      ended.then(() => Promise.reject(new Error(`${program.join(' ')} ended: ${said}`))),
    ]);
    const pid = String(child.pid);
    const enter = namespaces.map((one) => (one === 'pid' ? `--pid=/proc/${pid}/ns/pid_for_children` : `--${one}`));
    return new Holder(child, ['--target', pid, ...enter], ended);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** A command that runs others inside. */
  get enter(): readonly string[] {
    return ['nsenter', ...this.namespaces];
  }

  /** Runs a command inside, and resolves with what it printed. */
  async run(...command: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', [...this.namespaces, ...command], { maxBuffer: OUTPUT_MAX });
    return stdout;
  }

  async end(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
  }
}

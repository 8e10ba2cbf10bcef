/** What goes on inside a guest of the tests, asked of its agent. */

import { expect, vi } from 'vitest';
import type { Hypervisor } from '../../../adapters/libvirt/hypervisor.js';

/** Longer than any answer takes on a machine that is busy. */
const ANSWER_S = 20;

export class Inside {
  constructor(
    private readonly hypervisor: Hypervisor,
    readonly uuid: string,
  ) {}

  /** Resolves when its agent answers. */
  async ready(): Promise<void> {
    await vi.waitFor(() => this.hypervisor.agent(this.uuid, { execute: 'guest-ping' }, 2), { timeout: 60_000 });
  }

  async hostname(): Promise<string> {
    return ((await this.ask('guest-get-host-name')) as { 'host-name': string })['host-name'];
  }

  /** How far it has counted, and the seconds since it was booted. */
  async counter(): Promise<{ readonly count: number; readonly uptime: number }> {
    const [count, uptime] = (await this.read('/run/counter')).split(' ').map(Number);
    return { count: count!, uptime: uptime! };
  }

  /** Another one: it was booted anew. */
  boot(): Promise<string> {
    return this.read('/proc/sys/kernel/random/boot_id');
  }

  async read(path: string): Promise<string> {
    const handle = await this.ask('guest-file-open', { path, mode: 'r' });
    const answer = (await this.ask('guest-file-read', { handle, count: 65_536 })) as { 'buf-b64': string };
    await this.ask('guest-file-close', { handle });
    return Buffer.from(answer['buf-b64'], 'base64').toString('utf8').trim();
  }

  /** On its disk, for good, also where its power fails right afterwards. */
  async write(path: string, text: string): Promise<void> {
    const handle = await this.ask('guest-file-open', { path, mode: 'w' });
    await this.ask('guest-file-write', { handle, 'buf-b64': Buffer.from(text).toString('base64') });
    await this.ask('guest-file-close', { handle });
    // Until then its kernel alone has it.
    const { pid } = (await this.ask('guest-exec', { path: '/bin/sh', arg: ['-c', 'sync'] })) as { pid: number };
    const hasEnded = async () => ((await this.ask('guest-exec-status', { pid })) as { exited: boolean }).exited;
    await vi.waitFor(async () => expect(await hasEnded()).toBe(true), { timeout: 60_000 });
  }

  private ask(execute: string, args: object = {}): Promise<unknown> {
    return this.hypervisor.agent(this.uuid, { execute, arguments: args }, ANSWER_S);
  }
}

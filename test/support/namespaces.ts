/** Network namespaces, each with a cable to this machine that can be pulled. */

import { execFileSync } from 'node:child_process';

export class Namespace {
  readonly name: string;
  /** The near end of the cable, and the far one. */
  readonly here: string;
  readonly there: string;
  private readonly cable: string;

  /** `number`: 1 to 254, unique among the namespaces of this process. */
  constructor(number: number) {
    const id = `${process.pid % 100_000}-${number}`;
    this.name = `leasehold-${id}`;
    this.cable = `lh${id}`;
    const subnet = `10.${200 + (process.pid % 50)}.${number}`;
    this.here = `${subnet}.1`;
    this.there = `${subnet}.2`;
    ip('netns', 'add', this.name);
    ip('link', 'add', this.cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
    ip('address', 'add', `${this.here}/30`, 'dev', this.cable);
    this.plug(true);
    ip('-n', this.name, 'address', 'add', `${this.there}/30`, 'dev', 'eth0');
    ip('-n', this.name, 'link', 'set', 'eth0', 'up');
    ip('-n', this.name, 'link', 'set', 'lo', 'up');
  }

  /** Runs a command inside. */
  get run(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  plug(plugged: boolean): void {
    ip('link', 'set', this.cable, plugged ? 'up' : 'down');
  }

  /** Whatever has no process in it any more is gone at once. */
  remove(): void {
    ip('link', 'delete', this.cable);
    ip('netns', 'delete', this.name);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

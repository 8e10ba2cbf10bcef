/** One life of a log: its service dies at every failpoint once, in turn, and each time the next one goes on from there. */

import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FAILPOINTS, type Failpoint } from '../../../adapters/failpoint.js';
import { Random } from '../../../engine/index.js';
import { type Ended, leasehold, ServedProcess, temporaryDirectory } from '../process.js';
import { inspect } from './inspection.js';
import { Books, startWriters } from './writers.js';

/** Those that a new log passes, in this order: after each death the next start comes further. */
export const AT_THE_BEGINNING: readonly Failpoint[] = [
  'directory-made',
  'token-written',
  'token-named',
  'file-created',
  'lock-taken',
  'schema-begin',
  'schema-made',
  'anchor-part',
  'anchor-named',
];
/** Those that every start passes. */
export const AT_A_START: readonly Failpoint[] = [
  'store-opened',
  'journal-copied',
  'journal-copy-synced',
  'journal-named',
  'epoch-claim',
  'epoch-claimed',
];
/** Those that are passed while clients write, and how often at least before the service is asked to die. */
export const UNDER_LOAD: readonly Failpoint[] = [
  'append-begin',
  'append-inserted',
  'append-committed',
  'anchor-written',
  'anchor-synced',
  'turn-told',
  'answer-begin',
  'answer-sent',
  'enact-begin',
  'enact-done',
  'journal-begin',
  'journal-written',
  'journal-synced',
  'stream-flush',
  'checkpoint-begin',
  'checkpoint-done',
];
export const AT_THE_END: readonly Failpoint[] = [
  'stop-begin',
  'snapshot-begin',
  'snapshot-inserted',
  'snapshot-saved',
  'cluster-closed',
  'store-closing',
  'store-closed',
];
/** Those that a log of an earlier version passes, when this one takes it over. */
export const IN_UPGRADES: readonly Failpoint[] = ['format-raising', 'format-raised'];
/** Those of commands. */
export const IN_COPIES: readonly Failpoint[] = ['copy-written', 'copy-anchored', 'copy-named'];
export const IN_EXPORTS: readonly Failpoint[] = ['export-written', 'export-named'];
export const IN_SEALING: readonly Failpoint[] = ['seal-written', 'seal-removed'];

/** Those of real machines, which a test of its own dies at. */
export const ON_MACHINES: readonly Failpoint[] = [
  'vm-prepared',
  'vm-defined',
  'vm-started',
  'vm-booting',
  'vm-saved',
  'vm-suspended',
  'vm-restored',
  'vm-resumed',
  'vm-acting',
  'vm-acted',
  'vm-stopped',
];

/** Those of VMs that go from host to host. */
export const IN_MIGRATIONS: readonly Failpoint[] = ['vm-moving', 'vm-moved', 'vm-carried', 'vm-left'];
/** Those of disks that go to another directory of their host. */
export const IN_DISK_MOVES: readonly Failpoint[] = ['disk-copying', 'disk-copied'];

/** Those of disks that become the image that they began with. */
export const IN_KEEPING: readonly Failpoint[] = ['image-keeping', 'image-saved', 'image-kept'];

/** A data directory as the version before the first change of format left it. */
const LEFT = 'test/golden/data-directories/format-2';

/** How often a failpoint may be passed before the service dies there. */
const PASSES_MAX = 12;
/** A failpoint that nobody has come to by then is out of reach: the service is asked to end. */
const PATIENCE_MS = 120_000;
/** These are passed once in a while. */
const RARE: readonly Failpoint[] = ['checkpoint-begin', 'checkpoint-done'];

export class Life {
  /** Failpoints at which a process died. */
  readonly reached: Failpoint[] = [];
  private readonly directory = temporaryDirectory();
  private readonly books = new Books();
  private readonly random: Random;

  constructor(private readonly seed: number) {
    this.random = new Random(seed);
  }

  /** From the first file to the last copy. Throws what is wrong. */
  async live(): Promise<void> {
    try {
      for (const point of [...AT_THE_BEGINNING, ...AT_A_START]) await this.dieWhileStarting(point);
      for (const point of shuffled(UNDER_LOAD, this.random)) await this.dieUnderLoad(point);
      for (const point of shuffled(AT_A_START, this.random)) await this.dieWhileStarting(point);
      for (const point of shuffled(AT_THE_END, this.random)) await this.dieWhileStopping(point);
      for (const point of IN_COPIES) await this.dieWhileCopying(point);
      for (const point of IN_EXPORTS) await this.dieWhileExporting(point);
      for (const [index, point] of IN_SEALING.entries()) await this.dieWhileSealing(point, 20 * (index + 1));
      for (const point of IN_UPGRADES) await this.dieWhileUpgrading(point);
      await this.goOn();
    } finally {
      rmSync(this.directory.path, { recursive: true, force: true });
    }
  }

  private async dieWhileStarting(point: Failpoint): Promise<void> {
    const ended = await this.start(`${point}=kill`).then(
      async (service) => service.signal('SIGTERM'),
      (error: Ended) => error,
    );
    this.died(point, ended);
    if (existsSync(join(this.directory.path, 'data/leasehold.db.anchor'))) await this.inspect(point);
  }

  private async dieUnderLoad(point: Failpoint): Promise<void> {
    const passes = RARE.includes(point) ? 1 : 1 + this.random.below(PASSES_MAX);
    this.died(
      point,
      await this.start(`${point}@${passes}=kill`).then(
        async (service) => {
          if (point === 'stream-flush') await follow(service);
          const large = RARE.includes(point);
          const patience = setTimeout(() => void service.signal('SIGTERM'), PATIENCE_MS);
          await startWriters(service, this.books, this.random, { large });
          clearTimeout(patience);
          return service.ended;
        },
        // What the last one left to be done may lead there at once.
        (error: Ended) => error,
      ),
    );
    await this.inspect(point);
  }

  private async dieWhileStopping(point: Failpoint): Promise<void> {
    const service = await this.start(`${point}=kill`);
    let over = false;
    const writers = startWriters(service, this.books, this.random, { isOver: () => over });
    this.died(point, await service.signal('SIGTERM'));
    over = true;
    await writers;
    await this.inspect(point);
  }

  private async dieWhileCopying(point: Failpoint): Promise<void> {
    const copy = join(this.directory.path, `${point}.db`);
    const log = join(this.directory.path, 'data/leasehold.db');
    const env = { LEASEHOLD_FAILPOINT: `${point}=kill` };
    const path = this.directory.path;
    this.died(point, await leasehold(['log', 'backup', log, copy], { env }));
    // Half a copy is in nobody's way, and is not taken for one.
    const other = `${copy}.again`;
    good(await leasehold(['log', 'backup', log, other]));
    const back = join(path, point, 'leasehold.db');
    this.died(point, await leasehold(['log', 'restore', other, back], { env }));
    if (!existsSync(back)) good(await leasehold(['log', 'restore', other, back]));
    await this.inspect(point);
  }

  private async dieWhileExporting(point: Failpoint): Promise<void> {
    const log = join(this.directory.path, 'data/leasehold.db');
    const file = join(this.directory.path, `${point}.ndjson.gz`);
    this.died(point, await leasehold(['log', 'export', log, file], { env: { LEASEHOLD_FAILPOINT: `${point}=kill` } }));
    if (!existsSync(file)) good(await leasehold(['log', 'export', log, file]));
    good(await leasehold(['audit', file]));
  }

  private async dieWhileSealing(point: Failpoint, last: number): Promise<void> {
    const seal = ['log', 'seal', join(this.directory.path, 'data/leasehold.db'), '--before', String(last)];
    this.died(point, await leasehold(seal, { env: { LEASEHOLD_FAILPOINT: `${point}=kill` } }));
    good(await leasehold(seal));
    await this.inspect(point);
  }

  /** Beside this life: a log that an earlier version has left. */
  private async dieWhileUpgrading(point: Failpoint): Promise<void> {
    const place = join(this.directory.path, point);
    const data = join(place, 'data');
    cpSync(LEFT, data, { recursive: true });
    const died = await ServedProcess.start(place, [], { env: { LEASEHOLD_FAILPOINT: `${point}=kill` } }).then(
      async (service) => service.signal('SIGTERM'),
      (error: Ended) => error,
    );
    this.died(point, died);
    good(await leasehold(['audit', join(data, 'leasehold.db')]));
    await (await ServedProcess.start(place, [])).signal('SIGTERM');
    good(await leasehold(['audit', join(data, 'leasehold.db')]));
  }

  /** After all that: a service as any other. */
  private async goOn(): Promise<void> {
    const service = await this.start('');
    await service.signal('SIGTERM');
    const wrong = await inspect(this.directory.path, this.books, true);
    if (wrong.length > 0) throw new Error(`seed ${this.seed}, at last: ${wrong.slice(0, 10).join('; ')}`);
  }

  private start(failpoints: string): Promise<ServedProcess> {
    return ServedProcess.start(this.directory.path, [], { env: { LEASEHOLD_FAILPOINT: failpoints } });
  }

  private died(point: Failpoint, { signal, code, stderr }: Ended): void {
    if (signal !== 'SIGKILL')
      throw new Error(
        `seed ${this.seed}: nobody came to ${point} (${FAILPOINTS[point]}); ended with ${code}: ${stderr}`,
      );
    this.reached.push(point);
  }

  private async inspect(point: Failpoint): Promise<void> {
    const wrong = await inspect(this.directory.path, this.books);
    if (wrong.length > 0) throw new Error(`seed ${this.seed}, ${point}: ${wrong.slice(0, 10).join('; ')}`);
  }
}

function good({ code, signal, stderr }: Ended): void {
  if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${stderr}`);
}

/** Somebody who follows the log. */
async function follow(service: ServedProcess): Promise<void> {
  const headers = { authorization: `Bearer ${service.token}`, accept: 'text/event-stream' };
  const stream = await fetch(`${service.url}/v1/events`, { headers });
  void stream.text().catch(() => {});
}

/** In an order that the seed gives (Fisher and Yates). */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  for (let k = left.length - 1; k > 0; k--) {
    const other = random.below(k + 1);
    [left[k], left[other]] = [left[other]!, left[k]!];
  }
  return left;
}

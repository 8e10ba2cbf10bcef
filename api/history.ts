/** Old turns, read from the store beside its writer. */

import type { EventStore, Turn } from '../engine/index.js';
import { openStore, type StorePlace } from './store.js';

/** The store is opened when it is first needed. */
export class History {
  private store: Promise<EventStore> | null = null;

  constructor(private readonly place: StorePlace) {}

  async *read(after: number): AsyncGenerator<Turn> {
    this.store ??= openStore(this.place, true);
    yield* (await this.store).read(after);
  }

  async close(): Promise<void> {
    await (await this.store)?.close();
  }
}

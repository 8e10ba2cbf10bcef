/** The storage of a host, as a directory of this machine. */

import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostStorage } from '../../adapters/images/node-cache.js';

/** A pool of files, which does what libvirt does with one. */
export class DirectoryHost implements HostStorage {
  readonly uri = 'directory:///';
  uploads = 0;
  /** What becomes of the file on its way. */
  onUpload: (path: string) => void | Promise<void> = () => {};

  onDownload: () => void | Promise<void> = () => {};
  onDelete: (name: string) => void = () => {};

  constructor(private readonly directory: string) {}

  /** There are no VMs. */
  async domain() {
    return null;
  }

  async volumes() {
    return readdirSync(this.directory)
      .sort()
      .map((name) => ({
        name,
        path: join(this.directory, name),
        allocation: statSync(join(this.directory, name)).size,
      }));
  }

  async createVolume(_pool: string, xml: string) {
    const [, name] = /<name>([^<]+)<\/name>/.exec(xml)!;
    writeFileSync(join(this.directory, name!), '', { flag: 'wx' });
  }

  async deleteVolume(_pool: string, name: string) {
    this.onDelete(name);
    rmSync(join(this.directory, name), { force: true });
  }

  async upload(_pool: string, name: string, file: string) {
    this.uploads++;
    copyFileSync(file, join(this.directory, name));
    await this.onUpload(join(this.directory, name));
  }

  async download(_pool: string, name: string, file: string) {
    copyFileSync(join(this.directory, name), file);
    await this.onDownload();
  }

  async close() {}

  async digest(_pool: string, name: string) {
    const bytes = readFileSync(join(this.directory, name));
    return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  }
}

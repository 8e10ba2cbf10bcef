/** Services as processes of their own, for tests each of which has a directory of its own: what is started ends with it. */

import { afterEach, beforeEach } from 'vitest';
import { type Launching, ServedProcess, temporaryDirectory } from './process.js';

/** For the tests of the file, or of the group, that calls this. */
export function services() {
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: ServedProcess[] = [];
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await Promise.all(running.map((service) => service.signal('SIGKILL')));
    running = [];
    directory.remove();
  });

  const startIn = async (path: string, args: readonly string[] = [], how: Launching = {}): Promise<ServedProcess> => {
    const service = await ServedProcess.start(path, args, how);
    running.push(service);
    return service;
  };
  return {
    /** The path of the test's directory. */
    directory: () => directory.path,
    /** A service there. */
    start: (...args: string[]) => startIn(directory.path, args),
    /** A service in another directory, or started in another way. */
    startIn,
  };
}

/** Volumes in a pool, as libvirt is told of them. */

import { element, writeXml } from './xml.js';

/** Its owner is the host's libvirt alone. */
export function plainVolumeXml(name: string, bytes: number): string {
  const target = [element('format', { type: 'raw' }), element('permissions', {}, [element('mode', {}, '0600')])];
  return writeXml(
    element('volume', {}, [
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(bytes)),
      element('target', {}, target),
    ]),
  );
}

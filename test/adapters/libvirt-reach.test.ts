/** How hosts are told of each other. */

import { expect, test } from 'vitest';
import { faultOfReach, reachOf, shareFiles } from '../../adapters/libvirt/reach.js';

test.each([
  ['qemu+ssh://leasehold@n1/system?keyfile=/home/us/key', {}, 'qemu+ssh://leasehold@n1/system'],
  ['qemu+tls://n1:16514/system', {}, 'qemu+tls://n1:16514/system'],
  ['qemu:///system', {}, null],
  ['qemu+unix:///system?socket=/run/other', {}, null],
  ['qemu:///system', { 'migration-uri': 'qemu+tcp://{name}.hosts/system' }, 'qemu+tcp://n1.hosts/system'],
])('a node reached by %s with labels %o is reached by other hosts by %s', (uri, labels, expected) => {
  const reach = reachOf({ uri, ...labels } as Record<string, string>, 'n1');
  expect(reach.uri).toBe(expected);
  if (expected === null) expect(faultOfReach(reach)).toContain('migration-uri');
  else expect(faultOfReach(reach)).toBeNull();
});

test.each(['qemu:///system', 'qemu+ssh://n2/system?command=/bin/sh', 'qemu+ssh://n2;reboot/system', 'http://n2/', ''])(
  'hosts are not told to send VMs to %s',
  (uri) => {
    expect(faultOfReach(reachOf({ uri: 'qemu+tls://n1/system', 'migration-uri': uri }, 'n1'))).toContain(
      'migration-uri',
    );
  },
);

test('hosts share their files where they say so', () => {
  const [one, other, own] = [{ storage: 'a' }, { storage: 'a' }, {}].map((labels) =>
    reachOf(labels as Record<string, string>, 'n'),
  );
  expect(shareFiles(one!, other!)).toBe(true);
  expect(shareFiles(one!, own!)).toBe(false);
  expect(shareFiles(own!, own!)).toBe(false);
});

/** What is said where a host cannot be had: the words of libvirt and ssh, and what helps. */

import { expect, test } from 'vitest';
import { advised } from '../../adapters/libvirt/advice.js';

test.each([
  [
    "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
    'systemctl start libvirtd',
  ],
  ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", 'group libvirt'],
  ['Cannot recv data: leasehold@node1: Permission denied (publickey).: Connection reset by peer', 'ssh-copy-id'],
  ['Cannot recv data: Host key verification failed.: Connection reset by peer', 'known_hosts'],
  ["unable to connect to server at 'node1:16514': Connection refused", 'listen for TLS'],
  ['ssh: connect to host node1 port 22: Connection refused: Connection reset by peer', 'sshd'],
])('%s', (message, advice) => {
  expect(advised(message)).toContain(`${message}; `);
  expect(advised(message)).toContain(advice);
});

test('what is not known is told as it is', () => {
  expect(advised('it is the same host as node 2')).toBe('it is the same host as node 2');
});

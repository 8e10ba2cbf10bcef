/** URIs of libvirt: what may be used, and what somebody hostile would write. */

import { describe, expect, test } from 'vitest';
import { checkedUri, connectionUri } from '../../adapters/libvirt/binding/uri.js';

const TAKEN = [
  'qemu:///system',
  'qemu:///system?socket=/run/libvirt/libvirt-sock',
  'qemu+unix:///system?socket=/tmp/host-1/run/libvirt/libvirt-sock',
  'qemu+ssh://node1/system',
  'qemu+ssh://root@node1.example.org/system',
  'qemu+ssh://leasehold@10.0.0.7:2222/system?keyfile=/etc/leasehold/id_ed25519',
  'qemu+ssh://node1/system?socket=/run/libvirt/virtqemud-sock&keyfile=/etc/key',
  'qemu+tls://node1.example.org:16514/system?pkipath=/etc/pki/leasehold',
  'qemu+tcp://10.77.0.1/system',
  'qemu+tcp://[2001:db8::1]:16509/system',
  'xen:///system',
  'test:///default',
];

const HOSTILE = [
  // Other drivers, and other things altogether.
  '',
  ' ',
  'system',
  '/etc/passwd',
  'qemu',
  'qemu:system',
  'qemu:/system',
  'qemu://',
  'QEMU:///system',
  ' qemu:///system',
  'qemu:///system ',
  'qemu:///system\n',
  'qemu:///system\0',
  'qemu:///session',
  'qemu:///embed?root=/tmp/x',
  'qemu:///system/../session',
  'qemu:////system',
  'qemu+libssh://h/system',
  'qemu+libssh2://h/system',
  'qemu+ext:///system?command=/bin/sh',
  'lxc:///system',
  'esx://h/?no_verify=1',
  'http://h/system',
  'file:///etc/passwd',
  'test:///etc/passwd',
  'test:///default/..',
  'test+ssh://h/default',
  'xen+ssh://h/system',
  '__proto__:///system',
  'constructor:///system',
  // Parameters that name programs, files and checks to leave out.
  'qemu+ssh://h/system?command=/tmp/evil',
  'qemu+ssh://h/system?netcat=/tmp/evil',
  'qemu+ssh://h/system?proxy=netcat',
  'qemu+ssh://h/system?no_verify=1',
  'qemu+ssh://h/system?no_sanity=1',
  'qemu+ssh://h/system?no_tty=0',
  'qemu+ssh://h/system?sshauth=password',
  'qemu+ssh://h/system?name=qemu:///session',
  'qemu+ssh://h/system?mode=legacy',
  'qemu+ssh://h/system?known_hosts=/dev/null',
  'qemu+tls://h/system?no_verify=1',
  'qemu+tls://h/system?tls_priority=NONE',
  'qemu+tcp://h/system?socket=/run/x',
  'qemu:///system?mode=auto',
  'qemu+unix:///system?socket',
  'qemu+unix:///system?socket=',
  'qemu+unix:///system?socket=relative',
  'qemu+unix:///system?socket=/run/../etc/x',
  'qemu+unix:///system?socket=/a&socket=/b',
  'qemu+ssh://h/system?socket=/run/x;reboot',
  'qemu+ssh://h/system?socket=/run/$(reboot)',
  "qemu+ssh://h/system?socket=/run/'x'",
  'qemu+ssh://h/system?socket=/run/%24(reboot)',
  'qemu+ssh://h/system?keyfile=/etc/key -oProxyCommand=reboot',
  'qemu+ssh://h/system?Socket=/run/x',
  'qemu+ssh://h/system?__proto__=/run/x',
  'qemu+ssh://h/system?&&&&&&',
  'qemu+ssh://h/system#fragment',
  // Hosts and users that ssh would take for options, or a shell for more.
  'qemu+ssh:///system',
  'qemu+ssh://-oProxyCommand=reboot/system',
  'qemu+ssh://-oProxyCommand=reboot@h/system',
  'qemu+ssh://h;reboot/system',
  'qemu+ssh://$(reboot)/system',
  'qemu+ssh://h`reboot`/system',
  'qemu+ssh://h h/system',
  'qemu+ssh://h%0a/system',
  'qemu+ssh://a@b@h/system',
  'qemu+ssh://@h/system',
  'qemu+ssh://root@/system',
  'qemu+ssh://h:0/system',
  'qemu+ssh://h:65536/system',
  'qemu+ssh://h:22:22/system',
  'qemu+ssh://h:/system',
  'qemu+ssh://[::1/system',
  'qemu+ssh://[::1%25eth0]x/system',
  'qemu+ssh://[10.0.0.1]/system',
  'qemu+ssh://h..h/system',
  `qemu+ssh://${'h'.repeat(64)}/system`,
  'qemu+ssh://hôte/system',
  'qemu+tcp://user@h/system',
  'qemu+tls://user@h/system',
  'qemu://h/system',
  'xen://h/system',
  'test://h/default',
  `qemu+ssh://h/system?socket=/${'a'.repeat(2000)}`,
  `qemu+ssh://${'a.'.repeat(50_000)}/system`,
];

describe('a URI of libvirt', () => {
  test.each(TAKEN)('is taken: %s', (uri) => {
    expect(checkedUri(uri)).toEqual({ ok: true, uri });
  });

  test('is refused, with what is wrong and not with what was written', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(50);
    expect(HOSTILE.filter((uri) => checkedUri(uri).ok)).toEqual([]);
    for (const uri of HOSTILE)
      expect(checkedUri(uri)).toMatchObject({ detail: expect.stringMatching(/^not a URI .{10,}$/) });
  });

  test('never has a password in it, and none is repeated', () => {
    for (const uri of [
      'qemu+ssh://root:hunter2@h/system',
      'qemu+tcp://root:hunter2@h/system',
      'qemu://root:hunter2@h/system',
    ]) {
      const verdict = checkedUri(uri);
      expect(verdict.ok).toBe(false);
      expect(JSON.stringify(verdict)).not.toContain('hunter2');
    }
  });

  test('never lets ssh ask on a terminal', () => {
    expect(connectionUri('qemu+ssh://h/system')).toBe('qemu+ssh://h/system?no_tty=1');
    expect(connectionUri('qemu+ssh://h/system?keyfile=/k')).toBe('qemu+ssh://h/system?keyfile=/k&no_tty=1');
    expect(connectionUri('qemu+tls://h/system')).toBe('qemu+tls://h/system');
  });
});

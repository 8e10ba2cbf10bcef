/** `leasehold submit` with what is said of VMs: from files, and only what may leave this machine. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { built, commandLine } from '../support/command-line.js';

const { run, submitted, service, directory } = commandLine('4x cpu=8,memory=32GiB');
const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')}`;

describe('submit', built, () => {
  const file = (name: string, content: string | Buffer): string => {
    const path = join(directory(), name);
    writeFileSync(path, content);
    return path;
  };

  test('sends keys, user data, hardware and the network', async () => {
    const keys = file('keys.pub', `# of us all\n${KEY} ada\n\n${KEY} bob\n`);
    const userData = '#!/bin/sh\necho grüß dich\n';
    const said = ['--network', 'campus', '--user-data', file('setup.sh', userData), '--ssh-key', keys];
    const template = "<domain><clock offset='localtime'/></domain>";
    const id = await submitted(
      ...said,
      '--ssh-key',
      file('eve.pub', `${KEY} eve`),
      '--template',
      file('a.xml', template),
      ...['--firmware', 'efi', '--board', 'q35', '--cpu-model', 'EPYC', '--full-disk'],
    );
    const { url, token } = service();
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/v1/leases/${id}/events`, { headers });
    const { items } = (await answer.json()) as { items: { event: { terms: { machine: string } } }[] };
    expect(JSON.parse(items[0]!.event.terms.machine)).toEqual({
      network: 'campus',
      sshKeys: [`${KEY} ada`, `${KEY} bob`, `${KEY} eve`],
      userData,
      template,
      firmware: 'efi',
      board: 'q35',
      cpuModel: 'EPYC',
      disk: 'full',
    });
  });

  test.each([
    ['a private key', '--ssh-key', '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n', 'holds a private key'],
    ['no key', '--ssh-key', '# nothing\n', 'holds no key'],
    ['what is not text', '--user-data', Buffer.from([0xff, 0xfe]), 'is not UTF-8'],
    ['what is too long', '--user-data', 'a'.repeat(65_537), 'more than 65536 bytes'],
  ])('sends not %s', async (_, option, content, reason) => {
    const { code, stderr } = await run('submit', '--cpu', '1', '--duration', '1h', option, file('a', content));
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('c2VjcmV0');
  });

  test('says which file is not there, and what the service refuses', async () => {
    const missing = await run('submit', '--cpu', '1', '--duration', '1h', '--template', 'missing.xml');
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('missing.xml cannot be read')]);
    const wrong = file('wrong.xml', '<domain><name>x</name></domain>');
    const refused = await run('submit', '--cpu', '1', '--duration', '1h', '--template', wrong);
    expect(refused.stderr).toContain('/machine/template');
    expect(refused.stderr).toContain('the element <"name"> is not accepted');
  });
});

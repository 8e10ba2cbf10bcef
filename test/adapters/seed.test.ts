/** Seeds of VMs, read back by other programs than the one that wrote them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { isoImage } from '../../adapters/libvirt/iso9660.js';
import { type Seed, seedFiles, seedImage } from '../../adapters/libvirt/seed.js';
import { needs } from '../support/needs.js';
import { HOSTILE } from './hostile-values.js';

const SEED: Seed = {
  instance: 'fae8dcc2-6927-599a-bbf2-442d990e67b2',
  hostname: 'l1-3',
  sshKeys: ['ssh-ed25519 AAAAC3Nz ada@example.org', 'ssh-rsa AAAAB3Nz # no: "comment"'],
  userData: '#!/bin/sh\necho grüß dich\n',
  readyUrl: null,
  network: {
    nics: [{ mac: '52:54:00:00:00:01', address: '10.77.3.7/24', gateway: '10.77.3.1', nameservers: ['10.77.3.1'] }],
  },
};

const textOf = (seed: Seed, name: string): string =>
  seedFiles(seed)
    .find((file) => file.name === name)!
    .content.toString('utf8');

describe('a seed', () => {
  test('is written as it was', async () => {
    await expect(textOf(SEED, 'meta-data')).toMatchFileSnapshot('seed/meta-data');
    await expect(textOf(SEED, 'network-config')).toMatchFileSnapshot('seed/network-config');
  });

  test('has user data word for word, and some that says nothing where there is none', () => {
    expect(textOf(SEED, 'user-data')).toBe(SEED.userData);
    expect(textOf({ ...SEED, userData: null }, 'user-data')).toBe('#cloud-config\n{}\n');
    expect(seedFiles({ ...SEED, network: null }).map(({ name }) => name)).toEqual(['meta-data', 'user-data']);
  });

  test('tells where to say that it is ready, in its own words and in those of the user', () => {
    const seed = { ...SEED, readyUrl: 'http://10.0.0.1:8080/v1/ready?secret=L1.3.x', userData: 'ask "{{ready-url}}"' };
    expect(parse(textOf(seed, 'meta-data'))).toMatchObject({ 'ready-url': seed.readyUrl });
    expect(textOf(seed, 'user-data')).toBe(`ask "${seed.readyUrl}"`);
    expect(textOf({ ...seed, readyUrl: null }, 'user-data')).toBe(seed.userData);
  });

  test('says what it was told, in YAML as cloud-init reads it, whatever that is', () => {
    for (const hostname of [...HOSTILE, '1e3', '2001-01-01', '1:30', 'yes', 'off', '017', '.inf', '<<']) {
      const text = textOf({ ...SEED, hostname, sshKeys: [hostname] }, 'meta-data');
      const said = { 'instance-id': SEED.instance, 'local-hostname': hostname, 'public-keys': [hostname] };
      expect(parse(text, { version: '1.1' }), text).toEqual(said);
    }
  });

  test('is the same image whenever it is made', () => {
    expect(seedImage(SEED).equals(seedImage(SEED))).toBe(true);
    expect(seedImage(SEED).length % 2048).toBe(0);
  });
});

describe('its image', () => {
  function imageFile(image: Buffer): string {
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-seed-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'seed.iso');
    writeFileSync(file, image);
    return file;
  }
  const isoinfo = (...args: string[]): Buffer => execFileSync('isoinfo', args);

  test('has the label by which guests know it', needs('isoinfo'), () => {
    const file = imageFile(seedImage(SEED));
    expect(isoinfo('-d', '-i', file).toString('latin1')).toMatch(/^Volume id: cidata$/m);
  });

  // Rock Ridge for Unix, Joliet for Windows.
  test.each(['-R', '-J'])('has the files under their names, read with %s', needs('isoinfo'), (names) => {
    const file = imageFile(seedImage(SEED));
    const listed = isoinfo('-f', names, '-i', file).toString('latin1').trim().split('\n');
    expect(listed).toEqual(['/meta-data', '/network-config', '/user-data']);
    for (const { name, content } of seedFiles(SEED))
      expect(isoinfo(names, '-i', file, '-x', `/${name}`).equals(content)).toBe(true);
  });

  test('holds files of any size up to the limit', needs('isoinfo'), () => {
    const bytes = fc
      .oneof(fc.constantFrom(0, 1, 2047, 2048, 2049, 4096), fc.nat(20_000))
      .map((size) => Buffer.alloc(size, size % 251));
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), (contents) => {
        const files = contents.map((content, i) => ({ name: `file-${i}.txt`, content }));
        const file = imageFile(isoImage('label', files));
        for (const { name, content } of files)
          expect(isoinfo('-R', '-i', file, '-x', `/${name}`).equals(content), name).toBe(true);
      }),
      { numRuns: 10 },
    );
    expect(() => isoImage('a', [{ name: 'a', content: Buffer.alloc(1024 * 1024 + 1) }])).toThrow(RangeError);
  });

  test('holds no file of a name that could mean another place', () => {
    const content = Buffer.alloc(1);
    for (const name of HOSTILE.filter((one) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one)))
      expect(() => isoImage('a', [{ name, content }]), name).toThrow(RangeError);
    expect(() => isoImage('too long for a label', [])).toThrow(RangeError);
  });
});

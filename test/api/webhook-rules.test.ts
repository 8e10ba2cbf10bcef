/** Where webhooks may go, and how they are signed. */

import { createHmac } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync, chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../api/config.js';
import { DestinationError, Destinations, isRange } from '../../adapters/destinations.js';
import { secretText, WebhookSecrets } from '../../api/webhooks/secrets.js';
import { signedHeaders } from '../../api/webhooks/signing.js';

const strict = new Destinations({ http: false, allowed: [] }, async () => []);
const refusal = (url: string, destinations = strict): string => {
  try {
    destinations.urlOf(url);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(DestinationError);
    return (error as Error).message;
  }
};

describe('a URL', () => {
  it.each([
    'https://example.org/hooks?x=1',
    'https://example.org:8443/',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
  ])('%s is one to send to', (url) => expect(refusal(url)).toBe(''));

  it.each([
    ['http://example.org/', 'https'],
    ['ftp://example.org/', 'https'],
    ['file:///etc/passwd', 'https'],
    ['gopher://example.org/', 'https'],
    ['javascript:alert(1)', 'https'],
    ['https://user:pw@example.org/', 'user'],
    ['https://user@example.org/', 'user'],
    ['https://example.org/#x', 'fragment'],
    ['https://example.org:22/', 'port'],
    ['https://example.org:25/', 'port'],
    ['https://example.org:6379/', 'port'],
    ['https://example.org:0/', 'port'],
    ['not a URL', 'URL'],
    ['/hooks', 'URL'],
    [`https://example.org/${'x'.repeat(2048)}`, 'URL'],
  ])('%s is none', (url, why) => expect(refusal(url)).toContain(why));

  // An address of this machine or its networks, in all the ways in which one can be written.
  it.each([
    ...['127.0.0.1', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.0.0.1.', '0.0.0.0', '0'],
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.100.100.200', '100.64.0.1'],
    ...['224.0.0.1', '239.255.255.255', '255.255.255.255', '192.0.0.192', '198.18.0.1', '203.0.113.7', '192.88.99.1'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:a9fe:a9fe]', '[::127.0.0.1]'],
    ...[
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[ff02::1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[2001:db8::1]',
    ],
    ...['[2001::1]', '[100::1]', '[3fff::1]', '[::ffff:0:127.0.0.1]', '[64:ff9b:1::1]', '[5f00::1]'],
  ])('https://%s/ is none', (host) => expect(refusal(`https://${host}/`)).toContain('not public'));
});

/** The slow twin: what is special, by its first numbers. */
function isPublicV4([a, b, c]: readonly number[]): boolean {
  if ([0, 10, 127].includes(a!) || a! >= 224) return false;
  if (a === 100 && b! >= 64 && b! < 128) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b! >= 16 && b! < 32) return false;
  if (a === 198 && (b === 18 || b === 19)) return false;
  if (a === 192 && b === 168) return false;
  const special = ['192.0.0', '192.0.2', '192.88.99', '198.51.100', '203.0.113'];
  return !special.includes(`${a}.${b}.${c}`);
}

describe('an address', () => {
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 254, 168, 64, 224));

  it('of IPv4 may be reached if it is public, also where it is written as one of IPv6', () => {
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        const plain = bytes.join('.');
        const hex = bytes.map((one) => one.toString(16).padStart(2, '0'));
        const mapped = `::ffff:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
        expect(strict.mayReach(plain), plain).toBe(isPublicV4(bytes));
        expect(strict.mayReach(mapped), mapped).toBe(isPublicV4(bytes));
        // What leads into IPv4 by translation or tunnel does not count as public.
        for (const other of [`::${plain}`, `64:ff9b::${plain}`, `2002:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::1`])
          expect(strict.mayReach(other), other).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of IPv6 may be reached only within 2000::/3', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (words) => {
        const address = words.map((word) => word.toString(16)).join(':');
        if (strict.mayReach(address)) expect(words[0]! >> 13, address).toBe(1);
        expect(strict.mayReach(`${address}%eth0`)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be reached where an operator has allowed it, and no other with it', () => {
    const some = new Destinations({ http: true, allowed: ['10.1.0.0/16', '::1'] }, async () => []);
    expect(refusal('http://10.1.2.3:8080/', some)).toBe('');
    expect(refusal('http://[::ffff:10.1.2.3]/', some)).toBe('');
    expect(refusal('http://[::1]:8080/', some)).toBe('');
    expect(refusal('http://10.2.0.1/', some)).toContain('not public');
    expect(refusal('http://127.0.0.1/', some)).toContain('not public');
    for (const range of ['10.0.0.0/8', '::1', 'fd00::/8']) expect(isRange(range)).toBe(true);
    for (const range of ['10.0.0.0/33', 'ten', '10.0.0/8', 'fe80::1%eth0', '10.0.0.1/-1', '10.0.0.1/'])
      expect(isRange(range), range).toBe(false);
  });

  it('is looked up when it is connected to: if one of those found is not allowed, none is', async () => {
    const found: Record<string, string[]> = {
      'good.example': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'],
      'mixed.example': ['93.184.216.34', '10.0.0.1'],
      'inside.example': ['::ffff:169.254.169.254'],
      'nowhere.example': [],
    };
    const named = new Destinations({ http: false, allowed: [] }, async (name) => found[name]!);
    expect(await named.addressesOf('good.example')).toEqual(found['good.example']);
    for (const name of ['mixed.example', 'inside.example', 'nowhere.example']) {
      const failure = await named.addressesOf(name).catch((error: unknown) => error);
      expect(failure, name).toBeInstanceOf(DestinationError);
      expect(String(failure)).not.toMatch(/\d+\.\d+/);
    }
    const [addresses, one] = await Promise.all([
      new Promise((done) => named.lookup('good.example', { all: true }, (_, all) => done(all))),
      new Promise((done) => named.lookup('good.example', {}, (_, address) => done(address))),
    ]);
    expect(addresses).toEqual(found['good.example']!.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 })));
    expect(one).toBe('93.184.216.34');
  });
});

describe('a signature', () => {
  it('is as Standard Webhooks has it', () => {
    // Of its own examples.
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}', [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is there of every secret that holds', () => {
    const secrets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const { 'webhook-signature': both } = signedHeaders('m', 1, '{}', secrets);
    const one = (secret: Buffer) => `v1,${createHmac('sha256', secret).update('m.1.{}').digest('base64')}`;
    expect(both.split(' ')).toEqual(secrets.map(one));
  });
});

describe('the key of all secrets', () => {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-webhook-key-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is made at the first start, for its owner only, and stays', () => {
    const path = join(directory, 'webhook.key');
    const made = WebhookSecrets.open(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url')).toHaveLength(32);
    const again = WebhookSecrets.open(path);
    expect(again.keyId).toBe(made.keyId);
    expect(again.of('a', 1)).toEqual(made.of('a', 1));
    // Each webhook, and each of its secrets, has one of its own, of 256 bits.
    const secrets = [
      made.of('a', 1),
      made.of('a', 2),
      made.of('b', 1),
      WebhookSecrets.open(join(directory, 'other.key')).of('a', 1),
    ];
    expect(new Set(secrets.map(secretText)).size).toBe(4);
    for (const secret of secrets) expect(secret).toHaveLength(32);
    expect(secretText(secrets[0]!)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });

  it('is not used where others can read it, or it is something else; its content is in no message', () => {
    const path = join(directory, 'open.key');
    const { keyId } = WebhookSecrets.open(path);
    const content = readFileSync(path, 'utf8').trim();
    chmodSync(path, 0o640);
    expect(() => WebhookSecrets.open(path)).toThrow(/chmod 600/);
    chmodSync(path, 0o600);
    writeFileSync(path, content.slice(1));
    let message = '';
    try {
      WebhookSecrets.open(path);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    expect(message).toContain('holds no key');
    expect(message).not.toContain(content.slice(1, 20));
    expect(keyId).not.toContain(content.slice(0, 10));
  });
});

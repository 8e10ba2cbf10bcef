/** Where the service listens: without TLS on this machine alone, with a certificate anywhere, or behind a proxy. */

import { chmodSync, copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type CertificateFiles, makeCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold } from '../support/process.js';
import { services } from '../support/services.js';

const { directory, start } = services();

const data = () => join(directory(), 'data');
const refused = async (...args: string[]) => {
  const ended = await leasehold(['serve', '--port', '0', '--data-dir', data(), ...args]);
  expect(ended.code, ended.stderr).toBe(78);
  expect(existsSync(data())).toBe(false);
  return ended.stderr;
};
const secured = ({ cert, key }: CertificateFiles) => ['--tls-cert', cert, '--tls-key', key];

interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of the certificate. */
  readonly name: string;
  readonly protocol: string | null;
}

/** A request with its own connection. */
function get(url: string, options: RequestOptions = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    httpsRequest(url, { agent: false, rejectUnauthorized: false, ...options }, (response) => {
      const socket = response.socket as TLSSocket;
      const name = String(socket.getPeerCertificate().subject.CN);
      const protocol = socket.getProtocol();
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, name, protocol }));
    })
      .once('error', reject)
      .end();
  });
}

describe('without TLS', needs('build'), () => {
  it('only this machine is listened to; anything else is refused with the reason, before anything is written', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
      const stderr = await refused('--host', host);
      expect(stderr).toContain(`--host: ${host} can be reached from other machines`);
      expect(stderr).toContain('tls-cert');
      expect(stderr).toContain('behind-proxy');
    }
    const service = await start('--host', 'localhost');
    expect((await service.ask('GET', '/livez')).headers.get('strict-transport-security')).toBeNull();
  });

  it('everything is listened to behind a proxy; only the proxy is believed about its clients', async () => {
    expect(await refused('--host', '0.0.0.0', '--behind-proxy', '0.0.0.0/0')).toContain('no range of addresses');
    const service = await start('--host', '0.0.0.0', '--behind-proxy', '127.0.0.1', '--log-level', 'info');
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    const local = service.url.replace('0.0.0.0', '127.0.0.1');
    await fetch(`${local}/v1/leases`, { headers: forwarded });
    await eventually(() => service.stderr()).toContain('"ip":"203.0.113.9"');
    const other = await start(
      '--behind-proxy',
      '10.0.0.0/8',
      '--log-level',
      'info',
      '--data-dir',
      join(directory(), 'b'),
    );
    await other.ask('GET', '/v1/leases', undefined, forwarded);
    await eventually(() => other.stderr()).toContain('"ip":"127.0.0.1"');
    expect(other.stderr()).not.toContain('203.0.113.9');
  });

  it('a socket in the file system will do, also where a killed service has left one behind', async () => {
    const path = join(directory(), 'api.sock');
    const first = await start('--socket', path);
    expect(first.url).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    await first.signal('SIGKILL');
    const second = await start('--socket', path);
    const status = await new Promise((resolve) => {
      httpRequest({ socketPath: path, path: '/readyz' }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(200);
    await second.signal('SIGTERM');
    expect(existsSync(path)).toBe(false);
  });
});

describe('with a certificate', needs('build', 'openssl'), () => {
  it('the service answers over TLS 1.2 and later, and asks browsers to stay with that', async () => {
    const service = await start('--host', '0.0.0.0', ...secured(makeCertificate(directory(), 'one')));
    const url = service.url.replace('0.0.0.0', '127.0.0.1');
    expect(url).toMatch(/^https:/);
    const answer = await get(`${url}/livez`);
    expect(answer).toMatchObject({ status: 200, name: 'one', protocol: 'TLSv1.3' });
    expect(answer.headers['strict-transport-security']).toBe('max-age=63072000');
    expect(await get(`${url}/livez`, { maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    const { port } = new URL(url);
    const old = connect({ port: Number(port), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', rejectUnauthorized: false });
    await expect(new Promise((_resolve, reject) => old.once('error', reject))).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  });

  it('SIGHUP takes a new one into use, and keeps the old one where the new one is of no use', async () => {
    const files = makeCertificate(directory(), 'one');
    const service = await start(...secured(files));
    expect(await get(`${service.url}/livez`)).toMatchObject({ name: 'one' });
    const two = makeCertificate(directory(), 'two');
    copyFileSync(two.cert, files.cert);
    process.kill(service.pid, 'SIGHUP');
    await eventually(() => service.stderr()).toContain('is not the key of');
    expect(await get(`${service.url}/livez`)).toMatchObject({ name: 'one' });
    copyFileSync(two.key, files.key);
    process.kill(service.pid, 'SIGHUP');
    await eventually(() => service.stderr()).toContain('was read again');
    expect(await get(`${service.url}/livez`)).toMatchObject({ name: 'two' });
  });

  it('its key must be its own, and not be readable by everybody', async () => {
    const { cert, key } = makeCertificate(directory(), 'one');
    const other = makeCertificate(directory(), 'other');
    expect(await refused('--tls-cert', cert)).toContain('--tls-cert: there is no tls-key');
    expect(await refused('--tls-key', key)).toContain('--tls-key: there is no tls-cert');
    expect(await refused('--tls-cert', cert, '--tls-key', other.key)).toContain(
      `${other.key} is not the key of ${cert}`,
    );
    expect(await refused('--tls-cert', key, '--tls-key', key)).toContain(`${key} holds no certificate`);
    chmodSync(other.cert, 0o600);
    expect(await refused('--tls-cert', cert, '--tls-key', other.cert)).toContain('holds no key');
    expect(await refused('--tls-cert', join(directory(), 'none'), '--tls-key', key)).toContain('(ENOENT)');
    chmodSync(key, 0o644);
    expect(await refused('--tls-cert', cert, '--tls-key', key)).toContain('can be read by everybody');
    chmodSync(key, 0o640);
    const service = await start(...secured({ cert, key }));
    expect(service.stderr()).not.toContain(readFileSync(key, 'utf8').split('\n')[1]!);
  });

  it('that will soon be of no use is told of', async () => {
    const service = await start(...secured(makeCertificate(directory(), 'one', 3)));
    await eventually(() => service.stderr()).toContain('the certificate will be of no use soon');
  });
});

describe('leasehold config', needs('build'), () => {
  it('check says what is wrong with all of it, and where; show says where values come from', async () => {
    const env = { LEASEHOLD_PORT: '99999', LEASEHOLD_LOG_LEVEL: 'info' };
    const wrong = await leasehold(['config', 'check', '--host', '0.0.0.0'], { cwd: directory(), env });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain('2 settings are wrong');
    expect(wrong.stderr).toMatch(/^ {2}LEASEHOLD_PORT: "99999" is not accepted/m);
    expect(wrong.stderr).toMatch(/^ {2}--host: 0\.0\.0\.0 can be reached/m);
    expect(await leasehold(['config', 'check'], { cwd: directory() })).toMatchObject({
      code: 0,
      stdout: 'The settings are right.\n',
      stderr: '',
    });
    const shown = await leasehold(['config', 'show', '--time-scale', '2', '-o', 'json'], {
      cwd: directory(),
      env: { LEASEHOLD_LOG_LEVEL: 'info', LEASEHOLD_STORE: 'postgresql://u:s3cret@h/db' },
    });
    expect(shown.stdout).not.toContain('s3cret');
    const settings = new Map(JSON.parse(shown.stdout).map((one: { name: string }) => [one.name, one]));
    expect(settings.get('time-scale')).toMatchObject({ value: 2, place: '--time-scale' });
    expect(settings.get('log-level')).toMatchObject({ value: 'info', place: 'LEASEHOLD_LOG_LEVEL' });
    expect(existsSync(data())).toBe(false);
  });
});

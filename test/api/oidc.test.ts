/** Tokens of an issuer: signed by its keys, for us, and not over; or they are nobody's. */

import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Oidc, type OidcOptions } from '../../api/access/oidc.js';
import { projectNote } from '../../api/access/projects.js';
import { eventually } from '../support/eventually.js';
import { AUDIENCE, Issuer, newKey } from '../support/issuer.js';
import { Service } from '../support/service.js';

let issuer: Issuer;
let service: Service;
beforeEach(async () => {
  issuer = await Issuer.start();
});
afterEach(async () => {
  await service.stop();
  await issuer.stop();
});

async function start(options: Partial<OidcOptions> = {}): Promise<void> {
  service = await Service.start({
    issuer: (follower) =>
      new Oidc(
        { issuer: issuer.url, audience: AUDIENCE, claims: {}, roles: {}, cooldownMs: 0, ...options },
        (name) => projectNote(follower.state.notes, name) !== null,
      ),
  });
  await service.ask('POST', '/v1/projects', { name: 'red' });
}

const me = (token: string) => service.ask('GET', '/v1/me', undefined, { authorization: `Bearer ${token}` });
const now = () => Math.floor(Date.now() / 1000);

describe('a token of the issuer', () => {
  it('says who somebody is, with which roles, in which of the projects that there are', async () => {
    await start();
    const token = await issuer.sign({ sub: 'ann', roles: ['user', 'brewer', 'viewer'], projects: ['green', 'red'] });
    expect((await me(token)).body).toMatchObject({
      subject: 'ann',
      roles: ['viewer', 'user'],
      projects: ['red'],
      authenticated: 'oidc',
      token: null,
    });
    const lease = { vms: 1, resources: { cpu: 1 }, duration: '1h' };
    const { body } = await service.ask('POST', '/v1/leases', lease, { authorization: `Bearer ${token}` });
    expect(body).toMatchObject({ user: 'ann', project: 'red' });
  });

  it('names them by the claims and values that the operator has told', async () => {
    await start({
      claims: { subject: 'email', roles: 'realm_access.roles', projects: 'https://example.org/teams' },
      roles: { 'vm-admins': 'operator', '*': 'viewer' },
    });
    const claims = { sub: '248289761001', email: 'ann@example.org', 'https://example.org/teams': 'red' };
    const token = await issuer.sign({ ...claims, realm_access: { roles: ['vm-admins'] } });
    expect((await me(token)).body).toMatchObject({
      subject: 'ann@example.org',
      roles: ['viewer', 'operator'],
      projects: ['red'],
    });
    expect((await me(await issuer.sign(claims))).body.roles).toEqual(['viewer']);
  });

  it('without roles may nothing', async () => {
    await start();
    const authorization = `Bearer ${await issuer.sign({ sub: 'ann' })}`;
    expect((await service.ask('GET', '/v1/leases', undefined, { authorization })).body.code).toBe('forbidden');
  });

  it('is signed with any of the algorithms that have a key pair', async () => {
    await start();
    for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
      await issuer.rotate(alg, alg);
      expect((await me(await issuer.sign({ sub: 'ann' }))).status, alg).toBe(200);
    }
  });

  it('makes API tokens, which last on', async () => {
    await start();
    const token = await issuer.sign({ sub: 'ann', roles: ['user'], exp: now() + 60 });
    const made = await service.ask('POST', '/v1/tokens', { expiresIn: '30d' }, { authorization: `Bearer ${token}` });
    expect(made.status).toBe(201);
    expect(Date.parse(made.body.expires)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    expect((await me(made.body.token)).body.subject).toBe('ann');
  });
});

describe('a token that is nobody’s', () => {
  it.each<[string, () => Promise<string>]>([
    ['has expired', () => issuer.sign({ sub: 'ann', exp: now() - 60 })],
    ['does not expire', () => issuer.sign({ sub: 'ann', exp: undefined as never })],
    ['is not valid yet', () => issuer.sign({ sub: 'ann', nbf: now() + 300 })],
    ['is for others', () => issuer.sign({ sub: 'ann', aud: 'elsewhere' })],
    ['is for nobody', () => issuer.sign({ sub: 'ann', aud: undefined as never })],
    ['is from another issuer', () => issuer.sign({ sub: 'ann', iss: 'https://example.org' })],
    ['is signed by another key of that name', async () => issuer.sign({ sub: 'ann' }, await newKey('first'))],
    ['is signed by a key that is not published', async () => issuer.sign({ sub: 'ann' }, await newKey('other'))],
    ['has no subject', () => issuer.sign({})],
    ['has a subject that is no name', () => issuer.sign({ sub: '../../etc' })],
    ['has a subject that is no text', () => issuer.sign({ sub: ['ann'] as never })],
  ])('%s', async (_, sign) => {
    await start();
    const reply = await me(await sign());
    expect(reply.status, reply.text).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  });

  it('says that it needs no signature, or is signed with the public key as if that were a secret', async () => {
    await start();
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({ sub: 'ann', iss: issuer.url, aud: AUDIENCE, exp: now() + 60, roles: ['operator'] });
    const none = `${part({ alg: 'none', kid: 'first' })}.${claims}.`;
    const key = issuer.keys[0]!.jwk;
    const confused = ['HS256', 'HS512'].flatMap((alg) =>
      [JSON.stringify(key), Buffer.from(key.x!, 'base64url')].map((secret) => {
        const signed = `${part({ alg, kid: 'first' })}.${claims}`;
        return `${signed}.${createHmac(`sha${alg.slice(2)}`, secret)
          .update(signed)
          .digest('base64url')}`;
      }),
    );
    for (const token of [none, `${none}AAAA`, ...confused, 'eyJ.eyJ.x', `eyJ${'a'.repeat(9_000)}.eyJ.x`])
      expect((await me(token)).status, token.slice(0, 60)).toBe(401);
  });

  it('was changed after it was signed', async () => {
    await start();
    const [head, claims, signature] = (await issuer.sign({ sub: 'ann', roles: ['user'] })).split('.');
    const changed = Buffer.from(claims!, 'base64url').toString().replace('"user"', '"operator"');
    const reply = await me(`${head}.${Buffer.from(changed).toString('base64url')}.${signature}`);
    expect(reply.status).toBe(401);
  });
});

describe('the keys of the issuer', () => {
  it('may change: the new one is taken at once, and the old one no longer', async () => {
    await start();
    const before = await issuer.sign({ sub: 'ann' });
    expect((await me(before)).status).toBe(200);
    await issuer.rotate('second');
    expect((await me(await issuer.sign({ sub: 'ann' }))).status).toBe(200);
    expect((await me(before)).status).toBe(401);
  });

  it('are asked for once, not for every request', async () => {
    await start({ cooldownMs: 60_000 });
    const token = await issuer.sign({ sub: 'ann' });
    for (let i = 0; i < 5; i++) expect((await me(token)).status).toBe(200);
    expect(issuer.asked).toBe(2);
    for (let i = 0; i < 5; i++)
      expect((await me(await issuer.sign({ sub: 'x' }, await newKey('odd')))).status).toBe(401);
    expect(issuer.asked).toBe(2);
  });

  it.each(['status', 'garbage', 'endless', 'redirect'] as const)(
    'cannot be had (%s): that is said, API tokens work on, and all is well when they can be',
    async (trouble) => {
      await start();
      issuer.trouble = trouble;
      const token = await issuer.sign({ sub: 'ann' });
      const reply = await me(token);
      expect(reply.status, reply.text).toBe(503);
      expect(reply.body.code).toBe('issuer-unavailable');
      expect((await me(await service.token({ subject: 'ann', roles: ['user'] }))).status).toBe(200);
      issuer.trouble = 'none';
      await eventually(async () => (await me(token)).status).toBe(200);
    },
  );

  it('are not waited for longer than some seconds', async () => {
    await start();
    issuer.trouble = 'silence';
    const began = performance.now();
    expect((await me(await issuer.sign({ sub: 'ann' }))).body.code).toBe('issuer-unavailable');
    expect(performance.now() - began).toBeLessThan(20_000);
  }, 30_000);
});

describe('an issuer', () => {
  it('is reached by https, or is on this machine', async () => {
    await start();
    const options = { audience: AUDIENCE, claims: {}, roles: {} };
    for (const url of ['http://example.org', 'ftp://example.org', 'example.org', 'https://me:secret@example.org'])
      expect(() => new Oidc({ ...options, issuer: url }, () => true), url).toThrow('no https URL');
  });
});

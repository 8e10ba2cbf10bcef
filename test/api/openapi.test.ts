/** The OpenAPI document: as committed, complete, and true of what the service answers. */

import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentText } from '../../api/openapi.js';
import { NodePage, Schedule } from '../../api/schemas/cluster.js';
import { LeasePage } from '../../api/schemas/lease.js';
import { NAMED } from '../../api/schemas/named.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.stop());

/** Whether `value` has the shape; the errors say where it has not. */
function faults(schema: TSchema, value: unknown): unknown[] {
  const validator = Compile(NAMED as Record<string, TSchema>, schema);
  return validator.Check(value) ? [] : [...validator.Errors(value)];
}

describe('the document', () => {
  it('is docs/openapi.json (`npx vitest run test/api/openapi.test.ts -u` writes it anew)', async () => {
    await expect(documentText(service.app)).toMatchFileSnapshot('../../docs/openapi.json');
    const { text } = await service.ask('GET', '/v1/openapi.json');
    expect(text).toBe(documentText(service.app));
  });

  it('is valid for a validator that goes by the JSON Schema of OpenAPI', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(documentText(service.app)));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('is valid for one that goes by rules of its own', async () => {
    const config = await createConfig({ rules: { struct: 'error', 'operation-operationId-unique': 'error' } });
    const problems = await lintFromString({ source: documentText(service.app), config });
    expect(problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`)).toEqual([]);
  });

  it('is OpenAPI 3.1: nothing in it says nullable, and every reference leads somewhere', () => {
    const document = JSON.parse(documentText(service.app));
    expect(document.openapi).toBe('3.1.0');
    const names = Object.keys(document.components.schemas);
    for (const [, name] of documentText(service.app).matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)) {
      expect(names).toContain(name);
    }
    expect(documentText(service.app)).not.toContain('nullable');
  });

  it('names every route with its own operation, and what it answers when something is wrong', () => {
    const document = JSON.parse(documentText(service.app)) as {
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { responses } of operations) expect(Object.keys(responses)).toContain('500');
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes).toEqual([
      'GET /livez',
      'GET /startupz',
      'GET /readyz',
      'POST /v1/leases',
      'GET /v1/leases',
      'GET /v1/leases/{id}',
      'DELETE /v1/leases/{id}',
      'PATCH /v1/leases/{id}',
      'POST /v1/leases/{id}/hold',
      'POST /v1/leases/{id}/release',
      'POST /v1/leases/{id}/suspend',
      'POST /v1/leases/{id}/resume',
      'POST /v1/leases/{id}/reboot',
      'POST /v1/leases/{id}/reset',
      'POST /v1/leases/{id}/pause',
      'POST /v1/leases/{id}/unpause',
      'POST /v1/leases/{id}/recover',
      'POST /v1/leases/{id}/extend',
      'POST /v1/leases/{id}/shrink',
      'POST /v1/leases/{id}/migrate',
      'POST /v1/leases/{id}/move-disks',
      'POST /v1/leases/{id}/resize',
      'POST /v1/leases/{id}/confirm',
      'POST /v1/leases/{id}/revert',
      'POST /v1/leases/{id}/approve',
      'POST /v1/leases/{id}/reject',
      'GET /v1/leases/{id}/decisions',
      'GET /v1/leases/{id}/events',
      'POST /v1/quotes',
      'GET /v1/slots',
      'POST /v1/whatifs',
      'GET /v1/whatifs/{id}',
      'DELETE /v1/whatifs/{id}',
      'GET /v1/whatifs/{id}/leases',
      'GET /v1/whatifs/{id}/schedule',
      'GET /v1/whatifs/{id}/events',
      'GET /v1/nodes',
      'POST /v1/nodes',
      'PATCH /v1/nodes/{number}',
      'DELETE /v1/nodes/{number}',
      'POST /v1/nodes/{number}/drain',
      'POST /v1/nodes/{number}/restore',
      'POST /v1/nodes/{number}/lost',
      'GET /v1/nodes/{number}/usage',
      'GET /v1/leases/{id}/usage',
      'POST /v1/maintenance',
      'GET /v1/maintenance',
      'DELETE /v1/maintenance/{id}',
      'GET /v1/images',
      'POST /v1/images',
      'GET /v1/images/{name}',
      'DELETE /v1/images/{name}',
      'POST /v1/images/{name}/fetch',
      'POST /v1/networks',
      'GET /v1/networks',
      'GET /v1/networks/{name}',
      'DELETE /v1/networks/{name}',
      'GET /v1/schedule',
      'GET /v1/policies',
      'POST /v1/policies',
      'GET /v1/diff',
      'GET /v1/events',
      'GET /v1/audit/head',
      'GET /v1/audit/checkpoints',
      'POST /v1/tokens',
      'GET /v1/tokens',
      'GET /v1/tokens/{id}',
      'DELETE /v1/tokens/{id}',
      'POST /v1/projects',
      'GET /v1/projects',
      'GET /v1/projects/{name}',
      'PATCH /v1/projects/{name}',
      'DELETE /v1/projects/{name}',
      'GET /v1/me',
      'GET /v1/users',
      'POST /v1/webhooks',
      'GET /v1/webhooks',
      'GET /v1/webhooks/{id}',
      'PATCH /v1/webhooks/{id}',
      'DELETE /v1/webhooks/{id}',
      'POST /v1/webhooks/{id}/secret',
      'POST /v1/webhooks/{id}/test',
      'POST /v1/webhooks/{id}/replay',
      'GET /v1/webhooks/{id}/deliveries',
      'GET /v1/diagnostics',
      'GET /v1/limits',
      'POST /v1/ready',
    ]);
  });
});

describe('answers', () => {
  it('have the shapes that the document promises, and no member more', async () => {
    const everything = { vms: 4, resources: { cpu: 8 }, duration: '1h' };
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const victim = await service.lease(everything);
    await service.until(victim.id, 'active');
    const requests = [
      { ...everything, name: 'later', labels: { a: 'b' }, where: { labels: {} } },
      { ...everything, start: { kind: 'advance', at } },
      { ...SMALL, start: { kind: 'best-effort', before: at } },
      { ...SMALL, start: { kind: 'deadline', by: new Date(Date.now() + 9e7).toISOString() } },
      { ...SMALL, vms: 40, start: { kind: 'immediate' } },
    ];
    for (const request of requests) {
      const { status, body } = await service.ask('POST', '/v1/leases', request);
      expect(faults(NAMED[status === 201 ? 'Lease' : 'Problem']!, body), JSON.stringify(body)).toEqual([]);
    }
    const list = await service.ask('GET', '/v1/leases');
    expect(list.body.items.length).toBe(6);
    expect(faults(LeasePage, list.body)).toEqual([]);
    expect(faults(NodePage, (await service.ask('GET', '/v1/nodes')).body)).toEqual([]);
    expect(faults(Schedule, (await service.ask('GET', '/v1/schedule')).body)).toEqual([]);
    for (const { id } of list.body.items) {
      const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
      expect(faults(NAMED.Decisions!, body), JSON.stringify(body)).toEqual([]);
      expect(faults(NAMED.Lease!, await service.read(id))).toEqual([]);
    }
    expect(faults(NAMED.Problem!, (await service.ask('GET', '/nowhere')).body)).toEqual([]);
  });

  it('carry headers that keep browsers from doing anything with them', async () => {
    for (const url of ['/v1/leases', '/nowhere', '/v1/leases/L1', '/livez']) {
      const { headers } = await service.ask('GET', url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });
});

describe('the page at /docs', () => {
  it('loads nothing from elsewhere', async () => {
    const { statusCode, body, headers } = await service.app.inject({ url: '/docs/' });
    expect(statusCode).toBe(200);
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(String(headers['content-security-policy'])).not.toContain('http');
    for (const [, path] of body.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png))"/g)) {
      const asset = await service.app.inject({ url: new URL(path!, 'http://x/docs/').pathname });
      expect(asset.statusCode, path).toBe(200);
    }
  });
});

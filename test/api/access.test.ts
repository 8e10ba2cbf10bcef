/** Access: nothing is served that the table of operations does not name, and nobody does what his roles do not allow. */

import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { Caller, type CallerOptions, NOBODY, type Role, ROLES, SCOPES } from '../../api/access/caller.js';
import { OPERATIONS, requireOperations } from '../../api/access/operations.js';

const callerWith = (roles: readonly Role[], more: Partial<CallerOptions> = {}): Caller =>
  new Caller({ subject: 'ann', roles, projects: ['red'], how: 'token', ...more });

describe('a route', () => {
  const appWith = (route: (app: ReturnType<typeof fastify>) => void) => {
    const app = fastify();
    requireOperations(app);
    app.register(async (v1) => route(v1 as unknown as typeof app), { prefix: '/v1' });
    return app.ready();
  };
  const answer = async () => 'hello';

  it('that has no operation cannot be served', async () => {
    await expect(appWith((app) => app.get('/secrets', answer))).rejects.toThrow('GET /v1/secrets is for nobody');
  });

  it('whose operation is not in the table cannot be served, whatever the name', async () => {
    for (const operationId of ['readSecrets', 'constructor', 'toString', '__proto__'])
      await expect(appWith((app) => app.post('/secrets', { schema: { operationId } }, answer))).rejects.toThrow(
        `has no ${operationId}`,
      );
  });

  it('that is in the table, or open, is served', async () => {
    await appWith((app) => app.get('/leases', { schema: { operationId: 'listLeases' } }, answer));
    await appWith((app) => app.get('/health', { config: { open: true } }, answer));
  });
});

describe('a caller', () => {
  it('may what one of his roles allows', () => {
    expect(NOBODY.can('leases:read')).toBe(false);
    expect(callerWith(['viewer']).can('leases:write')).toBe(false);
    expect(callerWith(['viewer', 'user']).can('leases:write')).toBe(true);
    expect(SCOPES.filter((scope) => callerWith(['operator']).can(scope))).toEqual(SCOPES);
    expect(SCOPES.filter((scope) => callerWith(['auditor']).can(scope) && scope.endsWith(':write'))).toEqual([]);
    for (const role of ROLES) expect(callerWith([role]).can('leases:read')).toBe(true);
  });

  it('may no more with scopes than without', () => {
    const viewer = callerWith(['viewer'], { scopes: ['leases:read', 'leases:write', 'cluster:write'] });
    expect([...viewer.scopes]).toEqual(['leases:read']);
    expect(callerWith(['operator'], { scopes: [] }).can('leases:read')).toBe(false);
  });

  it('sees the leases of his projects, or, where he has none, his own that have none', () => {
    const ann = callerWith(['user']);
    expect(ann.sees({ user: 'bob', project: 'red' })).toBe(true);
    expect(ann.sees({ user: 'ann', project: 'blue' })).toBe(false);
    expect(ann.sees({ user: 'ann', project: null })).toBe(false);
    expect(callerWith(['user'], { projects: [] }).sees({ user: 'ann', project: null })).toBe(true);
    expect(ann.sees({ user: null, project: null })).toBe(false);
    expect(callerWith(['auditor']).sees({ user: 'bob', project: 'blue' })).toBe(true);
  });

  it('changes his own leases, as a project admin those of his projects, as an operator all', () => {
    const others = { user: 'bob', project: 'red' };
    expect(callerWith(['user']).mayChange({ user: 'ann', project: 'red' })).toBe(true);
    expect(callerWith(['user']).mayChange(others)).toBe(false);
    expect(callerWith(['project-admin']).mayChange(others)).toBe(true);
    expect(callerWith(['project-admin']).mayChange({ user: 'ann', project: 'blue' })).toBe(false);
    expect(callerWith(['user', 'auditor']).mayChange(others)).toBe(false);
    expect(callerWith(['operator']).mayChange({ user: 'bob', project: 'blue' })).toBe(true);
  });
});

describe('the table', () => {
  it('names scopes that there are', () => {
    for (const need of Object.values(OPERATIONS).flat()) expect([...SCOPES, 'anyone']).toContain(need);
  });
});

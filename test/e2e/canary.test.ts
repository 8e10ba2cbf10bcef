/** Known secrets, sent wherever something can be sent, are in nothing that anybody reads. And access on the command line. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { newToken } from '../../api/access/token-text.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const directory = temporaryDirectory();
let served: ServedProcess | null = null;
afterEach(async () => {
  await served?.signal('SIGKILL');
  directory.remove();
});

it('secrets are in no log, no problem, no turn and no stream; tokens are made and revoked on the command line', async () => {
  served = await ServedProcess.start(directory.path, ['--log-level', 'trace']);
  const env = { LEASEHOLD_URL: served.url, LEASEHOLD_TOKEN: served.token };
  const cli = async (...args: string[]) => {
    const ended = await leasehold([...args, '-o', 'json'], { cwd: directory.path, env });
    expect(ended.code, ended.stderr).toBe(0);
    return JSON.parse(ended.stdout);
  };
  // 1. The command line: what it makes works until it is revoked.
  expect(await cli('project', 'create', 'red', '--cpu', '8')).toMatchObject({ name: 'red', quota: { cpu: 8 } });
  const made = await cli('token', 'create', '--subject', 'ann', '--project', 'red', '--role', 'user');
  const me = () => fetch(`${served!.url}/v1/me`, { headers: { authorization: `Bearer ${made.token}` } });
  expect(await (await me()).json()).toMatchObject({ subject: 'ann', projects: ['red'] });
  expect(await cli('token', 'list')).toMatchObject([{ id: made.id, state: 'valid' }]);
  expect(await cli('whoami')).toMatchObject({ subject: 'admin' });
  // 2. Three secrets: a token that is good, one of the right form that is not, and that of the machine.
  const secrets = [made.token as string, newToken().text, served.token];
  const answers: string[] = [];
  const send = async (path: string, init: RequestInit): Promise<void> => {
    const response = await fetch(`${served!.url}${path}`, init);
    answers.push(`${await response.text()} ${JSON.stringify([...response.headers])}`);
  };
  for (const secret of secrets) {
    const good = { authorization: `Bearer ${served.token}` };
    const json = { ...good, 'content-type': 'application/json' };
    const lease = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };
    for (const path of [`/v1/leases/${secret}`, `/v1/leases?user=${secret}`, `/${secret}`, `/v1/tokens/${secret}`])
      for (const headers of [good, {}]) await send(path, { headers });
    for (const name of [
      'x-api-key',
      'user-agent',
      'referer',
      'x-request-id',
      'traceparent',
      'idempotency-key',
      'if-match',
    ])
      await send('/v1/leases', { method: 'POST', headers: { ...json, [name]: secret }, body: '{"vms":0}' });
    for (const body of [
      { ...lease, labels: { note: secret } },
      { ...lease, name: secret },
      { ...lease, user: secret },
      { [secret]: 1 },
      { ...lease, where: { requirements: secret } },
    ])
      await send('/v1/leases', { method: 'POST', headers: json, body: JSON.stringify(body) });
    await send('/v1/leases', { method: 'POST', headers: json, body: `{"${secret}` });
    for (const authorization of [`Basic ${secret}`, `Bearer ${secret} ${secret}`, secret, `bearer ${secret}x`])
      await send('/v1/leases', { headers: { authorization } });
  }
  // 3. The log, and what was printed.
  await send('/v1/events', { headers: { authorization: `Bearer ${served.token}` } });
  expect((await cli('token', 'revoke', made.id)).state).toBe('revoked');
  expect((await me()).status).toBe(401);
  const { stderr, stdout } = await served.signal('SIGTERM');
  served = null;
  expect(stderr).toContain('/v1/leases');
  const files = readdirSync(join(directory.path, 'data'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'admin.token')
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
  for (const secret of secrets) {
    const core = secret.startsWith('lh_') ? secret.slice(12, 55) : secret;
    for (const [where, texts] of Object.entries({ answers, printed: [stderr, stdout], files }))
      for (const text of texts) {
        const at = text.indexOf(core);
        expect(at < 0 ? '' : `${where}: ${text.slice(Math.max(0, at - 200), at)}`).toBe('');
      }
  }
}, 120_000);

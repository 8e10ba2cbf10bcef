/** What is in deploy/: dashboards and alerts name what the service really measures, the unit and the container fit. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { NAMES, variableOf } from '../../api/settings/table.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';
import { parseScrape, type Scrape } from '../support/scrape.js';
import { Service, SMALL, TOKEN } from '../support/service.js';
import { REPOSITORY } from './fixture.js';

const read = (path: string) => readFileSync(join(REPOSITORY, 'deploy', path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules: Rule[] = parse(read('prometheus/alerts.yaml')).groups.flatMap(({ rules: of }: { rules: Rule[] }) => of);
const panels: Panel[] = JSON.parse(read('grafana/leasehold.json')).panels;

describe('expressions', () => {
  let service: Service;
  let scrape: Scrape;
  beforeAll(async () => {
    // Everything that is measured has happened once.
    service = await Service.start({ nodes: '1x cpu=8,memory=32GiB', limits: { requestsMax: 1 } });
    const first = await service.lease({ resources: { cpu: 6 } });
    await service.until(first.id, 'active');
    const wide = await service.lease({ resources: { cpu: 8 } });
    const small = await service.lease({ resources: { cpu: 1 }, duration: '10m' });
    await service.until(small.id, 'active');
    await service.ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 9 } });
    for (const { id } of [first, small]) await service.ask('DELETE', `/v1/leases/${id}`);
    await service.until(wide.id, 'active');
    await service.ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 8 }, start: { kind: 'immediate' } });
    // One request that does not end, and another one.
    const port = Number(new URL(await service.app.listen({ port: 0 })).port);
    const slow = connect(port).on('error', () => {});
    slow.write('POST /v1/leases HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n');
    slow.write(`Content-Type: application/json\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    const me = () => fetch(`http://127.0.0.1:${port}/v1/me`);
    await vi.waitUntil(async () => (await me()).status === 503, { timeout: 60_000 });
    slow.destroy();
    scrape = parseScrape((await service.ask('GET', '/metrics')).text);
  });
  afterAll(() => service.stop());

  /** Labels that Prometheus adds by itself. */
  const ITS_OWN = ['instance', 'job', 'le'];
  /** What is there only with TLS, or where several services share a log, and has no labels. */
  const SOMETIMES = ['leasehold_tls_certificate_expiry_timestamp_seconds', 'leasehold_state_age_seconds'];

  function labelsOf(metric: string): ReadonlySet<string> {
    const samples = scrape.samples.filter(({ name }) => name === metric);
    return new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  }

  function faultsOf(expr: string): string[] {
    const faults: string[] = [];
    const metrics = [...expr.matchAll(/\b(?:leasehold|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
    if (metrics.length === 0 && !expr.startsWith('up{')) faults.push(`no metric of ours in ${expr}`);
    for (const name of metrics) {
      const base = name.replace(/_(bucket|count|sum)$/, '');
      if (!scrape.types.has(name) && scrape.types.get(base) !== 'histogram') faults.push(`${name} is not measured`);
      if (labelsOf(name).size + scrape.samples.filter((one) => one.name === name).length === 0)
        if (!SOMETIMES.includes(name)) faults.push(`${name} has not been seen`);
    }
    for (const [, name, matchers] of expr.matchAll(/([a-z][a-z0-9_]+)\{([^}]*)\}/g))
      for (const [, label] of matchers!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        if (!ITS_OWN.includes(label!) && !labelsOf(name!).has(label!)) faults.push(`${name} has no label ${label}`);
    for (const [, list] of expr.matchAll(/\bby \(([^)]*)\)/g))
      for (const label of list!.split(',').map((one) => one.trim()))
        if (!ITS_OWN.includes(label) && !metrics.some((name) => labelsOf(name).has(label)))
          faults.push(`nothing in ${expr} has a label ${label}`);
    return faults;
  }

  it.each(rules.map((rule) => [rule.alert, rule.expr]))('of the alert %s name what is measured', (_name, expr) => {
    expect(faultsOf(expr!)).toEqual([]);
  });

  it.each(panels.filter(({ type }) => type !== 'row').map((panel) => [panel.title, panel] as const))(
    'of the panel "%s" name what is measured',
    (_title, { targets = [] }) => {
      expect(targets.length).toBeGreaterThan(0);
      expect(targets.flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
    },
  );

  it('and docs/operating.md name metrics that there are', () => {
    const named = readFileSync(join(REPOSITORY, 'docs/operating.md'), 'utf8').match(/`leasehold_[a-z_]+`/g) ?? [];
    expect(named.length).toBeGreaterThan(20);
    for (const name of named) expect([...scrape.types.keys()]).toContain(name.slice(1, -1));
  });

  it('of a metric or a label that is not there are found', () => {
    expect(faultsOf('rate(leasehold_nonsense_total[5m])')).not.toEqual([]);
    expect(faultsOf('leasehold_leases{color="red"}')).not.toEqual([]);
    expect(faultsOf('sum by (color) (leasehold_leases)')).not.toEqual([]);
  });
});

describe('alerts', () => {
  it('have a name of their own, a severity, and say what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Leasehold[A-Za-z]+$/);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.description).toBeDefined();
    }
  });
});

describe('the dashboard', () => {
  it('has panels that do not overlap', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });
});

describe('the container file', () => {
  const lines = read('container/Containerfile')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');

  it('copies what is there, and what is not kept out', () => {
    const kept = readFileSync(join(REPOSITORY, '.containerignore'), 'utf8').split('\n');
    const copied = lines.flatMap((line) =>
      (/^COPY (?!--from)(.+) \S+$/.exec(line)?.[1] ?? '').split(' ').filter(Boolean),
    );
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect(existsSync(join(REPOSITORY, path)), path).toBe(true);
      expect(kept, path).toContain(`!${path}`);
    }
  });

  it('does not run as root, has a health check, and sets only what there is to set', () => {
    expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
    const variables = lines.join('\n').match(/LEASEHOLD_[A-Z_]+(?==)/g) ?? [];
    for (const variable of variables) expect(NAMES.map(variableOf)).toContain(variable);
  });
});

describe('the unit', () => {
  const unit = read('systemd/leasehold.service');

  it('sets only what there is to set', () => {
    const variables = unit.match(/LEASEHOLD_[A-Z_]+(?==)/g) ?? [];
    expect(variables.length).toBeGreaterThan(0);
    for (const variable of variables) expect(NAMES.map(variableOf)).toContain(variable);
  });

  it('is one that systemd takes, and thinks safe', needs('systemd'), () => {
    const directory = temporaryDirectory();
    const path = join(directory.path, 'leasehold.service');
    writeFileSync(path, unit.replaceAll('/usr/bin/leasehold', '/bin/true').replace(/^Documentation=.*\n/m, ''));
    const verified = execFileSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8', stdio: 'pipe' });
    expect(verified).toBe('');
    const judged = execFileSync(
      'systemd-analyze',
      ['security', '--offline=yes', '--threshold=20', '--no-pager', path],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
    expect(judged).toContain('Overall exposure level');
    directory.remove();
  });
});

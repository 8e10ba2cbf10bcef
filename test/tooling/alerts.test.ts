/** The alert rules, by Prometheus' own tool: each alert fires when it should, and not when it should not. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';
import { Service } from '../support/service.js';
import { REPOSITORY } from './fixture.js';

const RULES = join(REPOSITORY, 'deploy/prometheus/alerts.yaml');

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is measured over time, as promtool writes it: `0+6x10` is 0, 6, 12, … up to 60, a value a minute. */
type Measured = Readonly<Record<string, string>>;

interface Case {
  readonly fires: Measured;
  /** When nothing is wrong; and when it is just not bad, or not long enough. */
  readonly quiet: readonly Measured[];
  /** With these labels beside those of the rule, and this value. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value?: number;
}

const HERE = { instance: 'a:9464' };
/** Of a service that is called so. */
const of = (name: string, labels = ''): string => `${name}{job="leasehold",instance="a:9464"${labels}}`;
/** So many of a thousand took longer than `slow`. */
const slower = (name: string, slow: string, per: number): Measured => ({
  [of(`${name}_bucket`, `,le="${slow}"`)]: `0+${1000 - per}x40`,
  [of(`${name}_bucket`, ',le="2.5"')]: '0+1000x40',
  [of(`${name}_bucket`, ',le="+Inf"')]: '0+1000x40',
});
const APPEND = 'leasehold_log_append_duration_seconds';
const SCHEDULE = 'leasehold_schedule_duration_seconds';
const ERRORS = of('leasehold_http_request_duration_seconds_count', ',status="500"');
const FAILED = (kind: string): string => of('leasehold_auth_failures_total', `,kind="${kind}"`);
const SPANS = (outcome: string): string => of('leasehold_trace_spans_total', `,outcome="${outcome}"`);
const WEBHOOKS = (state: string): string => of('leasehold_webhooks', `,state="${state}"`);
const EXPIRY = of('leasehold_tls_certificate_expiry_timestamp_seconds');
const DAY = 86_400;

/** By the name of the alert. They are looked at after half an hour. */
const CASES: Readonly<Record<string, Case>> = {
  LeaseholdDown: {
    fires: { [of('up')]: '1x20 0x20' },
    quiet: [{ [of('up')]: '1x40' }, { 'up{job="another",instance="a:9464"}': '0x40' }, { [of('up')]: '1x29 0x10' }],
    labels: { ...HERE, job: 'leasehold' },
  },
  LeaseholdNobodyLeads: {
    fires: { [of('leasehold_leader')]: '1x20 0x20', 'leasehold_leader{instance="b:9464"}': '0x40' },
    quiet: [{ [of('leasehold_leader')]: '1x20 0x20', 'leasehold_leader{instance="b:9464"}': '0x20 1x20' }],
  },
  LeaseholdStoreNotWritable: {
    fires: { [of('leasehold_store_writable')]: '1x20 0x20', [of('leasehold_leader')]: '1x40' },
    quiet: [
      { [of('leasehold_store_writable')]: '1x40', [of('leasehold_leader')]: '1x40' },
      { [of('leasehold_store_writable')]: '0x40', [of('leasehold_leader')]: '0x40' },
    ],
    labels: { ...HERE, job: 'leasehold' },
  },
  LeaseholdNotReady: {
    fires: { [of('leasehold_ready')]: '0x40' },
    quiet: [{ [of('leasehold_ready')]: '0x26 1x20' }, { [of('leasehold_ready')]: '1x26 0x20' }],
    labels: { ...HERE, job: 'leasehold' },
  },
  LeaseholdSlowLog: {
    fires: slower(APPEND, '0.25', 20),
    quiet: [slower(APPEND, '0.25', 5), slower(APPEND, '0.1', 0)],
    labels: HERE,
  },
  LeaseholdSlowSchedule: {
    fires: slower(SCHEDULE, '0.5', 20),
    quiet: [slower(SCHEDULE, '0.5', 5)],
    labels: HERE,
  },
  LeaseholdErrors: {
    fires: { [ERRORS]: '0x20 1+1x20' },
    quiet: [{ [ERRORS]: '7x40' }, { [ERRORS.replace('500', '503')]: '0+9x40' }],
    labels: HERE,
  },
  LeaseholdSheds: {
    fires: { [of('leasehold_http_shed_total', ',why="slow"')]: '0+120x40' },
    quiet: [{ [of('leasehold_http_shed_total', ',why="slow"')]: '0+30x40' }],
    labels: HERE,
  },
  LeaseholdEventLoopLag: {
    fires: { [of('nodejs_eventloop_lag_p99_seconds')]: '0.2x40' },
    quiet: [
      { [of('nodejs_eventloop_lag_p99_seconds')]: '0.05x40' },
      { 'nodejs_eventloop_lag_p99_seconds{job="another",instance="a:9464"}': '2x40' },
    ],
    labels: { ...HERE, job: 'leasehold' },
  },
  LeaseholdNodesLost: {
    fires: { [of('leasehold_nodes', ',status="lost"')]: '0x10 3x30' },
    quiet: [
      { [of('leasehold_nodes', ',status="lost"')]: '3x28 0x10', [of('leasehold_nodes', ',status="draining"')]: '2x40' },
    ],
    labels: { ...HERE, job: 'leasehold', status: 'lost' },
    value: 3,
  },
  LeaseholdStale: {
    fires: { [of('leasehold_state_age_seconds')]: '45x40', [of('leasehold_leader')]: '0x40' },
    quiet: [
      { [of('leasehold_state_age_seconds')]: '5x40', [of('leasehold_leader')]: '0x40' },
      { [of('leasehold_state_age_seconds')]: '45x40', [of('leasehold_leader')]: '1x40' },
    ],
    labels: { ...HERE, job: 'leasehold' },
    value: 45,
  },
  LeaseholdCertificateEnds: {
    fires: { [EXPIRY]: `${5 * DAY}x40` },
    quiet: [{ [EXPIRY]: `${60 * DAY}x40` }, { [of('leasehold_ready')]: '1x40' }],
    labels: { ...HERE, job: 'leasehold' },
  },
  LeaseholdGuessing: {
    fires: { [FAILED('wrong-secret')]: '0+90x40', [FAILED('unknown')]: '0+30x40' },
    quiet: [{ [FAILED('missing')]: '0+6000x40' }, { [FAILED('unknown')]: '0+10x40' }],
    labels: HERE,
  },
  LeaseholdTracesLost: {
    fires: { [SPANS('dropped')]: '0+5x40', [SPANS('exported')]: '0+900x40' },
    quiet: [{ [SPANS('exported')]: '0+900x40', [SPANS('failed')]: '512x40' }, { [SPANS('failed')]: '0x22 512x20' }],
    labels: HERE,
  },
  LeaseholdWebhooksFail: {
    fires: { [WEBHOOKS('failing')]: '0x5 2x40' },
    quiet: [{ [WEBHOOKS('active')]: '7x40', [WEBHOOKS('failing')]: '0x40' }, { [WEBHOOKS('failing')]: '0x16 2x20' }],
    labels: { ...HERE, job: 'leasehold', state: 'failing' },
    value: 2,
  },
};

const rules: Rule[] = parse(readFileSync(RULES, 'utf8')).groups.flatMap(({ rules: all }: { rules: Rule[] }) => all);

function promtool(args: readonly string[], input = ''): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8', timeout: 60_000 });
  return { status, said: `${stdout}${stderr}` };
}

/** What the alert says, with its blanks filled. */
function filled(text: string, { labels = {}, value = 0 }: Case): string {
  return text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '')
    .replaceAll('{{ $value }}', String(value));
}

function expectation(rule: Rule, one: Case) {
  const annotations = Object.entries(rule.annotations).map(([name, text]) => [name, filled(text, one)]);
  return { exp_labels: { ...rule.labels, ...one.labels }, exp_annotations: Object.fromEntries(annotations) };
}

function unitTest(measured: Measured, alert: string, exp_alerts: readonly object[]) {
  return {
    interval: '1m',
    input_series: Object.entries(measured).map(([series, values]) => ({ series, values })),
    alert_rule_test: [{ eval_time: '30m', alertname: alert, exp_alerts }],
  };
}

describe('the alert rules', () => {
  it('have a case each', () => {
    expect(Object.keys(CASES).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  describe('by promtool', needs('promtool'), () => {
    let directory: ReturnType<typeof temporaryDirectory>;
    beforeAll(() => {
      directory = temporaryDirectory();
    });
    afterAll(() => directory.remove());

    function judged(tests: readonly object[]): ReturnType<typeof promtool> {
      const file = join(directory.path, 'tests.yaml');
      writeFileSync(file, stringify({ rule_files: [RULES], tests }));
      return promtool(['test', 'rules', file]);
    }

    it('are rules', () => {
      expect(promtool(['check', 'rules', RULES])).toMatchObject({
        status: 0,
        said: expect.stringContaining('SUCCESS'),
      });
    });

    it.each(rules.map((rule) => [rule.alert, rule] as const))(
      '%s fires when it should, and only then',
      (alert, rule) => {
        const one = CASES[alert]!;
        const fires = unitTest(one.fires, alert, [expectation(rule, one)]);
        const { status, said } = judged([fires, ...one.quiet.map((measured) => unitTest(measured, alert, []))]);
        expect(status, said).toBe(0);
      },
    );

    it('that do not fire as they should are found', () => {
      const { fires, quiet } = CASES.LeaseholdDown!;
      expect(judged([unitTest(fires, 'LeaseholdDown', [])]).status).not.toBe(0);
      const expected = expectation(rules.find(({ alert }) => alert === 'LeaseholdDown')!, CASES.LeaseholdDown!);
      expect(judged([unitTest(quiet[0]!, 'LeaseholdDown', [expected])]).status).not.toBe(0);
    });
  });
});

describe('the metrics of a real service', needs('promtool'), () => {
  it('are as Prometheus wants them', async () => {
    const service = await Service.start();
    const { id } = await service.lease();
    await service.until(id, 'active');
    const { body } = await service.app.inject('/metrics');
    await service.stop();
    // What every Node program has is named by others.
    const ours = body.split('\n').filter((line) => /^(# \w+ )?leasehold_/.test(line));
    expect(ours.length).toBeGreaterThan(100);
    expect(promtool(['check', 'metrics'], `${ours.join('\n')}\n`)).toEqual({ status: 0, said: '' });
  });
});

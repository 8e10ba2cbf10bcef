#!/usr/bin/env node
// `npm run bench:live`: how long a turn of a service takes while very many leases wait, how long all reservations take to be
// planned anew when a node is lost, and how long the state of so many leases takes to be forked, written and read for a what-if. In this process, without HTTP
// and disk; `-- pass` runs one of them, `--note` keeps what was found in bench/live.json, for bench/draw.mjs.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './measure.mjs';
import { generator } from './synthetic.mjs';

const ENGINE = new URL('../dist/engine/index.js', import.meta.url);
const FILE = join(ROOT, 'bench/live.json');
const MINUTE = 60_000;
const { values: options, positionals } = parseArgs({
  options: { note: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (!existsSync(ENGINE)) {
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(2);
}
const { decodeState, emptyState, encodeState, forkState, POLICY_DEFAULT, takeTurn } = await import(ENGINE);

/** Name, target in ms, and what gives the times of some turns, in ms. */
const ROWS = [
  { name: 'pass, 1,000 nodes: one arrival', target: 5, times: () => arrivals(waiting(1_000, 100_000), 1_000) },
  { name: 'pass, 1,000 nodes: one lease ends', target: null, times: () => ends(waiting(1_000, 100_000), 200) },
  { name: 'pass, 10,000 nodes: one arrival', target: 50, times: () => arrivals(waiting(10_000, 100_000), 1_000) },
  { name: 'pass, 10,000 nodes: one lease ends', target: null, times: () => ends(waiting(10_000, 100_000), 200) },
  { name: 're-plan, counted nodes: one is lost', target: 1_000, times: () => losses({ exclusive: true }, 5) },
  { name: 're-plan, shared nodes: one is lost', target: 1_000, times: () => losses({ exclusive: false }, 1) },
  { name: 'what-if: 100,000 leases are forked', target: 50, times: () => forks(waiting(1_000, 100_000), 20) },
  { name: 'what-if: or written as text', target: null, times: () => written(waiting(1_000, 100_000), 5) },
  { name: 'what-if: and read by its process', target: null, times: () => restored(waiting(1_000, 100_000), 5) },
];

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`);
const found = [];
for (const { name, target, times } of ROWS) {
  if (positionals.length > 0 && !positionals.some((prefix) => name.startsWith(prefix))) continue;
  const all = times().sort((a, b) => a - b);
  const at = (share) => Number(all[Math.min(all.length - 1, Math.floor(all.length * share))].toFixed(2));
  const row = { name, turns: all.length, p50: at(0.5), p99: at(0.99), target };
  found.push(row);
  const aim = target === null ? '' : `  target ${target} ms${row.p99 > target ? '  OVER' : ''}`;
  console.log(`${name.padEnd(48)} p50 ${String(row.p50).padStart(9)} ms  p99 ${String(row.p99).padStart(9)} ms${aim}`);
}
if (options.note) {
  const machine = `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`;
  writeFileSync(
    FILE,
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, rows: found }, null, 2)}\n`,
  );
}

// ---- what is measured ----------------------------------------------------------------------------------------------

/** One lease more, in each turn. */
function arrivals(site, turns) {
  for (let i = 0; i < 100; i++) site.submit([site.draw()]); // to get warm
  return Array.from({ length: turns }, () => timed(() => site.submit([site.draw()])));
}

/** A lease that runs is over before its time, and others begin. */
function ends(site, turns) {
  for (let i = 0; i < 5; i++) site.endOne();
  return Array.from({ length: turns }, () => timed(() => site.endOne()));
}

/** Conservative backfilling: each lease that waits has its reservation, and a node is lost. */
function losses({ exclusive }, turns) {
  const [nodes, leases] = exclusive ? [1_000, 10_000] : [100, 1_000];
  const site = begun(nodes, { backfilling: { kind: 'conservative' } }, exclusive);
  site.fill();
  site.submit(Array.from({ length: leases }, () => site.draw()));
  return Array.from({ length: turns }, (_, i) =>
    timed(() => site.turn([{ type: 'NodeLost', at: site.now, node: i + 1 }], [])),
  );
}

function forks({ state }, turns) {
  return Array.from({ length: turns }, () => timed(() => forkState(state)));
}

function written({ state }, turns) {
  return Array.from({ length: turns }, () => timed(() => encodeState(state)));
}

function restored({ state }, turns) {
  const text = encodeState(state);
  return Array.from({ length: turns }, () => timed(() => decodeState(text)));
}

function timed(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

// ---- the site ------------------------------------------------------------------------------------------------------

/** So many leases wait behind those that fill the nodes. */
function waiting(nodes, leases) {
  const site = begun(nodes, {}, false);
  site.fill();
  site.submit(Array.from({ length: leases }, () => site.draw()));
  return site;
}

/** Nodes of 64 cpu and 256 GiB. */
function begun(nodes, policy, exclusive) {
  const random = generator(5);
  const between = (least, most) => least + Math.floor(random() * (most - least + 1));
  const state = emptyState();
  const running = [];
  let number = 0;
  const site = {
    state,
    now: 0,
    /** One of 1 to 16 VMs of 2 to 32 cpu and 4 to 128 GiB, for 10 minutes to a day. */
    draw() {
      const demand = exclusive ? [1_000, 1_024] : [1_000 * 2 ** between(1, 5), 1_024 * 2 ** between(2, 7)];
      return { vms: between(1, 16), demand, minutes: between(10, 1_440) };
    },
    submit(asked) {
      const commands = asked.map(({ vms, demand, minutes }) => ({
        type: 'SubmitLease',
        lease: `L${++number}`,
        key: null,
        terms: {
          groups: [{ name: null, vms, demand, image: null }],
          duration: minutes * MINUTE,
          start: { kind: 'best-effort', before: null },
          preemptible: true,
          where: null,
          name: null,
          user: null,
          project: null,
          labels: {},
        },
      }));
      return site.turn([], commands);
    },
    /** A turn a second; VMs that are to start have started by the next one. */
    turn(observations, commands) {
      site.now += 1_000;
      const seen = [
        ...observations,
        ...site.started.map(({ order, lease }) => ({ type: 'VmsStarted', at: site.now, lease, order, vms: null })),
      ];
      const { turn } = takeTurn(state, { observations: seen, commands }, site.now);
      site.started = (turn?.decisions ?? []).filter(({ type }) => type === 'StartOrdered');
      for (const { lease } of site.started) running.push(lease);
      return turn;
    },
    started: [],
    /** Leases until no more begin. */
    fill() {
      while (state.queue.length < 20) site.submit(Array.from({ length: 50 }, () => site.draw()));
    },
    endOne() {
      const lease = running.shift();
      return site.turn([{ type: 'LeaseEnded', at: site.now + 1_000, lease, order: state.leases.get(lease).run }], []);
    },
  };
  const commands = [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, suspension: 'none', ...policy } },
    {
      type: 'DeclareSite',
      resources: [
        { name: 'cpu', kind: 'amount' },
        { name: 'memory', kind: 'amount' },
      ],
    },
    {
      type: 'AddNodes',
      nodes: {
        count: nodes,
        capacity: exclusive ? [1_000, 1_024] : [64_000, 262_144],
        exclusive,
        labels: {},
        names: null,
        units: {},
      },
    },
  ];
  takeTurn(state, { observations: [], commands }, 0);
  return site;
}

import { describe, expect, test } from 'vitest';
import { CodecError, decodeTurn, EVENT_TYPES, encodeTurn, takeTurn, type Turn } from '../../engine/index.js';
import { begun, nodes } from '../support/play.js';
import { approvalScenario } from '../swarm/approvals.js';
import { maintenanceScenario } from '../swarm/maintenance.js';
import { moveScenario } from '../swarm/moves.js';
import { nodeScenario } from '../swarm/nodes.js';
import { resizeScenario } from '../swarm/resizes.js';
import { swarm } from '../swarm/swarm.js';
import { verbScenario } from '../swarm/verbs.js';
import { scenario } from '../swarm/workload.js';

const EMPTY: Turn = { number: 1, now: 0, inputs: [], decisions: [] };

function faultOf(text: string): string {
  try {
    decodeTurn(text);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    return (error as Error).message;
  }
  throw new Error('it was decoded');
}

describe('turns as text', () => {
  test('every kind of event is encoded, decoded, and met in the swarm', { timeout: 300_000 }, async () => {
    const missing = new Set<string>(EVENT_TYPES);
    const look = (turns: readonly Turn[]) => {
      for (const turn of turns) {
        expect(decodeTurn(encodeTurn(turn))).toEqual(turn);
        for (const event of [...turn.inputs, ...turn.decisions]) missing.delete(event.type);
      }
    };
    // Simulated nodes are lost, and never only silent.
    const state = begun([nodes(1)], [], {});
    const silent = { observations: [{ type: 'NodeUnreachable', at: 1, node: 1 }], commands: [] } as const;
    const givenUp = { observations: [], commands: [{ type: 'GiveUpNode', node: 1 }] } as const;
    look([silent, givenUp].map((inbox, i) => takeTurn(state, inbox, i + 1).turn!));
    // What only owners and operators ask for is in scenarios of its own.
    for (let seed = 1; seed <= 6; seed++)
      for (const plan of [
        verbScenario,
        nodeScenario,
        maintenanceScenario,
        ...(seed > 3 ? [] : [moveScenario]),
        ...(seed > 3 && !missing.has('LeaseResizeSettled') ? [] : [resizeScenario]),
        ...(seed > 3 ? [] : [approvalScenario]),
      ])
        look((await swarm(seed, true, plan(seed))).turns);
    look((await swarm(1, true, scenario(1), 5 * 3_600_000)).turns); // planned hours too late at times
    for (let seed = 1; seed <= 60 || (seed <= 400 && missing.size > 0); seed++) look((await swarm(seed)).turns);
    expect([...missing]).toEqual([]);
  });

  test('what is wrong is named by its place', () => {
    const text = (change: object) => JSON.stringify({ ...EMPTY, ...change });
    expect(faultOf('{')).toMatch(/^not JSON/);
    expect(faultOf('[]')).toBe('turn must be an object, not a list');
    expect(faultOf('{"number":1}')).toBe('turn.now is missing');
    expect(faultOf(text({ number: 1.5 }))).toBe('turn.number must be a whole number below 2^53, not 1.5');
    expect(faultOf(text({ number: 2 ** 53 }))).toMatch('turn.number must be a whole number');
    expect(faultOf(text({ more: 1 }))).toBe('turn.more is not known');
    expect(faultOf(text({ inputs: [{ type: 'Invented' }] }))).toMatch(/^turn\.inputs\.type must be EpochClaimed or/);
    const claimed = { type: 'EpochClaimed', epoch: 1, by: 'a:1', url: 'http://a' };
    expect(decodeTurn(text({ inputs: [claimed] })).inputs).toEqual([claimed]);
    expect(faultOf(text({ inputs: [{ type: 'EpochClaimed', epoch: 1, by: 2 }] }))).toMatch(/EpochClaimed\.by must be/);
    expect(faultOf(text({ inputs: [{ type: 'EpochClaimed', epoch: '1' }] }))).toBe(
      'turn.inputs.EpochClaimed.epoch must be a whole number below 2^53, not "1"',
    );
    expect(faultOf(text({ decisions: [{ type: 'UntilMoved', lease: 'a', until: null }] }))).toMatch(/until must be/);
  });

  test('depth and size do no harm', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(faultOf(`{"number":1,"now":0,"inputs":${deep},"decisions":[]}`)).toMatch(/must be an object, not a list/);
    expect(faultOf(`{"number":${deep},"now":0,"inputs":[],"decisions":[]}`)).toMatch(/must be a whole number/);
  });

  test('members named like those of every object are not mistaken for known ones', () => {
    expect(faultOf('{"__proto__":1,"number":1,"now":0,"inputs":[],"decisions":[]}')).toMatch(/is not known/);
    expect(faultOf('{"number":1,"now":0,"inputs":[{"type":"constructor"}],"decisions":[]}')).toMatch(/type must be/);
  });
});

/** A term: what stands between a leader and the machines, with a store that answers as the test wants it to. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { Term } from '../../api/term.js';
import type { Beats, Head, Order } from '../../engine/index.js';
import { startOrder } from '../contracts/cluster/orders.js';
import { eventually } from '../support/eventually.js';

interface Life {
  readonly term: Term;
  readonly enacted: Order[];
  readonly told: string[];
  readonly beats: string[];
}

/** `answer`: what the store says to the next sign of life. */
function begin(answer: () => Promise<Head>): Life {
  const [enacted, told, beats]: [Order[], string[], string[]] = [[], [], []];
  const store: Beats = {
    beat: (text) => {
      beats.push(text);
      return answer();
    },
    last: () => answer().then((head) => ({ text: null, head })),
  };
  const term = new Term({
    machines: {
      enact: (order) => enacted.push(order),
      survey: async () => [],
      lead: async (epoch) => {
        told.push(`machines led by ${epoch}`);
        return [];
      },
    },
    beats: store,
    url: 'http://a.example',
    onFound: () => {},
    onCertain: (certain) => told.push(certain ? 'certain' : 'uncertain'),
    onLost: () => told.push('lost'),
  });
  onTestFinished(() => term.end(false));
  return { term, enacted, told, beats };
}

const ORDER = startOrder('1.0', 'A', [1, 1]);
const is = (epoch: number) => async (): Promise<Head> => ({ revision: 9, epoch });

describe('orders', () => {
  it('wait until the claim is in the log, the machines know it, and the store has taken a sign of life', async () => {
    const { term, enacted, told } = begin(is(4));
    term.cluster.enact(ORDER);
    expect(enacted).toEqual([]);
    term.begin(4);
    await eventually(() => enacted).toEqual([{ ...ORDER, epoch: 4 }]);
    expect(told).toContain('machines led by 4');
  });

  it('wait while the store does not answer, and pass when it does', async () => {
    let answers = false;
    const { term, enacted, told } = begin(async () => {
      if (!answers) throw new Error('away');
      return { revision: 9, epoch: 4 };
    });
    term.begin(4);
    term.cluster.enact(ORDER);
    await eventually(() => told).toContain('uncertain');
    expect(enacted).toEqual([]);
    answers = true;
    await eventually(() => told).toContain('certain');
    expect(enacted).toHaveLength(1);
  });

  it('are not the only ones to wait: clients are told soon that the store does not answer', async () => {
    let answer = (_head: Head): void => {};
    const { term, told } = begin(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    term.begin(4);
    await eventually(() => told).toContain('uncertain');
    answer({ revision: 9, epoch: 4 });
    await eventually(() => told.at(-1)).toBe('certain');
    const ending = term.end(false);
    answer({ revision: 9, epoch: 4 });
    await ending;
  });

  it('are dropped when another leads', async () => {
    const { term, enacted, told } = begin(is(5));
    term.begin(4);
    term.cluster.enact(ORDER);
    await eventually(() => told).toContain('lost');
    term.cluster.enact(startOrder('2.0', 'B', [2, 2]));
    expect(enacted).toEqual([]);
  });

  it('are dropped when the machines have seen a later epoch', async () => {
    const { term, enacted, told } = begin(is(4));
    term.begin(4);
    await eventually(() => told).toContain('certain');
    term.superseded(4); // our own
    expect(told).not.toContain('lost');
    term.superseded(6);
    term.cluster.enact(ORDER);
    expect(told).toContain('lost');
    expect(enacted).toEqual([]);
  });
});

describe('the last sign of life', () => {
  it('says that the leader has left, where it ended as it was told to', async () => {
    const { term, told, beats } = begin(is(4));
    term.begin(4);
    await eventually(() => told).toContain('certain');
    await term.end(true);
    expect(JSON.parse(beats.at(-1)!)).toMatchObject({ epoch: 4, left: true, url: 'http://a.example' });
  });

  it('is not changed by one that was superseded', async () => {
    const { term, told, beats } = begin(is(5));
    term.begin(4);
    await eventually(() => told).toContain('lost');
    await term.end(true);
    expect(JSON.parse(beats.at(-1)!)).toMatchObject({ left: false });
  });
});

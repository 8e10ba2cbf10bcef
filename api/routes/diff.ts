/** What has changed between two instants. Read from the past: both of them are there. */

import type { RouteDeps, Server } from '../deps.js';
import { leaseChanges, nodeChanges, policyChange } from '../diff.js';
import type { FollowerView } from '../follower.js';
import { formatInstant } from '../formats.js';
import { answerList, type List } from '../lists.js';
import { LIST_FORMATS, listAnswers } from '../openapi.js';
import type { Personal } from '../personal.js';
import { Change, type ChangeView, Diff, DiffQuery } from '../schemas/diff.js';

export function diffRoutes(app: Server, deps: RouteDeps): void {
  const { follower, personal } = deps;
  const schema = {
    operationId: 'readDiff',
    tags: ['log'],
    summary: 'What has changed between two instants',
    description: `Leases that came, changed or ended, nodes, and the policy, with the members that differ. ${LIST_FORMATS}`,
    querystring: DiffQuery,
    response: listAnswers(['A page of changes.', Diff]),
  };
  app.get('/diff', { schema, config: { ends: true } }, async (request, reply) => {
    // The hook that leads to the past has found both turns: this is the later one.
    const after = { ...known(follower) };
    const before = await deps.earlier!(Number(request.query.from));
    const ends = [before, after].map(({ state }) => ({ turn: state.turn, at: formatInstant(state.now) }));
    return answerList(changeList(before, after, personal), request, reply, deps, (items, nextPageToken) => ({
      from: ends[0],
      to: ends[1],
      items,
      nextPageToken,
    }));
  });
}

/** As it is now: a list is read on when the request is no longer under way. */
function known({ records, recent, proof, nodeClasses, policies, state, head, later }: FollowerView): FollowerView {
  return { records, recent, proof, nodeClasses, policies, state, head, record: (id) => records.get(id), later };
}

interface Placed {
  readonly change: ChangeView;
  /** What kind of thing it is, in the order of the list, and its number. */
  readonly place: readonly [kind: number, number: number];
}

const [POLICY, NODE, LEASE] = [0, 1, 2];

/** The cursor: the turn before, and the place of the last one. */
function changeList(before: FollowerView, after: FollowerView, personal: Personal): List<Placed> {
  return {
    item: Change,
    cursorLength: 3,
    cursorOf: ({ place }) => [before.head, ...place],
    view: ({ change }) => change,
    async page(cursor, count) {
      const [, kind = POLICY - 1, number = 0] = cursor ?? [];
      const found: Placed[] = [];
      if (kind < POLICY) for (const change of policyChange(before, after)) found.push({ change, place: [POLICY, 0] });
      if (kind <= NODE) {
        const nodes = nodeChanges(before, after, kind === NODE ? number + 1 : 1, count - found.length);
        for (const change of nodes) found.push({ change, place: [NODE, Number(change.id)] });
      }
      for (let from = kind === LEASE ? number + 1 : 1; found.length < count; ) {
        const { changes, next } = leaseChanges(before, after, from, count - found.length, personal);
        for (const { change, sequence } of changes) found.push({ change, place: [LEASE, sequence] });
        if (next === null) break;
        from = next;
      }
      return found;
    },
  };
}

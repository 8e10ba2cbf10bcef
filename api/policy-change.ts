/** Changes of the policy in force, one after another: each begins with what the one before has left. */

import type { Policy } from '../engine/index.js';
import type { RouteDeps } from './deps.js';
import { Problem } from './problems.js';
import { problemOfRejection } from './rejections.js';

/** Others who adopt a policy at the same time come first so often. */
const TRIES_MAX = 5;

/** The last change that is under way, by whose policy it is. */
const underWay = new WeakMap<object, Promise<unknown>>();

/**
 * Adopts what `change` makes of the policy; what it leaves as it is, is not logged. Throws a Problem at `pointer` where the
 * scheduler does not take it.
 */
export async function changePolicy(
  { follower, submit }: Pick<RouteDeps, 'follower' | 'submit'>,
  pointer: string,
  change: (policy: Policy) => Policy,
): Promise<void> {
  const before = underWay.get(follower) ?? Promise.resolve();
  const done = before.then(async () => {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const { policy: over } = follower.state;
      const policy = change(over);
      if (policy === over) return;
      const { decided } = await submit({ type: 'AdoptPolicy', policy, over });
      if (decided.ok) return;
      const { code, detail } = decided.rejection;
      if (code === 'policy-invalid') throw new Problem('request-invalid', detail, [{ pointer, detail }]);
      if (code !== 'policy-changed') throw problemOfRejection(decided.rejection);
    }
    throw new Problem('busy', 'others change the policy at the same time; try again');
  });
  // The next one waits for it, however it ends.
  const settled = done.catch(() => {});
  underWay.set(follower, settled);
  await done;
}

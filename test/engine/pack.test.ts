import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Group, LeaseSet, type Pool, Profile } from '../../engine/index.js';
import { pack, type Room } from '../../engine/schedule/pack.js';

const demand = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 }));
const cases = fc.record({
  groups: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), demand), { minLength: 1, maxLength: 3 }),
  free: fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.boolean()), {
    minLength: 1,
    maxLength: 3,
  }),
});

function roomOf([cpu, memory, exclusive]: [number, number, boolean], index: number): Room {
  const capacity = [6, 6];
  const free = exclusive && (cpu < 6 || memory < 6) ? [0, 0] : [cpu, memory];
  const pool: Pool = {
    index,
    counted: false,
    exclusive,
    capacity,
    leasable: capacity,
    labels: {},
    units: {},
    nodes: [index + 1, index + 1],
    open: [],
    profile: new Profile(capacity),
    holders: new LeaseSet(),
  };
  return { pool, free };
}

/** The slow twin: every VM in every room. */
function possible(vms: readonly (readonly number[])[], rooms: readonly Room[]): boolean {
  if (vms.length === 0) return true;
  const [vm, ...rest] = vms;
  return rooms.some(({ pool, free }, r) => {
    const used = pool.exclusive ? pool.capacity : vm!;
    if (used.some((amount, i) => amount > free[i]!)) return false;
    const left = rooms.map((room, i) => (i === r ? { pool, free: free.map((amount, k) => amount - used[k]!) } : room));
    return possible(rest, left);
  });
}

test('VMs are packed where they can be, and never where they cannot', () => {
  fc.assert(
    fc.property(cases, ({ groups: given, free }) => {
      const groups: Group[] = given.map(([vms, need]) => ({ name: null, vms, demand: need, image: null }));
      const rooms = free.map(roomOf);
      const counts = pack(groups, rooms);
      const vms = groups.flatMap((group) => Array.from({ length: group.vms }, () => group.demand));
      expect(counts !== null).toBe(possible(vms, rooms));
      if (counts === null) return;
      // What it says fits.
      const left = rooms.map((room) => [...room.free]);
      let vm = 0;
      for (let i = 0; i < counts.length; i += 2)
        for (let k = 0; k < counts[i + 1]!; k++, vm++) {
          const room = rooms[counts[i]!]!;
          const used = room.pool.exclusive ? room.pool.capacity : vms[vm]!;
          used.forEach((amount, r) => {
            left[counts[i]!]![r]! -= amount;
            expect(left[counts[i]!]![r]).toBeGreaterThanOrEqual(0);
          });
        }
      expect(vm).toBe(vms.length);
    }),
    { numRuns: 2000 },
  );
});

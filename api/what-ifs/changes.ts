/** From what a client would have otherwise to the commands of that. Throws a Problem that names what is at fault. */

import type { Command, NodeClass, ResourceType, StateView } from '../../engine/index.js';
import type { Notes } from '../access/tokens.js';
import { InputError } from '../../simulations/input-error.js';
import { patchedPolicy } from '../../simulations/policy-patch.js';
import { parseNodes } from '../../simulations/site-options.js';
import { termsOf } from '../lease-request.js';
import { type Fault, Problem } from '../problems.js';
import type { WhatIfRequest } from '../schemas/what-if.js';

export function commandsOf(
  request: WhatIfRequest,
  { policy: over, resources }: Pick<StateView, 'policy' | 'resources'>,
  classes: readonly NodeClass[],
  now: number,
  notes: Notes,
): Command[] {
  const { policy, nodes = {}, leases = {} } = request;
  const commands: Command[] = [];
  if (policy !== undefined) {
    const patched = patchedPolicy(over, policy as Readonly<Record<string, unknown>>, resources);
    if ('faults' in patched)
      throw wrong(patched.faults.map((fault) => ({ ...fault, pointer: `/policy${fault.pointer}` })));
    commands.push({ type: 'AdoptPolicy', policy: patched.policy });
  }
  for (const [i, text] of (nodes.add ?? []).entries())
    commands.push({ type: 'AddNodes', nodes: classOf(text, resources, `/nodes/add/${i}`) });
  for (const node of nodes.drain ?? []) commands.push({ type: 'DrainNode', node });
  for (const node of nodes.remove ?? []) commands.push({ type: 'RemoveNode', node });
  for (const lease of leases.remove ?? []) commands.push({ type: 'CancelLease', lease });
  for (const [i, body] of (leases.add ?? []).entries()) {
    if (body.repeat !== undefined || body.commit !== undefined)
      throw wrong([{ pointer: `/leases/add/${i}`, detail: 'takes neither repeat nor commit' }]);
    const owner = { user: body.user ?? null, project: body.project ?? null };
    const terms = termsOf(body, owner, resources, classes, now, notes);
    commands.push({ type: 'SubmitLease', lease: `what-if-${i + 1}`, terms, key: null });
  }
  return commands;
}

/** `8x cpu=8,memory=32GiB`, in the resources that the site has. */
function classOf(text: string, resources: readonly ResourceType[], pointer: string): Omit<NodeClass, 'first'> {
  try {
    const { resources: named, classes } = parseNodes([text]);
    const [first, ...others] = classes;
    if (first === undefined || others.length > 0) throw wrong([{ pointer, detail: 'is to be one class of nodes' }]);
    const unknown = named.find(({ name }) => !resources.some((one) => one.name === name));
    if (unknown !== undefined)
      throw wrong([{ pointer, detail: `names ${unknown.name}, which the site does not have` }]);
    const { first: _, ...nodes } = first;
    const amount = ({ name }: ResourceType) => nodes.capacity[named.findIndex((one) => one.name === name)] ?? 0;
    return { ...nodes, capacity: resources.map(amount) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw wrong([{ pointer, detail: error.message }]);
  }
}

function wrong(faults: readonly Fault[]): Problem {
  const [first] = faults;
  return new Problem('request-invalid', `${first!.pointer} ${first!.detail}`, faults);
}

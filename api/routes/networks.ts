/** Networks: registered, listed, removed. */

import type { LeaseId } from '../../engine/index.js';
import { keepNote } from '../access/keep.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstant } from '../formats.js';
import { Faults } from '../lease-request.js';
import { answerList, numberedList } from '../lists.js';
import { roomOn } from '../networks/assigning.js';
import {
  addressNotes,
  keyOfNetwork,
  networkNames,
  networkNote,
  OWN_PREFIX,
  subnetOf,
  writtenNetwork,
} from '../networks/network-notes.js';
import { noteOf } from '../networks/network-request.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem, quoted } from '../problems.js';
import { ListQuery } from '../schemas/cluster.js';
import {
  Network as NetworkShape,
  NetworkPage,
  NetworkParams,
  NetworkRequest,
  type NetworkView,
} from '../schemas/network.js';

const tags = ['cluster'];
const NETWORKS_MAX = 64;

export function networkRoutes(app: Server, deps: RouteDeps): void {
  addRoute(app, deps);
  listRoute(app, deps);
  readRoute(app, deps);
  removeRoute(app, deps);
}

function addRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'addNetwork',
    tags,
    summary: 'Register a network',
    description:
      'Hosts make it when the first VM needs it. It stays as it is: to change it, remove it and register it again.',
    body: NetworkRequest,
    response: answers(
      { 201: ['The network.', named('Network')] },
      ...BODY_PROBLEMS,
      'network-exists',
      'network-limit',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/networks', { schema }, async ({ body, caller }, reply) => {
    const { notes } = deps.follower.state;
    const faults = new Faults();
    const { name } = body;
    const note = noteOf(body, notes, { created: Date.now(), by: caller.subject }, faults);
    faults.throwIfAny();
    if (networkNames(notes).length >= NETWORKS_MAX)
      throw new Problem('network-limit', `there are ${NETWORKS_MAX} networks already; remove one of them`);
    if (!(await keepNote(deps, { key: keyOfNetwork(name), value: writtenNetwork(note), expected: null })))
      throw new Problem('network-exists', `there is a network ${name} already`);
    reply.code(201).header('location', `/v1/networks/${name}`);
    return viewOf(deps, name);
  });
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listNetworks',
    tags,
    summary: 'List networks, by name',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of networks.', NetworkPage]),
  };
  app.get('/networks', { schema }, (request, reply) => {
    const uses = usesOf(deps);
    const view = (name: string): NetworkView => viewOf(deps, name, uses);
    return answerList(numberedList(NetworkShape, networkNames(deps.follower.state.notes), view), request, reply, deps);
  });
}

function readRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'readNetwork',
    tags,
    summary: 'Read a network',
    params: NetworkParams,
    response: answers({ 200: ['The network.', named('Network')] }, 'network-unknown'),
  };
  app.get('/networks/:name', { schema }, async ({ params }) => viewOf(deps, params.name));
}

function removeRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'removeNetwork',
    tags,
    summary: 'Remove a network that no lease is on',
    description: 'Hosts that have made it remove it.',
    params: NetworkParams,
    response: answers(
      { 200: ['The network as it was.', named('Network')] },
      'network-unknown',
      'network-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.delete('/networks/:name', { schema }, async ({ params: { name } }) => {
    const view = viewOf(deps, name);
    if (view.leases > 0)
      throw new Problem('network-in-use', `${view.leases} leases that are not over are on the network`);
    await keepNote(deps, { key: keyOfNetwork(name), value: null });
    return view;
  });
}

interface Use {
  readonly leases: Set<LeaseId>;
  /** Subnets, or addresses. */
  used: number;
}

/** By network. O(leases + notes). */
function usesOf({ follower: { state }, personal }: RouteDeps): Map<string, Use> {
  const uses = new Map<string, Use>();
  const useOf = (name: string): Use => {
    const use = uses.get(name) ?? { leases: new Set(), used: 0 };
    uses.set(name, use);
    return use;
  };
  for (const { id, terms, outcome } of state.leases.values()) {
    const wishes = outcome === null ? personal.machine(terms) : null;
    if (wishes !== null && wishes !== 'erased' && wishes.network !== null) useOf(wishes.network).leases.add(id);
  }
  for (const [lease, { network, subnet, hosts }] of addressNotes(state.notes)) {
    const use = useOf(network);
    use.leases.add(lease);
    use.used += subnet === undefined ? hosts.length : 1;
  }
  return uses;
}

function viewOf(deps: RouteDeps, name: string, uses = usesOf(deps)): NetworkView {
  const note = networkNote(deps.follower.state.notes, name);
  if (note === null) throw new Problem('network-unknown', `there is no network ${quoted(name)}`);
  const { created, nameservers, ...others } = note;
  const use = uses.get(name);
  const subnet = subnetOf(note);
  const room = subnet === null ? null : note.kind === 'own' ? 2 ** (OWN_PREFIX - subnet.prefix) : roomOn(note);
  const counts = { room, used: use?.used ?? 0, leases: use?.leases.size ?? 0 };
  return { name, ...others, nameservers: [...nameservers], ...counts, created: formatInstant(created) };
}

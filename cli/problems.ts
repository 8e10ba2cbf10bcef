/** From what the service answers when it says no to what the user is told: what is wrong, the next step, an exit code. */

import { CliError, EXIT } from './errors.js';

/** The members of a problem document that matter here. */
export interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly alternatives?: readonly { readonly start?: { readonly at?: string } }[];
  readonly reasons?: readonly { readonly code: string }[];
  readonly lease?: { readonly id: string };
  readonly leader?: string | null;
}

/** `credential`: where the token came from that was sent. */
export async function problemError(response: Response, credential: string): Promise<CliError> {
  const problem = await problemOf(response);
  const detail = problem.detail ?? `the service answered ${response.status}`;
  const more = (problem.errors ?? []).slice(1).map(({ pointer, detail: fault }) => `; ${pointer} ${fault}`);
  const kept =
    problem.code === 'lease-infeasible' && problem.lease !== undefined ? ` (kept as ${problem.lease.id})` : '';
  const message = `${detail}${more.join('')}${kept} [${problem.code ?? response.status}]`;
  const hint = hintFor(problem, response.status);
  const told = response.status === 401 ? `${credential} ${hint}` : hint;
  return new CliError(message, told, exitFor(response.status, problem));
}

/** Empty where the answer is no problem document. */
export async function problemOf(response: Response): Promise<ProblemBody> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** The next step. */
function hintFor(problem: ProblemBody, status: number): string {
  if (problem.reasons?.some(({ code }) => code === 'never-fits'))
    return 'Ask for less: no other time would help. `leasehold node list` tells what there is.';
  const at = problem.alternatives?.find(({ start }) => start?.at !== undefined)?.start?.at;
  if (at !== undefined) return `There would be room at ${at}: try --at ${at}`;
  return HINTS[problem.code ?? ''] ?? BY_STATUS[status] ?? 'Ask `leasehold --help` what there is.';
}

const HINTS: Readonly<Record<string, string>> = {
  'token-required': 'Name the token with --token-file or LEASEHOLD_TOKEN; the service keeps it in its data directory.',
  'lease-infeasible': 'Ask for less, for another time, or without --at and --now: then it waits until there is room.',
  'quote-stale': 'Ask for a fresh quote with `leasehold quote`.',
  'webhook-unknown': 'List webhooks with `leasehold webhook list`.',
  'webhook-limit': 'Delete one with `leasehold webhook delete`.',
  'webhook-state': 'Give it another secret with `leasehold webhook rotate`.',
  'what-if-unknown': 'Ask for it again with `leasehold whatif`.',
  'change-infeasible': 'Ask for less, or look with `leasehold why` at what is in the way.',
  'lease-over':
    'It is over and stays readable: `leasehold show`, `leasehold why`. Ask for a new one with `leasehold submit`.',
  'lease-state': 'See with `leasehold show` what state it is in.',
  'lease-unknown': 'Leases go by their ids: `leasehold ls` lists them, `leasehold ls --name NAME` finds one.',
  'host-unreachable': 'Try it where the service runs, as its user, until it says no more: virsh -c URI list',
  'node-state': 'See with `leasehold node list` what state it is in.',
  'node-unknown': 'List nodes with `leasehold node list`.',
  'route-unknown': 'Does --url name a Leasehold service, and of this version?',
  'key-reused': 'Leave --idempotency-key out, or give one of your own for each new request.',
  'query-invalid': 'See what the command takes with --help.',
  'rate-limited': 'Try again in a moment, with fewer requests at once, or with a token that is valid.',
  'start-in-past': 'Give a later time, such as --at +1h; or leave --at out to begin when possible.',
  'image-exists': 'See what there is with `leasehold image list`.',
  'image-in-use': 'See whose they are with `leasehold ls`; cancel them, or wait for their end.',
  'image-limit': 'Remove one with `leasehold image remove`.',
  'image-not-ready': 'Look at it with `leasehold image show`, and ask again when it is ready.',
  'image-state': 'Look at it with `leasehold image show`.',
  'network-exists': 'See what there is with `leasehold network list`.',
  'network-in-use': 'See whose they are with `leasehold ls`; cancel them, or wait for their end.',
  'network-limit': 'Remove one with `leasehold network remove`.',
  stale: 'Look at it again with `leasehold show`, then repeat the command.',
  internal: "The service's log says more; please report it.",
  'not-ready': 'It is starting or stopping: try again in a moment.',
  'not-leader': 'Nobody leads just now: try again in a moment.',
  'store-unavailable': 'It was not carried out; see to the disk or the database of the service, then ask again.',
  'outcome-unknown': 'Look with `leasehold ls` whether it was carried out, before you ask again.',
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'Is the command line of the same version as the service? `leasehold --version`',
  401: HINTS['token-required']!,
  403: 'Your token may not do that: ask whoever runs the service for one that may.',
  404: 'List what there is with `leasehold ls` and `leasehold node list`.',
  409: 'Look at it again with `leasehold show`.',
  412: HINTS.stale!,
  413: 'Send less at once.',
  422: 'See what the command takes with --help.',
  429: HINTS['rate-limited']!,
  503: 'It has too much to do: try again in a moment.',
};

function exitFor(status: number, { code }: ProblemBody): number {
  if (code === 'lease-infeasible' || code === 'change-infeasible') return EXIT.refused;
  if (code === 'key-reused') return EXIT.conflict;
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return EXIT.usage;
    case 401:
    case 403:
      return EXIT.notAuthorised;
    case 404:
      return EXIT.notFound;
    case 409:
    case 412:
      return EXIT.conflict;
    case 503:
      return EXIT.unreachable;
    default:
      return EXIT.failure;
  }
}

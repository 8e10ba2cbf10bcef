/**
 * The one table of settings of `leasehold serve`. Its flags, its variables, its file and the schema of that, what
 * `leasehold config` shows and the type of the options all follow from it. Imports next to nothing: every command reads it.
 */

import { kebab } from '../../simulations/kebab.js';
import { ROLES } from '../access/caller.js';
import { choice, decimal, type Kind, list, optional, path, text, whole, yesOrNo } from './kinds.js';

export interface Setting<T> extends Kind<T> {
  /** What it means; begins with a small letter. */
  readonly about: string;
  readonly default: T;
  /** The default in words, where the value does not tell. */
  readonly unset?: string;
  /** May hold a password: it is shown without. */
  readonly secret?: true;
  /** Variables by which other programs know it, too; ours wins, then the first. */
  readonly standard?: readonly string[];
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const IN_DATA_DIR = 'in the data directory';
const ONE_LINE = /^[^\u0000-\u001f\u007f]+$/;
/** `10.0.0.0/8`, `::1`; whether it is one is looked at when it is used. */
const RANGE = /^[0-9a-fA-F:.]{2,45}(\/\d{1,3})?$/;
/** In place of an address of a cluster: hosts that the nodes' labels name. */
export const LIBVIRT = 'libvirt';
/** Of this machine only: what is sent there is neither encrypted nor asks for a password. */
const CLUSTER =
  /^(libvirt|unix:\/[^\u0000-\u001f\u007f]+|tcp:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5})$/;
const HOST_DIRECTORY = /^(?!.*\/\.\.?(\/|$))(\/[A-Za-z0-9._-]{1,64}){1,8}$/;
/** No shell reads it: words are parted by single blanks, and nothing else in it means anything. */
const FENCE_COMMAND = /^\/\S+( \S+)*$/;
const ACCELS = ['auto', 'kvm', 'tcg'] as const;
const DEAF = ['destroy', 'keep'] as const;
/** `127.0.0.1:9464`, `[::1]:9464` */
const HOST_AND_PORT = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):\d{1,5}$/;

const ROLE_OF = new RegExp(`^[^=]+=(${ROLES.join('|')})$`);

export const SETTINGS = {
  host: setting(
    text('address', 'an address or a name', /^[A-Za-z0-9.:-]{1,253}$/, 253),
    'address to listen on; any but this machine alone needs TLS, or a proxy that has it',
    '127.0.0.1',
  ),
  port: setting(whole(0, 65_535), 'port to listen on; 0: any that is free', 8080),
  socket: unset(path('path'), 'socket in the file system to listen on, in place of host and port', 'none'),
  tlsCert: unset(path('file'), 'certificate to listen with, and those between it and its root (PEM)', 'no TLS'),
  tlsKey: unset(path('file'), 'the key of the certificate (PEM); not readable by everybody', 'no TLS'),
  behindProxy: setting(
    list(text('range', 'an address or a range such as 10.0.0.0/8', RANGE, 49), ',', 16),
    'addresses of proxies in front that add TLS; what they say of clients is believed',
    [],
    'none',
  ),
  dataDir: setting(path('dir'), 'where the log and the admin token are kept', '.leasehold'),
  store: {
    ...unset(
      text('url', 'postgresql://…, esdb://… or kurrentdb://…', ONE_LINE, 4096),
      'where the log is: postgresql://…, esdb://…',
      IN_DATA_DIR,
    ),
    secret: true,
  },
  storeFile: unset(path('file'), 'a file that holds the URL of --store, readable by its owner only', 'none'),
  personalKeys: unset(
    path('dir'),
    'encrypt names and labels of leases, and what is said of their VMs, in the log, with a key for each project',
    'they are not encrypted',
  ),
  anchor: unset(path('file'), 'where the log is anchored, best on another disk', IN_DATA_DIR),
  checkpoints: unset(path('file'), 'where signed checkpoints are written, best on another disk', IN_DATA_DIR),
  checkpointKey: unset(path('file'), 'the key that signs them', `${IN_DATA_DIR}; made at the first start`),
  checkpointTurns: setting(whole(1, 1_000_000), 'a checkpoint after so many turns', 1024),
  checkpointSeconds: setting(whole(1, 86_400), 'and after so long, if there are new turns', 60),
  nodes: setting(
    list(text('classes', 'classes of nodes such as 8x cpu=8,memory=32GiB', ONE_LINE, 4096), ';', 1000),
    'nodes of a new log, such as "8x cpu=8,memory=32GiB"',
    [],
    '8x cpu=8,memory=32GiB,disk=500GiB; with --cluster libvirt none',
  ),
  site: unset(path('file'), 'site description of a new log (YAML), in place of nodes', 'none'),
  policy: unset(path('file'), 'policy of a new log (YAML)', 'the defaults, with order-timeout: 10m'),
  cluster: unset(
    text('address', 'libvirt, unix:/path, or tcp://127.0.0.1:7070 (of this machine)', CLUSTER, 256),
    'libvirt: real machines; unix:/path, tcp://127.0.0.1:7070: those of a `leasehold cluster`',
    'own simulated ones',
  ),
  vmDir: setting(
    text('dir', 'an absolute path of letters, digits and ._-/', HOST_DIRECTORY, 200),
    'with libvirt: where disks and saved memory are on each host',
    '/var/lib/leasehold',
  ),
  accel: setting(
    choice(ACCELS),
    'with libvirt: what runs the VMs; tcg: emulation, which is slow; auto: KVM, where a guest boots under it, else tcg',
    'auto',
  ),
  vmNetwork: unset(
    text('name', 'a name of libvirt’s, of letters, digits and ._-', /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 50),
    'with libvirt: the network on each host of VMs whose users name none, such as default',
    'none',
  ),
  vmCallbackUrl: unset(
    text('url', 'an http or https URL without user, query or fragment', ONE_LINE, 512),
    'with libvirt: where VMs reach this service, to say that they are ready',
    'they cannot',
  ),
  vmGraceSeconds: setting(
    whole(0, 3600),
    'with libvirt: how long a guest whose time is over may take to shut down',
    60,
  ),
  vmDeaf: setting(
    choice(DEAF),
    'with libvirt: what becomes of a guest that is asked to shut down for another size, and does not; keep: it runs on as it was',
    'destroy',
  ),
  vmMoveBandwidth: unset(
    whole(1, 1_000_000),
    'with libvirt: MiB a second that each VM takes at most which moves while it runs, or whose disk does',
    'no limit',
  ),
  vmMoveTls: setting(
    yesOrNo(),
    'with libvirt: VMs that move while they run go encrypted, by certificates on the hosts; else they do not go',
    false,
  ),
  nodeGraceSeconds: setting(
    whole(1, 86_400),
    'with libvirt: how long a host may be silent before nothing is planned on it any more',
    60,
  ),
  fenceCommand: unset(
    text('command', 'an absolute path of a program and what it is called with', FENCE_COMMAND, 1000),
    'with libvirt: what switches a silent host off; {name} and {node} in it are the node’s; ends with 0 when it is off',
    'none: silent hosts are waited for',
  ),
  monitorInterval: setting(whole(1, 3600), 'with libvirt: seconds between looks at what each host and its VMs use', 10),
  advertise: unset(
    text('url', 'an http or https URL without user, query or fragment', ONE_LINE, 512),
    'where clients reach this service, told by others',
    'where it listens',
  ),
  tokenFile: unset(path('file'), 'the admin token that all services of a log share', IN_DATA_DIR),
  oidcIssuer: unset(
    text('url', 'an https URL', ONE_LINE, 512),
    'whose signed tokens are taken, beside API tokens (OpenID Connect)',
    'nobody’s',
  ),
  oidcAudience: unset(text('name', 'a name', ONE_LINE, 512), 'for whom these tokens must be', 'none are taken'),
  oidcClaims: setting(
    list(text('name=claim', 'subject=, roles= or projects= and a claim', /^(subject|roles|projects)=.+$/, 256), ',', 3),
    'the claims that say who somebody is, where they are others',
    [],
    'subject=sub, roles=roles, projects=projects',
  ),
  oidcRoles: setting(
    list(text('value=role', 'a value, = and a role', ROLE_OF, 256), ',', 64),
    'what role a value of the roles claim stands for; *=role: everybody’s',
    [],
    'names of roles stand for themselves',
  ),
  timeScale: setting(decimal(0.001, 1_000_000), 'seconds of scheduling in a second of the clock', 1),
  logLevel: setting(
    choice(LOG_LEVELS),
    'what to log on stderr; info: a line a request, debug: a line a decision',
    'warn',
  ),
  rateLimit: setting(whole(1, 1_000_000), 'requests a second from one address', 5000),
  requestsMax: setting(whole(1, 100_000), 'requests at once; more are told to come again', 512),
  webhookKey: unset(
    path('file'),
    'the key that the secrets of webhooks follow from; services of one log share it',
    `${IN_DATA_DIR}; made at the first start`,
  ),
  webhookAllow: setting(
    list(text('range', 'an address or a range such as 10.0.0.0/8', RANGE, 49), ',', 64),
    'addresses that webhooks may be sent to although they are not public',
    [],
    'none',
  ),
  webhookHttp: setting(yesOrNo(), 'send webhooks to http URLs, too', false),
  imageRoot: setting(
    list(text('dir', 'an absolute path', /^\/[^\u0000-\u001f\u007f]*$/, 4096), ':', 16),
    'directories below which images of this machine may be, such as where an NFS export is mounted',
    [],
    'none',
  ),
  imageAllow: setting(
    list(text('range', 'an address or a range such as 10.0.0.0/8', RANGE, 49), ',', 64),
    'addresses that images may be fetched from although they are not public',
    [],
    'none',
  ),
  imageSizeMax: setting(whole(1, 65_536), 'the largest image in GiB, as a file and as a disk', 256),
  metricsListen: unset(
    text('host:port', 'an address and a port such as 127.0.0.1:9464', HOST_AND_PORT, 300),
    'a port of its own for /metrics, which answers everybody who reaches it',
    'none',
  ),
  metricsPerNode: setting(yesOrNo(), 'metrics of every single node, too', false),
  otlpEndpoint: {
    ...unset(
      text('url', 'an http or https URL without user, query or fragment', ONE_LINE, 512),
      'where traces are sent: the OpenTelemetry collector, such as http://127.0.0.1:4318 (OTLP/HTTP)',
      'they are not sent',
    ),
    standard: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  },
  traceSample: {
    ...setting(decimal(0, 1), 'which part of the traces that begin here is recorded: 0 to 1', 1),
    standard: ['OTEL_TRACES_SAMPLER_ARG'],
  },
} as const;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
/** What the service can be told. */
export type ServeOptions = { readonly [K in SettingName]: ValueOf<(typeof SETTINGS)[K]> };
export type LogLevel = ServeOptions['logLevel'];

export const NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Of settings as a table of things that are alike. */
export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name] as Setting<unknown>;
}

/** `data-dir`, as in files; with two dashes: as a flag. */
export function keyOf(name: SettingName): string {
  return kebab(name);
}

export function flagOf(name: SettingName): string {
  return `--${keyOf(name)}`;
}

/** `LEASEHOLD_DATA_DIR` */
export function variableOf(name: SettingName): string {
  return `${VARIABLES}${keyOf(name).replaceAll('-', '_').toUpperCase()}`;
}

export const VARIABLES = 'LEASEHOLD_';

function setting<T>(kind: Kind<T>, about: string, value: NoInfer<T>, inWords?: string): Setting<T> {
  return { ...kind, about, default: value, ...(inWords === undefined ? {} : { unset: inWords }) };
}

function unset<T>(kind: Kind<T>, about: string, inWords: string): Setting<T | null> {
  return { ...optional(kind), about, default: null, unset: inWords };
}

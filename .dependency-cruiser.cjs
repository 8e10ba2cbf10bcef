/** Who may import whom. `npm run check` applies it; CONTRIBUTING.md tells the reasons. */

/** Each library has one home: package (or scope) → the folders that may import it. Tests may use any of them. */
const HOMES = {
  fastify: ['api'],
  '@fastify/[^/]+': ['api'],
  typebox: ['api', 'simulations'],
  rxjs: ['adapters/live', 'api'],
  luxon: ['api', 'cli', 'simulations'],
  'better-sqlite3': ['adapters/event-store', 'api/records', 'bench'],
  pg: ['adapters/event-store'],
  '@eventstore/[^/]+': ['adapters/event-store'],
  '@kurrent/[^/]+': ['adapters/event-store'],
  'basic-ftp': ['adapters/images'],
  commander: ['cli'],
  'string-width': ['cli'],
  'cli-progress': ['cli'],
  picocolors: ['cli'],
  yaml: ['simulations', 'cli', 'adapters/libvirt'],
  'fast-xml-parser': ['simulations', 'adapters/libvirt'],
  koffi: ['adapters/libvirt/binding'],
  'prom-client': ['api/metrics'],
  '@opentelemetry/[^/]+': ['api/traces'],
};

/** Directly in adapters/: what stands between a process and its machine, whichever adapter it is. */
const FOR_ALL = '^adapters/[^/]+\\.ts$';
const PRODUCT = '^(engine|adapters|api|cli|simulations)/';
/** A library where it is installed, or by its bare name where it is not. */
const library = (name) => `(^|/)node_modules/(@types/)?${name}(/|$)|^${name}(/|$)`;
const folders = (names) => `^(${names.join('|')})/`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The rooms of the engine, left to right: each may import those before it. */
const ENGINE_ROOMS = ['kit', 'model', 'state', 'schedule', 'turn'];
const rightOf = (room) => [
  ...ENGINE_ROOMS.slice(ENGINE_ROOMS.indexOf(room) + 1).map((other) => `^engine/${other}/`),
  '^engine/index\\.ts$',
];

module.exports = {
  forbidden: [
    rule('no-cycles', 'modules are read one after another', {}, { circular: true }),

    // The engine.
    rule('engine-is-pure', 'the engine imports nothing outside itself', { path: '^engine/' }, { pathNot: '^engine/' }),
    ...ENGINE_ROOMS.map((room) =>
      rule(
        `engine-leftward-${room}`,
        'kit ← model ← state ← schedule ← turn ← index',
        { path: `^engine/${room}/` },
        { path: rightOf(room) },
      ),
    ),
    rule(
      'schedule-only-plans',
      'scheduling reads the state and changes nothing',
      { path: '^engine/schedule/' },
      { path: '^engine/state/(decide|evolve)(\\.ts$|/)' },
    ),
    rule(
      'engine-has-one-door',
      'outsiders import engine/index.ts only; the tests of its rooms may look inside',
      { pathNot: ['^engine/', '^test/(engine|models|properties)/'] },
      { path: '^engine/', pathNot: '^engine/index\\.ts$' },
    ),

    // The adapters, and who chooses them.
    rule(
      'adapters-are-strangers',
      'adapter folders do not know each other',
      { path: '^adapters/([^/]+)/' },
      { path: '^adapters/', pathNot: ['^adapters/$1/', FOR_ALL] },
    ),
    rule(
      'adapters-know-the-engine-only',
      'an adapter implements a port of the engine',
      { path: '^adapters/' },
      { path: '^(api|cli|simulations)/' },
    ),
    rule(
      'few-choose-adapters',
      'only the places where a process is put together choose adapters',
      {
        path: PRODUCT,
        pathNot: [
          '^adapters/',
          '^api/(main|open|parts|loop-thread|past/past-thread|store|machines|libvirt-machines|images/placing|images/written-images|networks/lease-networks|cluster-process)\\.ts$',
          '^simulations/(simulate|audit|audit-diff|what-if|log-source)\\.ts$',
          '^cli/log-(actions|import)\\.ts$',
        ],
      },
      // What proves a log is the same whichever store holds it, and so are what users may say of hardware and numbers of subnets: nothing to choose.
      {
        path: '^adapters/',
        pathNot: [
          FOR_ALL,
          '^adapters/event-store/(anchor|chain|checkpoints|checkpoint-key|sqlite-files)\\.ts$',
          '^adapters/libvirt/(template|xml|pools)\\.ts$',
        ],
      },
    ),

    // Simulations, service and command line.
    rule(
      'simulations-stay-simulated',
      'a simulation needs neither the service nor real machines nor the wall clock',
      { path: '^simulations/' },
      { path: '^(adapters/(libvirt|live)/|api/)' },
    ),
    rule(
      'nothing-needs-the-command-line',
      'cli/ is the outermost room',
      { path: PRODUCT, pathNot: '^cli/' },
      { path: '^cli/' },
    ),

    // Libraries.
    ...Object.entries(HOMES).map(([name, homes]) =>
      rule(
        `home-of-${name.replace('/[^/]+', '')}`,
        `only in ${homes.map((home) => `${home}/`).join(', ')}`,
        { path: '^(engine|adapters|api|cli|simulations|bench|scripts|web)/', pathNot: folders(homes) },
        { path: library(name) },
      ),
    ),
    rule(
      'library-without-a-home',
      'give the library a home in .dependency-cruiser.cjs',
      { path: PRODUCT },
      { path: '(^|/)node_modules/', pathNot: Object.keys(HOMES).map(library) },
    ),
    rule(
      'declared-libraries-only',
      'the product imports what package.json lists under "dependencies", and what exists',
      { path: PRODUCT },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^\\.',
      },
    ),
    rule('nothing-unresolved', 'the file imported does not exist', {}, { couldNotResolve: true, path: '^\\.' }),

    // Tests and leftovers.
    rule('nothing-needs-the-tests', 'test/ is not shipped', { pathNot: '^test/' }, { path: '^test/' }),
    rule(
      'no-orphans',
      'nothing imports it and it imports nothing',
      { orphan: true, path: '\\.ts$', pathNot: ['\\.d\\.ts$', '\\.test\\.ts$'] },
      {},
    ),
    {
      name: 'no-unused-modules',
      comment: 'nothing imports it; entries of processes and threads are named in .dependency-cruiser.cjs',
      severity: 'error',
      module: {
        path: PRODUCT,
        pathNot: ['^cli/main\\.ts$', '^api/main\\.ts$', '-(thread|worker|process)\\.ts$'],
        numberOfDependentsLessThan: 1,
      },
      from: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|test/data)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts', '.json'],
    },
  },
};

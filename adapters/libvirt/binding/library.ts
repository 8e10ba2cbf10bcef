/**
 * libvirt's C API, as far as it is used here. Calls run on threads of the pool (`call`), or at once (`now`) where they
 * wait for nothing. A wrong pointer ends the process: nothing here is for anybody but the process that has it to itself.
 */

import koffi, { type KoffiFunc, type TypeObject } from 'koffi';

export type Pointer = bigint;

/** What a function of the library takes, and gives. */
type Value = Pointer | number | string | null | Uint8Array | readonly (Pointer | number | null)[] | object;
type Function = KoffiFunc<(...args: Value[]) => unknown>;

const LIBVIRT = [
  'int virInitialize()',
  'int virEventRegisterDefaultImpl()',
  'int virEventRunDefaultImpl()',
  'void virSetErrorFunc(void *userData, void *handler)',
  'void virConnSetErrorFunc(void *conn, void *userData, void *handler)',

  'void *virConnectOpen(const char *name)',
  'int virConnectClose(void *conn)',
  'int virConnectIsAlive(void *conn)',
  'int virConnectSetKeepAlive(void *conn, int interval, uint count)',
  'int virConnectRegisterCloseCallback(void *conn, void *cb, void *opaque, void *freecb)',
  'int virConnectDomainEventRegisterAny(void *conn, void *dom, int eventID, void *cb, void *opaque, void *freecb)',
  'const void *virConnectGetType(void *conn)',
  'int virConnectGetVersion(void *conn, _Out_ ulong *version)',
  'int virConnectGetLibVersion(void *conn, _Out_ ulong *version)',
  'void *virConnectGetHostname(void *conn)',
  'void *virConnectGetCapabilities(void *conn)',
  'int virNodeGetInfo(void *conn, _Out_ NodeInfo *info)',
  'int virNodeGetMemoryStats(void *conn, int cellNum, void *params, _Inout_ int *nparams, uint flags)',
  'int virNodeGetCPUStats(void *conn, int cpuNum, void *params, _Inout_ int *nparams, uint flags)',

  'int virConnectListAllDomains(void *conn, _Out_ void **domains, uint flags)',
  'int virConnectGetAllDomainStats(void *conn, uint stats, _Out_ void **retStats, uint flags)',
  'int virDomainListGetStats(void **doms, uint stats, _Out_ void **retStats, uint flags)',
  'void virDomainStatsRecordListFree(void *stats)',
  'void *virDomainLookupByUUIDString(void *conn, const char *uuid)',
  'int virDomainFree(void *domain)',
  'int virDomainGetUUIDString(void *domain, _Out_ void *buf)',
  'const void *virDomainGetName(void *domain)',
  'int virDomainGetState(void *domain, _Out_ int *state, _Out_ int *reason, uint flags)',
  'int virDomainGetInfo(void *domain, _Out_ DomainInfo *info)',
  'int virDomainIsActive(void *domain)',
  'int virDomainIsPersistent(void *domain)',
  'void *virDomainGetXMLDesc(void *domain, uint flags)',
  'void *virDomainGetMetadata(void *domain, int type, const char *uri, uint flags)',
  'int virDomainSetMetadata(void *domain, int type, const char *metadata, const char *key, const char *uri, uint flags)',
  'void *virDomainDefineXML(void *conn, const char *xml)',
  'void *virDomainCreateXML(void *conn, const char *xml, uint flags)',
  'int virDomainUndefineFlags(void *domain, uint flags)',
  'int virDomainCreateWithFlags(void *domain, uint flags)',
  'int virDomainHasManagedSaveImage(void *domain, uint flags)',
  'int virDomainManagedSaveRemove(void *domain, uint flags)',
  'int virDomainShutdownFlags(void *domain, uint flags)',
  'int virDomainReboot(void *domain, uint flags)',
  'int virDomainReset(void *domain, uint flags)',
  'int virDomainDestroy(void *domain)',
  'int virDomainSuspend(void *domain)',
  'int virDomainResume(void *domain)',
  'int virDomainSaveFlags(void *domain, const char *to, const char *dxml, uint flags)',
  'int virDomainRestoreFlags(void *conn, const char *from, const char *dxml, uint flags)',
  'void *virDomainSaveImageGetXMLDesc(void *conn, const char *file, uint flags)',
  'int virDomainMigrateToURI3(void *domain, const char *uri, void *params, uint nparams, uint flags)',
  'int virDomainGetJobStats(void *domain, _Out_ int *type, _Out_ void **params, _Out_ int *nparams, uint flags)',
  'int virDomainAbortJob(void *domain)',
  'int virDomainBlockCopy(void *dom, const char *disk, const char *xml, void *params, int nparams, uint flags)',
  'int virDomainGetBlockJobInfo(void *dom, const char *disk, _Out_ BlockJobInfo *info, uint flags)',
  'int virDomainBlockJobAbort(void *dom, const char *disk, uint flags)',
  'int virDomainSetVcpusFlags(void *domain, uint nvcpus, uint flags)',
  'int virDomainSetMemoryFlags(void *domain, ulong memory, uint flags)',
  'int virDomainGetBlockInfo(void *domain, const char *disk, void *info, uint flags)',
  'int virDomainBlockResize(void *domain, const char *disk, uint64_t size, uint flags)',
  'int virDomainInterfaceAddresses(void *dom, _Out_ void **ifaces, uint source, uint flags)',
  'void virDomainInterfaceFree(void *iface)',

  'int virTypedParamsAddString(_Inout_ void **params, _Inout_ int *n, _Inout_ int *max, const char *name, const char *value)',
  'int virTypedParamsAddULLong(_Inout_ void **params, _Inout_ int *n, _Inout_ int *max, const char *name, uint64_t value)',
  'void virTypedParamsFree(void *params, int nparams)',

  'int virConnectListAllNetworks(void *conn, _Out_ void **nets, uint flags)',
  'void *virNetworkLookupByName(void *conn, const char *name)',
  'void *virNetworkDefineXML(void *conn, const char *xml)',
  'int virNetworkFree(void *network)',
  'const void *virNetworkGetName(void *network)',
  'int virNetworkIsActive(void *network)',
  'int virNetworkIsPersistent(void *network)',
  'int virNetworkCreate(void *network)',
  'int virNetworkSetAutostart(void *network, int autostart)',
  'int virNetworkDestroy(void *network)',
  'int virNetworkUndefine(void *network)',
  'void *virNetworkGetXMLDesc(void *network, uint flags)',
  'int virNetworkUpdate(void *network, uint command, uint section, int parentIndex, const char *xml, uint flags)',

  'void *virStoragePoolLookupByName(void *conn, const char *name)',
  'void *virStoragePoolDefineXML(void *conn, const char *xml, uint flags)',
  'int virStoragePoolFree(void *pool)',
  'int virStoragePoolBuild(void *pool, uint flags)',
  'int virStoragePoolCreate(void *pool, uint flags)',
  'int virStoragePoolIsActive(void *pool)',
  'int virStoragePoolSetAutostart(void *pool, int autostart)',
  'int virStoragePoolRefresh(void *pool, uint flags)',
  'int virStoragePoolGetInfo(void *pool, _Out_ PoolInfo *info)',
  'void *virStoragePoolGetXMLDesc(void *pool, uint flags)',
  'int virStoragePoolListAllVolumes(void *pool, _Out_ void **vols, uint flags)',
  'void *virStorageVolLookupByName(void *pool, const char *name)',
  'void *virStorageVolCreateXML(void *pool, const char *xml, uint flags)',
  'void *virStorageVolCreateXMLFrom(void *pool, const char *xml, void *from, uint flags)',
  'void *virStorageVolGetXMLDesc(void *vol, uint flags)',
  'int virStorageVolFree(void *vol)',
  'const void *virStorageVolGetName(void *vol)',
  'void *virStorageVolGetPath(void *vol)',
  'int virStorageVolGetInfo(void *vol, _Out_ VolumeInfo *info)',
  'int virStorageVolDelete(void *vol, uint flags)',
  'int virStorageVolResize(void *vol, uint64_t capacity, uint flags)',
  'int virStorageVolUpload(void *vol, void *stream, uint64_t offset, uint64_t length, uint flags)',
  'int virStorageVolDownload(void *vol, void *stream, uint64_t offset, uint64_t length, uint flags)',

  'void *virStreamNew(void *conn, uint flags)',
  'int virStreamFree(void *stream)',
  'int virStreamSend(void *stream, const void *data, size_t nbytes)',
  'int virStreamRecv(void *stream, _Out_ void *data, size_t nbytes)',
  'int virStreamFinish(void *stream)',
  'int virStreamAbort(void *stream)',
];
const QEMU = ['void *virDomainQemuAgentCommand(void *domain, const char *cmd, int timeout, uint flags)'];
const LIBC = ['size_t strnlen(const void *text, size_t max)'];

/** Strings come as pointers: who reads one says how long it may be, and frees it. */
const STRUCTS = {
  NodeInfo: {
    model: koffi.array('char', 32, 'String'),
    memory: 'ulong',
    cpus: 'uint',
    mhz: 'uint',
    nodes: 'uint',
    sockets: 'uint',
    cores: 'uint',
    threads: 'uint',
  },
  /** Of processors and of memory alike. */
  NodeStat: { field: koffi.array('char', 80, 'String'), value: 'uint64_t' },
  DomainInfo: { state: 'uchar', maxMem: 'ulong', memory: 'ulong', nrVirtCpu: 'ushort', cpuTime: 'uint64_t' },
  BlockJobInfo: { type: 'int', bandwidth: 'ulong', cur: 'uint64_t', end: 'uint64_t' },
  PoolInfo: { state: 'int', capacity: 'uint64_t', allocation: 'uint64_t', available: 'uint64_t' },
  VolumeInfo: { type: 'int', capacity: 'uint64_t', allocation: 'uint64_t' },
  TypedParam: { field: koffi.array('char', 80, 'String'), type: 'int', value: 'uint64_t' },
  StatsRecord: { dom: 'void *', params: 'void *', nparams: 'int' },
  Interface: { name: 'void *', hwaddr: 'void *', naddrs: 'uint', addrs: 'void *' },
  InterfaceAddress: { type: 'int', addr: 'void *', prefix: 'uint' },
  LibvirtFault: { code: 'int', domain: 'int', message: 'void *' },
} as const;
export type StructName = keyof typeof STRUCTS;

/** A number that may come as a BigInt: exact up to 2^53, which no size or time here comes near. */
export type Count = number | bigint;

const types = new Map<string, TypeObject>();
const functions = new Map<string, Function>();

/** Loads the library. Throws an Error that says what to install. */
export function loadLibrary(): void {
  for (const [name, members] of Object.entries(STRUCTS)) types.set(name, koffi.struct(name, { ...members }));
  for (const [file, prototypes] of [
    ['libvirt.so.0', LIBVIRT],
    ['libvirt-qemu.so.0', QEMU],
    [null, LIBC],
  ] as const) {
    const library = loaded(file);
    for (const prototype of prototypes) {
      const name = /(\w+)\(/.exec(prototype)?.[1] ?? '';
      functions.set(name, library.func(prototype) as Function);
    }
  }
}

function loaded(file: string | null) {
  try {
    return koffi.load(file);
  } catch (error) {
    throw new Error(
      `${file} cannot be loaded: install libvirt's client library (Debian, Ubuntu: libvirt0; Fedora: libvirt-libs) ` +
        `on the machine of the service; ${(error as Error).message}`,
    );
  }
}

/** Calls a function on a thread of the pool. */
export function call<T>(name: string, ...args: Value[]): Promise<T> {
  const target = found(name);
  return new Promise((resolve, reject) => {
    target.async(...args, (error: unknown, result: unknown) => (error ? reject(error) : resolve(result as T)));
  });
}

/** Calls a function that does not wait: for a lock that a callback may hold, or for the network. */
export function now<T>(name: string, ...args: Value[]): T {
  return found(name)(...args) as T;
}

function found(name: string): Function {
  const target = functions.get(name);
  if (target === undefined) throw new Error(`no function ${name} is declared`);
  return target;
}

/** A function of ours that the library may call, for as long as the process lives. */
export function callback(prototype: string, target: (...args: never[]) => void): Pointer {
  return koffi.register(target, koffi.pointer(koffi.proto(prototype)));
}

export function decode<T>(pointer: Pointer, type: StructName, index = 0): T {
  const struct = types.get(type) as TypeObject;
  return koffi.decode(pointer, index * struct.size, struct) as T;
}

/** An array of pointers, as functions give lists. */
export function pointersAt(pointer: Pointer, count: number): Pointer[] {
  return koffi.decode(pointer, 'void *', count) as Pointer[];
}

/** Memory for an array of structs. */
export function room(type: StructName, count: number): Pointer {
  return koffi.alloc(types.get(type) as TypeObject, count) as Pointer;
}

/** What `room` gave, and what the library leaves to its caller. */
export function free(pointer: Pointer): void {
  koffi.free(pointer);
}

/** The text at a pointer; null: it is longer than that. */
export function textAt(pointer: Pointer, bytesMax: number): string | null {
  const length = Number(now<Count>('strnlen', pointer, bytesMax + 1));
  return length > bytesMax ? null : koffi.decode.string(pointer, length);
}

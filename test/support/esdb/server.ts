/**
 * A node of EventStoreDB as clients see it: gRPC over a real socket, with the faults that a test asks for. What it
 * keeps is in memory, and in a cluster shared by all nodes: routing is as it is, replication is not there.
 */

import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import { type AppendAnswer, EsdbData, type Expected, type Proposed } from './data.js';
import { Answers, appendExpected, batchExpected, nameOf, proposed, readAsked } from './messages.js';
import { sendEvents } from './reading.js';
import { type ClientName, type Stubs, stubsOf } from './stubs.js';

/**
 * What may happen to an append. `lost`: stored, and the connection breaks before the answer. `broken`: not stored, the
 * connection breaks. `silent`: not stored, no answer. `stored-silent`: stored, no answer. `late`: stored, but only when
 * `storeLate` is called, and not answered. `elsewhere`: the answer names another revision. A read that is `half` breaks
 * after three events.
 */
export type AppendFault =
  | 'lost'
  | 'broken'
  | 'silent'
  | 'stored-silent'
  | 'late'
  | 'elsewhere'
  | 'not-leader'
  | 'denied';
export type ReadFault = 'broken' | 'silent' | 'half' | 'not-leader' | 'denied';

export interface ServerOptions {
  readonly client: ClientName;
  readonly batchAppend?: boolean;
  readonly data?: EsdbData;
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
  /** Whoever calls must be this one: `user:password`. */
  readonly user?: string;
}

export class EsdbServer {
  readonly data: EsdbData;
  /** What happens to the next calls, first come first; null: nothing. */
  readonly appendFaults: (AppendFault | null)[] = [];
  readonly readFaults: (ReadFault | null)[] = [];
  /** How many calls came in. */
  readonly calls = { append: 0, batchAppend: 0, read: 0, subscribe: 0 };
  /** Where each append expected its stream to end. */
  readonly expected: Expected[] = [];
  /** The nodes of the cluster; null: a node by itself. */
  cluster: { readonly nodes: readonly EsdbServer[]; leader: EsdbServer } | null = null;
  port = 0;
  private readonly stubs: Stubs;
  private readonly answers: Answers;
  private readonly live = new Set<ServerWritableStream<Streams.ReadReq, Streams.ReadResp>>();
  private late: (() => void)[] = [];
  private server: Server | null = null;

  private constructor(private readonly options: ServerOptions) {
    this.data = options.data ?? new EsdbData();
    this.stubs = stubsOf(options.client);
    this.answers = new Answers(this.stubs);
  }

  static async start(options: ServerOptions): Promise<EsdbServer> {
    const server = new EsdbServer(options);
    await server.listen();
    return server;
  }

  /** On the port that it had, if it had one. */
  async listen(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    const { StreamsService, GossipService, ServerFeaturesService } = this.stubs.services;
    server.addService(StreamsService, {
      append: (
        call: ServerReadableStream<Streams.AppendReq, Streams.AppendResp>,
        done: sendUnaryData<Streams.AppendResp>,
      ) => this.append(call, done),
      batchAppend: (call: ServerDuplexStream<Streams.BatchAppendReq, Streams.BatchAppendResp>) =>
        this.batchAppend(call),
      read: (call: ServerWritableStream<Streams.ReadReq, Streams.ReadResp>) => this.read(call),
    });
    server.addService(GossipService, {
      read: (_: ServerUnaryCall<Empty, ClusterInfo>, done: sendUnaryData<ClusterInfo>) => done(null, this.gossip()),
    });
    server.addService(ServerFeaturesService, {
      getSupportedMethods: (_: ServerUnaryCall<Empty, SupportedMethods>, done: sendUnaryData<SupportedMethods>) =>
        done(null, this.features()),
    });
    this.port = await new Promise<number>((resolve, reject) => {
      const { tls } = this.options;
      const credentials =
        tls === undefined
          ? ServerCredentials.createInsecure()
          : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]);
      server.bindAsync(`127.0.0.1:${this.port}`, credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    this.server = server;
  }

  /** All connections break; what is stored stays. */
  stop(): void {
    this.server?.forceShutdown();
    this.server = null;
    this.live.clear();
  }

  /** The subscriptions of now bring nothing more, and do not say so. */
  silenceSubscriptions(): void {
    for (const call of this.live) call.emit('silenced');
  }

  breakSubscriptions(): void {
    for (const call of this.live) call.emit('error', { code: status.UNAVAILABLE, details: 'broken by the test' });
  }

  get subscriptions(): number {
    return this.live.size;
  }

  storeLate(): void {
    for (const store of this.late.splice(0)) store();
  }

  private append(
    call: ServerReadableStream<Streams.AppendReq, Streams.AppendResp>,
    done: sendUnaryData<Streams.AppendResp>,
  ): void {
    this.calls.append++;
    const events: Proposed[] = [];
    let options: Streams.AppendReq.Options | undefined;
    call.on('data', (request: Streams.AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message !== undefined) events.push(proposed(message));
    });
    call.on('error', () => {});
    call.on('end', () => {
      const refused = this.refusal(call.metadata);
      if (refused !== null) return done(refused);
      const expected = appendExpected(options!);
      this.take(nameOf(options!), expected, events, {
        answer: (answer) => {
          if (answer.kind === 'stored' || answer.kind === 'wrong-version') {
            return done(null, this.answers.append(answer, expected));
          }
          done(
            answer.kind === 'deleted'
              ? exception('stream-deleted', { 'stream-name': nameOf(options!) })
              : exception('maximum-append-size-exceeded', { 'maximum-append-size': String(this.data.appendBytesMax) }),
          );
        },
        fail: done,
      });
    });
  }

  private batchAppend(call: ServerDuplexStream<Streams.BatchAppendReq, Streams.BatchAppendResp>): void {
    this.calls.batchAppend++;
    const open = new Map<string, { options: Streams.BatchAppendReq.Options; events: Proposed[] }>();
    const fail = (error: Failure) => call.emit('error', error);
    const refused = this.refusal(call.metadata);
    if (refused !== null) return void fail(refused);
    call.on('error', () => {});
    call.on('end', () => call.end());
    call.on('data', (request: Streams.BatchAppendReq) => {
      const id = Buffer.from(request.getCorrelationId()!.serializeBinary()).toString('base64');
      const options = open.get(id)?.options ?? request.getOptions()!;
      const events = [...(open.get(id)?.events ?? []), ...request.getProposedMessagesList().map(proposed)];
      open.set(id, { options, events });
      if (!request.getIsFinal()) return;
      open.delete(id);
      this.take(nameOf(options), batchExpected(options), events, {
        answer: (answer) => call.write(this.answers.batch(answer, request, options, this.data.appendBytesMax)),
        fail,
      });
    });
  }

  /** One append, as the next fault will have it. */
  private take(
    stream: string,
    expected: Expected,
    events: readonly Proposed[],
    { answer, fail }: { answer(answer: AppendAnswer): void; fail(error: Failure): void },
  ): void {
    this.expected.push(expected);
    const store = () => this.data.append(stream, expected, events);
    switch (this.appendFaults.shift() ?? null) {
      case null:
        return answer(store());
      case 'lost':
        store();
        return fail(BROKEN);
      case 'broken':
        return fail(BROKEN);
      case 'silent':
        return;
      case 'stored-silent':
        store();
        return;
      case 'late':
        this.late.push(store);
        return;
      case 'elsewhere':
        return answer({ kind: 'stored', revision: 1_000_000, position: 1 });
      case 'not-leader':
        return fail(this.notLeader());
      case 'denied':
        return fail(DENIED);
    }
  }

  private read(call: ServerWritableStream<Streams.ReadReq, Streams.ReadResp>): void {
    const asked = readAsked(call.request);
    this.calls[asked.live ? 'subscribe' : 'read']++;
    call.on('error', () => {});
    const refused = this.refusal(call.metadata);
    if (refused !== null) return void call.emit('error', refused);
    const fault = this.readFaults.shift() ?? null;
    if (fault === 'silent') return;
    if (fault === 'broken') return void call.emit('error', BROKEN);
    if (fault === 'not-leader') return void call.emit('error', this.notLeader());
    if (fault === 'denied') return void call.emit('error', DENIED);
    if (this.data.isDeleted(asked.stream)) {
      return void call.emit('error', exception('stream-deleted', { 'stream-name': asked.stream }));
    }
    if (asked.live) {
      this.live.add(call);
      call.once('close', () => this.live.delete(call));
      call.once('cancelled', () => this.live.delete(call));
    }
    const sent = fault === 'half' ? { ...asked, count: Math.min(asked.count, 3) } : asked;
    sendEvents(call, sent, this.data, this.answers).then(
      () => (fault === 'half' ? call.emit('error', BROKEN) : call.end()),
      () => call.end(),
    );
  }

  /** Why a call is not served at all; null: it is. */
  private refusal(metadata: Metadata): Failure | null {
    const { user } = this.options;
    const [authorization] = metadata.get('authorization');
    if (user !== undefined && authorization !== `Basic ${Buffer.from(user).toString('base64')}`) {
      return { code: status.UNAUTHENTICATED, details: `not for ${String(authorization)}` };
    }
    const [requiresLeader] = metadata.get('requires-leader');
    const follows = this.cluster !== null && this.cluster.leader !== this;
    return follows && requiresLeader === 'true' ? this.notLeader() : null;
  }

  private notLeader(): Failure {
    const leader = this.cluster?.leader ?? this;
    return exception('not-leader', {
      'leader-endpoint-host': '127.0.0.1',
      'leader-endpoint-port': String(leader.port),
    });
  }

  private gossip(): ClusterInfo {
    const { gossip, shared } = this.stubs;
    const { VNodeState } = gossip.MemberInfo;
    const nodes = this.cluster?.nodes ?? [this];
    const members = nodes.map((node) =>
      new gossip.MemberInfo()
        .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
        .setTimeStamp('0')
        .setState(node === (this.cluster?.leader ?? this) ? VNodeState.LEADER : VNodeState.FOLLOWER)
        .setIsAlive(node.server !== null)
        .setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(node.port)),
    );
    return new gossip.ClusterInfo().setMembersList(members);
  }

  private features(): SupportedMethods {
    const { features } = this.stubs;
    const supported = new features.SupportedMethods().setEventStoreServerVersion('24.10.0');
    const service = 'event_store.client.streams.streams';
    const names = ['append', 'read', ...(this.options.batchAppend === true ? ['batchappend'] : [])];
    supported.setMethodsList(
      names.map((name) => new features.SupportedMethod().setServiceName(service).setMethodName(name)),
    );
    return supported;
  }
}

interface Failure {
  readonly code: status;
  readonly details: string;
  readonly metadata?: Metadata;
}

const BROKEN: Failure = { code: status.UNAVAILABLE, details: 'broken by the test' };
const DENIED: Failure = exception('access-denied', {});

/** As the server names its exceptions: in the trailing metadata. */
function exception(name: string, values: Readonly<Record<string, string>>): Failure {
  const metadata = new Metadata();
  metadata.set('exception', name);
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return {
    code: name === 'access-denied' ? status.PERMISSION_DENIED : status.FAILED_PRECONDITION,
    details: name,
    metadata,
  };
}

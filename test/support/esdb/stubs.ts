/**
 * The messages and services of EventStoreDB, out of the client's own package: one registry of messages holds those of
 * one client only, so a process has either.
 */

import { createRequire } from 'node:module';

export type ClientName = 'eventstore' | 'kurrentdb';

const PLACES = {
  eventstore: { name: '@eventstore/db-client', folder: 'generated' },
  kurrentdb: { name: '@kurrent/kurrentdb-client', folder: 'generated/kurrentdb/protocols/v1' },
} as const;

type Streams = typeof import('@eventstore/db-client/generated/streams_pb.js');
type Shared = typeof import('@eventstore/db-client/generated/shared_pb.js');
type Gossip = typeof import('@eventstore/db-client/generated/gossip_pb.js');
type Features = typeof import('@eventstore/db-client/generated/serverfeatures_pb.js');
type Status = typeof import('@eventstore/db-client/generated/status_pb.js');
type AnyMessage = typeof import('google-protobuf/google/protobuf/any_pb.js');
type EmptyMessage = typeof import('google-protobuf/google/protobuf/empty_pb.js');
type Services = Pick<typeof import('@eventstore/db-client/generated/streams_grpc_pb.js'), 'StreamsService'> &
  Pick<typeof import('@eventstore/db-client/generated/gossip_grpc_pb.js'), 'GossipService'> &
  Pick<typeof import('@eventstore/db-client/generated/serverfeatures_grpc_pb.js'), 'ServerFeaturesService'>;

export interface Stubs {
  readonly streams: Streams;
  readonly shared: Shared;
  readonly gossip: Gossip;
  readonly features: Features;
  readonly status: Status;
  readonly any: AnyMessage;
  readonly empty: EmptyMessage;
  readonly services: Services;
}

export function stubsOf(client: ClientName): Stubs {
  const { name: owner, folder } = PLACES[client];
  const require = createRequire(createRequire(import.meta.url).resolve(`${owner}/package.json`));
  const load = <T>(name: string): T => require(`./${folder}/${name}.js`) as T;
  return {
    streams: load<Streams>('streams_pb'),
    shared: load<Shared>('shared_pb'),
    gossip: load<Gossip>('gossip_pb'),
    features: load<Features>('serverfeatures_pb'),
    status: load<Status>('status_pb'),
    any: require('google-protobuf/google/protobuf/any_pb.js') as AnyMessage,
    empty: require('google-protobuf/google/protobuf/empty_pb.js') as EmptyMessage,
    services: {
      ...load<Services>('streams_grpc_pb'),
      ...load<Services>('gossip_grpc_pb'),
      ...load<Services>('serverfeatures_grpc_pb'),
    },
  };
}

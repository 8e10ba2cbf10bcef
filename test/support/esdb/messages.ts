/** Between the messages on the wire and what `EsdbData` knows. */

import type { AppendReq, BatchAppendReq, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { AppendAnswer, Expected, Proposed, Recorded } from './data.js';
import type { Stubs } from './stubs.js';

export interface ReadAsked {
  readonly stream: string;
  /** A revision; of a subscription: the one before the first. */
  readonly from: number | 'start' | 'end';
  readonly backwards: boolean;
  readonly count: number;
  readonly live: boolean;
}

/** What `getStreamIdentifier` of any request answers, as text. */
export function nameOf(message: { getStreamIdentifier(): { getStreamName_asU8(): Uint8Array } | undefined }): string {
  return Buffer.from(message.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
}

export function readAsked(request: ReadReq): ReadAsked {
  const options = request.getOptions()!;
  const stream = options.getStream();
  if (stream === undefined) throw new Error('only streams are read here');
  return {
    stream: nameOf(stream),
    from: stream.hasRevision() ? Number(stream.getRevision()) : stream.hasStart() ? 'start' : 'end',
    backwards: options.getReadDirection() === 1,
    count: options.hasCount() ? Number(options.getCount()) : Number.MAX_SAFE_INTEGER,
    live: options.hasSubscription(),
  };
}

export function appendExpected(options: AppendReq.Options): Expected {
  if (options.hasRevision()) return Number(options.getRevision());
  return options.hasNoStream() ? 'no-stream' : options.hasAny() ? 'any' : 'stream-exists';
}

export function batchExpected(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  return options.hasNoStream() ? 'no-stream' : options.hasAny() ? 'any' : 'stream-exists';
}

export function proposed(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): Proposed {
  return {
    id: uuidOf(message.getId()!),
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    custom: message.getCustomMetadata_asU8(),
  };
}

function uuidOf(uuid: UUID): string {
  const structured = uuid.getStructured();
  if (structured === undefined) return uuid.getString();
  const bits = (value: string) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
  const hex = bits(structured.getMostSignificantBits()) + bits(structured.getLeastSignificantBits());
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export class Answers {
  constructor(private readonly stubs: Stubs) {}

  event(recorded: Recorded) {
    const { ReadResp } = this.stubs.streams;
    const event = new ReadResp.ReadEvent.RecordedEvent()
      .setId(new this.stubs.shared.UUID().setString(recorded.id))
      .setStreamIdentifier(this.stream(recorded.stream))
      .setStreamRevision(String(recorded.revision))
      .setCommitPosition(String(recorded.position))
      .setPreparePosition(String(recorded.position))
      .setCustomMetadata(recorded.custom)
      .setData(recorded.data);
    event.getMetadataMap().set('type', recorded.type).set('content-type', recorded.contentType).set('created', '0');
    const read = new ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(recorded.position));
    return new ReadResp().setEvent(read);
  }

  notFound(stream: string) {
    const { ReadResp } = this.stubs.streams;
    return new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(this.stream(stream)));
  }

  confirmation() {
    const { ReadResp } = this.stubs.streams;
    return new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('1'));
  }

  caughtUp() {
    const { ReadResp } = this.stubs.streams;
    return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
  }

  /** Of an append that was stored or met another version. */
  append(answer: Extract<AppendAnswer, { kind: 'stored' | 'wrong-version' }>, expected: Expected) {
    const { AppendResp } = this.stubs.streams;
    const empty = new this.stubs.shared.Empty();
    if (answer.kind === 'stored') {
      const position = String(answer.position);
      const at = new AppendResp.Position().setCommitPosition(position).setPreparePosition(position);
      return new AppendResp().setSuccess(
        new AppendResp.Success().setCurrentRevision(String(answer.revision)).setPosition(at),
      );
    }
    const wrong = new AppendResp.WrongExpectedVersion();
    if (answer.current === null) wrong.setCurrentNoStream(empty);
    else wrong.setCurrentRevision(String(answer.current));
    if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
    else if (expected === 'no-stream') wrong.setExpectedNoStream(empty);
    else wrong.setExpectedStreamExists(empty);
    return new AppendResp().setWrongExpectedVersion(wrong);
  }

  /** The same for a batch, where every answer is in one message. */
  batch(answer: AppendAnswer, request: BatchAppendReq, options: BatchAppendReq.Options, appendBytesMax: number) {
    const { streams, shared, status } = this.stubs;
    const response = new streams.BatchAppendResp().setCorrelationId(request.getCorrelationId());
    response.setStreamIdentifier(options.getStreamIdentifier());
    if (answer.kind === 'stored') {
      const position = String(answer.position);
      const at = new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position);
      return response.setSuccess(
        new streams.BatchAppendResp.Success().setCurrentRevision(String(answer.revision)).setPosition(at),
      );
    }
    const [name, bytes] = this.batchError(answer, options, appendBytesMax);
    const details = new this.stubs.any.Any();
    details.pack(bytes, `event_store.client.${name}`);
    return response.setError(new status.Status().setMessage(name).setDetails(details));
  }

  private batchError(
    answer: Exclude<AppendAnswer, { kind: 'stored' }>,
    options: BatchAppendReq.Options,
    appendBytesMax: number,
  ): [string, Uint8Array] {
    const { shared, empty } = this.stubs;
    if (answer.kind === 'deleted') return ['StreamDeleted', new shared.StreamDeleted().serializeBinary()];
    if (answer.kind === 'too-large') {
      const exceeded = new shared.MaximumAppendSizeExceeded().setMaxappendsize(appendBytesMax);
      return ['MaximumAppendSizeExceeded', exceeded.serializeBinary()];
    }
    const wrong = new shared.WrongExpectedVersion();
    if (answer.current === null) wrong.setCurrentNoStream(new empty.Empty());
    else wrong.setCurrentStreamRevision(String(answer.current));
    if (options.hasStreamPosition()) wrong.setExpectedStreamPosition(options.getStreamPosition());
    else wrong.setExpectedNoStream(new empty.Empty());
    return ['WrongExpectedVersion', wrong.serializeBinary()];
  }

  private stream(name: string) {
    return new this.stubs.shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8').toString('base64'));
  }
}

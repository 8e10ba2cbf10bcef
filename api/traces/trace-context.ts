/** W3C Trace Context: what a `traceparent` says, and how it is written. What is not as it should be counts as not there. */

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Whoever began the trace records it. */
  readonly sampled: boolean;
}

/** Version, trace, span, flags; later versions may have more behind them. */
const FORMAT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const LENGTH_MAX = 256;
const SAMPLED = 1;

/** Null: there is none, or it is not valid. */
export function parseTraceparent(text: unknown): TraceContext | null {
  if (typeof text !== 'string' || text.length > LENGTH_MAX) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = FORMAT.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (isZero(traceId) || isZero(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** As version 00 has it; flags that it does not know are left out. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

function isZero(text: string): boolean {
  return /^0*$/.test(text);
}

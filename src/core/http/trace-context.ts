import type { TraceContext } from '../fabric/message.ts';
import { headerOf, headerValues, withoutHeaders } from './headers.ts';
import { readTracestate } from './trace-state.ts';

/** Headers that carry the context. */
const CONTEXT: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/** Flags of a trace that begins here: sampled. */
const SAMPLED = '01';
/** The flags that are defined, sampled and random; the others must be sent as zero (W3C Trace Context level 2). */
const KNOWN_FLAGS = 0x03;

/** The `traceparent` header of W3C Trace Context: version 00, flags as they came. */
export const formatTraceparent = (trace: { traceId: string; spanId: string; flags?: string }): string =>
  `00-${trace.traceId}-${trace.spanId}-${trace.flags ?? SAMPLED}`;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(.*)$/;

/** Ids of a valid `traceparent`, or null: version ff, zero ids, upper case and wrong lengths are invalid; later versions are read by their prefix (OB1). */
export function parseTraceparent(text: string): { traceId: string; spanId: string; flags: string } | null {
  const match = TRACEPARENT.exec(text.trim());
  if (match === null) return null;
  const [, version, traceId = '', spanId = '', given = '', rest = ''] = match;
  if (version === 'ff') return null;
  if (rest !== '' && (version === '00' || !rest.startsWith('-'))) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const flags = (parseInt(given, 16) & KNOWN_FLAGS).toString(16).padStart(2, '0');
  return { traceId, spanId, flags };
}

const SAGA_NAME = 'saga.name';
const SAGA_DIRECTION = 'saga.direction';

/** Members of a `baggage` header (W3C Baggage) as name and still encoded value; members without a name or value are dropped. */
function baggageMembers(text: string): [string, string][] {
  const members: [string, string][] = [];
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at <= 0) continue;
    members.push([part.slice(0, at).trim(), part.slice(at + 1).trim()]);
  }
  return members;
}

function decodeValue(text: string): string {
  const value = text.split(';')[0]?.trim() ?? '';
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Headers with the trace on them: `traceparent`, `tracestate`, and the saga in `baggage`; foreign baggage members are kept. */
export function injectTrace(headers: Record<string, string>, trace: TraceContext | null): Record<string, string> {
  if (trace === null) return headers;
  const foreign = baggageMembers(headerValues(headers, 'baggage').join(',')).filter(
    ([name]) => name !== SAGA_NAME && name !== SAGA_DIRECTION,
  );
  const members = foreign.map(([name, value]) => `${name}=${value}`);
  if (trace.saga !== undefined) {
    members.push(`${SAGA_NAME}=${encodeURIComponent(trace.saga.name)}`, `${SAGA_DIRECTION}=${trace.saga.direction}`);
  }
  const kept = withoutHeaders(headers, CONTEXT);
  return {
    ...kept,
    traceparent: formatTraceparent(trace),
    ...(trace.state === undefined ? {} : { tracestate: trace.state }),
    ...(members.length > 0 ? { baggage: members.join(',') } : {}),
  };
}

/** The trace that a request or message came with, or null when a new one must begin (no, invalid or duplicate `traceparent`). */
export function extractTrace(headers: Record<string, string>): TraceContext | null {
  const parents = headerValues(headers, 'traceparent');
  const parent = parents.length === 1 ? parseTraceparent(parents[0] as string) : null;
  if (parent === null) return null;
  const { flags, ...ids } = parent;
  const state = readTracestate(headerValues(headers, 'tracestate'));
  const parsed: TraceContext = {
    ...ids,
    ...(flags === SAMPLED ? {} : { flags }),
    ...(state === null ? {} : { state }),
  };
  const baggage = new Map(baggageMembers(headerOf(headers, 'baggage') ?? ''));
  const name = baggage.get(SAGA_NAME);
  const direction = decodeValue(baggage.get(SAGA_DIRECTION) ?? '');
  if (name === undefined || (direction !== 'forward' && direction !== 'compensation')) return parsed;
  return { ...parsed, saga: { name: decodeValue(name), direction } };
}

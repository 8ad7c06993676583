import { canonicalize, quote, sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { utf8Length } from '../base/sha256.ts';
import type { LogEvent } from './event.ts';
import { grpcSizes } from '../grpc/sizes.ts';
import type { Payload } from './message.ts';

/** Part of every log's header: a different version may give another hash (decision 3). */
export const CORE_VERSION = '0.2.0';

const LEADING = new Set(['t', 'class', 'source', 'seq', 'type']);

/** One event as one NDJSON line without the newline: key first, then the rest in code unit order (RFC 8785 values). */
export function encodeEvent(event: LogEvent): string {
  const record = event as unknown as { [key: string]: Json };
  let text = `{"t":${event.t},"class":${event.class},"source":${quote(event.source)},"seq":${event.seq},"type":"${event.type}"`;
  for (const key of sortedKeys(record)) {
    const value = LEADING.has(key) ? undefined : record[key];
    if (value !== undefined) text += `,${quote(key)}:${canonicalize(value)}`;
  }
  return text + '}';
}

/** Bytes that the payload would take on the wire: HTTP/1.1 text for HTTP, HTTP/2 frames for gRPC, JSON text for the rest. */
export function payloadSize(payload: Payload): number {
  const grpc = grpcSizes(payload);
  if (grpc !== null) return grpc.wire;
  if (payload.kind === 'http.request' || payload.kind === 'http.reply') {
    let head = payload.kind === 'http.request' ? payload.method.length + utf8Length(payload.path) + 12 : 17;
    for (const name of sortedKeys(payload.headers)) head += name.length + utf8Length(payload.headers[name] ?? '') + 4;
    return head + 2 + (payload.body === null ? 0 : utf8Length(payload.body));
  }
  return utf8Length(canonicalize(payload as unknown as Json));
}

import { canonicalize, quote, sortedKeys } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { utf8Length } from '../base/utf8-length.ts';
import type { LogEvent } from './event.ts';
import { grpcSizes } from '../grpc/sizes.ts';
import type { Payload } from './message.ts';

/** Part of every log's header: a different version may give another hash (decision 3). */
export const CORE_VERSION = '0.2.0';

const LEADING = new Set(['t', 'class', 'source', 'seq', 'type']);

/** Keys of an event as they stand in it; those behind the leading ones in code unit order, each with the text before its value. */
interface Shape {
  keys: readonly string[];
  following: readonly { key: string; text: string }[];
}
/** The latest shape of each type: events of one type nearly always have the same keys in the same order, so that they need not be sorted again. */
const shapes = new Map<string, Shape>();

function shapeOf(type: string, record: object): Shape {
  const keys = Object.keys(record);
  const known = shapes.get(type);
  if (known?.keys.length === keys.length && keys.every((key, index) => key === known.keys[index])) return known;
  const following = sortedKeys(record).filter((key) => !LEADING.has(key));
  const shape = { keys, following: following.map((key) => ({ key, text: `,${quote(key)}:` })) };
  shapes.set(type, shape);
  return shape;
}

/** One event as one NDJSON line without the newline: key first, then the rest in code unit order (RFC 8785 values). */
export function encodeEvent(event: LogEvent): string {
  const record = event as unknown as { [key: string]: Json };
  let line = `{"t":${event.t},"class":${event.class},"source":${quote(event.source)},"seq":${event.seq},"type":"${event.type}"`;
  for (const { key, text } of shapeOf(event.type, record).following) {
    const value = record[key];
    if (value !== undefined) line += text + canonicalize(value);
  }
  return line + '}';
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

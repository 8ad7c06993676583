import { sortedKeys } from '../base/canonical.ts';
import { utf8Length } from '../base/utf8-length.ts';
import type { Payload } from '../fabric/message.ts';
import { formatTimeout } from './timeout.ts';

/** Header of an HTTP/2 frame, the prefix of a gRPC message (compression flag and length), an RST_STREAM frame. Bytes. */
const FRAME = 9;
const PREFIX = 5;
const RST_STREAM = FRAME + 4;

/** Largest message that either side reads, as every gRPC library's default: 4 MiB. Beyond it RESOURCE_EXHAUSTED (RP1). */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** What a gRPC payload weighs, in bytes. */
export interface GrpcSizes {
  /** On the wire: HTTP/2 frames, message prefix, message, header fields without HPACK's compression (a literal: both lengths and both texts). */
  wire: number;
  /** The protobuf message alone; 0 without one. */
  message: number;
  /** The same message as JSON; 0 without one. */
  json: number;
}

const fields = (record: Readonly<Record<string, string>>): number => {
  let size = FRAME;
  for (const name of sortedKeys(record)) size += 2 + utf8Length(name) + utf8Length(record[name] ?? '');
  return size;
};
/** Bytes behind a base64 text. */
const decodedLength = (base64: string): number =>
  Math.floor((base64.length * 3) / 4) - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);

/** Headers of a request as HTTP/2 carries them; its message and the frames around are not in it. */
const requestHeaders = (payload: Extract<Payload, { kind: 'grpc.request' }>): Record<string, string> => ({
  ...payload.metadata,
  ':method': 'POST',
  ':scheme': 'http',
  ':path': payload.path,
  'content-type': 'application/grpc',
  te: 'trailers',
  ...(payload.timeoutUs === null ? {} : { 'grpc-timeout': formatTimeout(payload.timeoutUs) }),
});
const RESPONSE_HEADERS = { ':status': '200', 'content-type': 'application/grpc' };

/** Sizes of a gRPC payload, null for every other kind: what the event log counts and what people are shown are one function. */
export function grpcSizes(payload: Payload): GrpcSizes | null {
  switch (payload.kind) {
    case 'grpc.request':
      return withMessage(fields(requestHeaders(payload)), payload.bytes, payload.json);
    case 'grpc.message':
      return withMessage(payload.index === 0 ? fields(RESPONSE_HEADERS) : 0, payload.bytes, payload.json);
    case 'grpc.reply': {
      const { status, message, metadata, bytes, json, sent } = payload;
      const trailers = fields({
        ...metadata,
        'grpc-status': String(status),
        ...(message === '' ? {} : { 'grpc-message': message }),
      });
      return withMessage(trailers + (sent === 0 ? fields(RESPONSE_HEADERS) : 0), bytes, json);
    }
    case 'grpc.cancel':
      return { wire: RST_STREAM, message: 0, json: 0 };
    default:
      return null;
  }
}

function withMessage(headers: number, bytes: string | null, json: string | null): GrpcSizes {
  if (bytes === null) return { wire: headers, message: 0, json: 0 };
  const message = decodedLength(bytes);
  return { wire: headers + FRAME + PREFIX + message, message, json: json === null ? 0 : utf8Length(json) };
}

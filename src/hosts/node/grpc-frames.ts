import { MAX_MESSAGE_BYTES } from '../../core/grpc/sizes.ts';

/** One message with its prefix: no compression, four bytes of length (PROTOCOL-HTTP2.md). */
export function frameOf(base64: string): Buffer {
  const message = Buffer.from(base64, 'base64');
  const framed = Buffer.alloc(5 + message.length);
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, 5);
  return framed;
}

/** Why the bytes of a stream are no messages: the status that says so. */
export class FrameError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Cuts the bytes of one stream into messages (base64). Throws FrameError on compression (UNIMPLEMENTED) and on size (RESOURCE_EXHAUSTED). */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): string[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: string[] = [];
    while (this.rest.length >= 5) {
      if (this.rest[0] !== 0) throw new FrameError(12, 'compressed messages are not read here');
      const length = this.rest.readUInt32BE(1);
      if (length > MAX_MESSAGE_BYTES)
        throw new FrameError(8, `a message of ${length} bytes is larger than ${MAX_MESSAGE_BYTES}`);
      if (this.rest.length < 5 + length) break;
      messages.push(this.rest.subarray(5, 5 + length).toString('base64'));
      this.rest = this.rest.subarray(5 + length);
    }
    return messages;
  }

  /** True when the stream ended inside a message. */
  get isTorn(): boolean {
    return this.rest.length > 0;
  }
}

/** `grpc-message` carries UTF-8 with everything but printable ASCII percent-encoded. */
export const encodeStatusMessage = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** Reads it back; what is not a valid escape stays as it is. */
export function decodeStatusMessage(text: string): string {
  const bytes = Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return bytes.toString('utf8');
}

/** Header fields that belong to the call, not to its metadata. */
const OF_THE_CALL = /^(:.*|te|content-type|user-agent|accept|accept-encoding|date|grpc-(?!retry-pushback-ms).*)$/;

/** What the caller or the handler wrote beside the message: one text per name. */
export function metadataOf(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const metadata: [string, string][] = [];
  for (const name of Object.keys(headers).sort()) {
    const value = headers[name];
    if (value !== undefined && !OF_THE_CALL.test(name))
      metadata.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return Object.fromEntries(metadata);
}

/** Status of a stream that was reset without one, by the reason of the reset (PROTOCOL-HTTP2.md, Errors). */
export function statusOfReset(code: number): number {
  // NO_ERROR, PROTOCOL_ERROR and their like are broken promises: INTERNAL. REFUSED_STREAM: nothing was done. CANCEL. ENHANCE_YOUR_CALM. INADEQUATE_SECURITY.
  const known: Readonly<Record<number, number>> = { 7: 14, 8: 1, 11: 8, 12: 7 };
  return known[code] ?? 13;
}

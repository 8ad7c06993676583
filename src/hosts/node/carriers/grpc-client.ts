import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import { canonicalize } from '../../../core/base/canonical.ts';
import type { InstanceId, Message, Payload } from '../../../core/fabric/message.ts';
import type { MessageCodec, RpcCodec } from '../../../core/grpc/codec.ts';
import { statusOfHttp } from '../../../core/grpc/status.ts';
import { formatTimeout } from '../../../core/grpc/timeout.ts';
import { type Carrier, type Inbox, lossOf } from '../carrier.ts';
import { decodeStatusMessage, FrameError, frameOf, FrameReader, metadataOf, statusOfReset } from '../grpc-frames.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;
type Reply = Extract<Payload, { kind: 'grpc.reply' }>;

/** gRPC calls to instances of services over cleartext HTTP/2, one connection per address. `addressOf` gives `host:port` of their gRPC port, `rpcOf` what the called service says about a path. */
export function grpcCarrier(
  inbox: Inbox,
  addressOf: (instance: InstanceId) => string | null,
  rpcOf: (instance: InstanceId, rpc: string) => RpcCodec | null,
): Carrier {
  const sessions = new Map<string, ClientHttp2Session>();
  const streams = new Map<string, ClientHttp2Stream>();
  const failures = new WeakMap<ClientHttp2Session, unknown>();

  function sessionTo(address: string): ClientHttp2Session {
    const known = sessions.get(address);
    if (known && !known.closed && !known.destroyed) return known;
    const session = connect(`http://${address}`);
    sessions.set(address, session);
    // Told stream by stream; without a listener the process would end.
    session.on('error', (error) => failures.set(session, error));
    session.on('close', () => {
      if (sessions.get(address) === session) sessions.delete(address);
    });
    // An idle connection does not keep the process alive.
    session.unref();
    return session;
  }

  function transmit(message: Message, payload: Request, address: string): void {
    const { path, metadata, timeoutUs, bytes } = payload;
    const rpc = rpcOf(message.to, path.slice(1));
    const session = sessionTo(address);
    const stream = session.request({
      ...metadata,
      ':method': 'POST',
      ':path': path,
      te: 'trailers',
      'content-type': 'application/grpc+proto',
      ...(timeoutUs === null ? {} : { 'grpc-timeout': formatTimeout(timeoutUs) }),
    });
    streams.set(message.id, stream);
    const lost = (): unknown => (session.destroyed ? (failures.get(session) ?? new Error('connection closed')) : null);
    receive(inbox, message, { stream, rpc, lost }, () => streams.delete(message.id));
    stream.end(frameOf(bytes));
  }

  return {
    send(message) {
      const { payload } = message;
      if (payload.kind === 'grpc.cancel') {
        streams.get(payload.request)?.close(constants.NGHTTP2_CANCEL);
        streams.delete(payload.request);
        return;
      }
      if (payload.kind !== 'grpc.request') return;
      const address = addressOf(message.to);
      if (address === null) return queueMicrotask(() => inbox.refused(message, 'connection_refused'));
      try {
        transmit(message, payload, address);
      } catch {
        // Metadata that HTTP cannot carry.
        queueMicrotask(() => inbox.refused(message, 'connection_reset'));
      }
    },
    close() {
      for (const session of sessions.values()) session.destroy();
      return Promise.resolve();
    },
  };
}

interface Answering {
  stream: ClientHttp2Stream;
  rpc: RpcCodec | null;
  /** Why the connection is gone, null as long as it stands. */
  lost: () => unknown;
}

/** Turns what comes back on one stream into messages and one reply. */
function receive(inbox: Inbox, request: Message, { stream, rpc, lost }: Answering, onOver: () => void): void {
  const reader = new FrameReader();
  let held: string | null = null;
  let sent = 0;
  let http = 200;
  let trailers: IncomingHttpHeaders | null = null;
  let failed: FrameError | null = null;

  const pass = (bytes: string): void => {
    const payload = { kind: 'grpc.message' as const, index: sent++, bytes, json: jsonOf(rpc?.output, bytes) };
    inbox.arrive(request.to, payload, { answers: request });
  };
  const finish = (status: number, message: string, metadata: Record<string, string>): void => {
    const bytes = status === 0 ? held : null;
    const json = bytes === null ? null : jsonOf(rpc?.output, bytes);
    const reply: Reply = { kind: 'grpc.reply', status, message, metadata, bytes, json, sent };
    inbox.arrive(request.to, reply, { answers: request });
  };
  stream.on('response', (headers) => {
    http = Number(headers[':status'] ?? 200);
    if (headers['grpc-status'] !== undefined) trailers = headers;
  });
  stream.on('trailers', (headers) => (trailers = headers));
  // Told by `close`, which follows.
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of reader.push(chunk)) {
        if (rpc?.serverStreaming === true) pass(bytes);
        else {
          // A second message of a unary answer breaks its promise; the caller counts them.
          if (held !== null) pass(held);
          held = bytes;
        }
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      failed = error;
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.on('close', () => {
    onOver();
    if (failed !== null) finish(failed.status, failed.message, {});
    else if (trailers !== null) {
      const status = Number(trailers['grpc-status']);
      const message = String(trailers['grpc-message'] ?? '');
      finish(Number.isInteger(status) ? status : 2, decodeStatusMessage(message), metadataOf(trailers));
    } else if (http !== 200) finish(statusOfHttp(http), `HTTP ${http}`, {});
    // The connection tells its own reason after those of its streams.
    else if (lost() !== null) setImmediate(() => inbox.refused(request, lossOf(lost())));
    else finish(statusOfReset(stream.rstCode), 'the stream was reset', {});
  });
}

function jsonOf(codec: MessageCodec | undefined, bytes: string): string {
  const read = codec?.decode(bytes);
  return read?.ok === true ? canonicalize(read.value) : 'null';
}

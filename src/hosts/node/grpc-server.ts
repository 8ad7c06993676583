import {
  createServer,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { canonicalize } from '../../core/base/canonical.ts';
import { EDGE, type Message, type Payload } from '../../core/fabric/message.ts';
import type { RpcCodec } from '../../core/grpc/codec.ts';
import { parseTimeout } from '../../core/grpc/timeout.ts';
import { extractTrace } from '../../core/http/trace-context.ts';
import { wallNowUs } from './clock.ts';
import { encodeStatusMessage, FrameError, frameOf, FrameReader, metadataOf } from './grpc-frames.ts';
import { listen } from './listen.ts';

export interface GrpcServerOptions {
  instance: string;
  /** What the service, or one behind the gateway, says about an rpc: for the JSON beside the bytes. */
  rpcOf(rpc: string): RpcCodec | null;
  /** A request or a cancel for the actor; its answers come through `reply`. */
  onMessage(message: Message): void;
}
interface Open {
  stream: ServerHttp2Stream;
  hasHeaders: boolean;
  isAnswered: boolean;
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** gRPC over cleartext HTTP/2, of a service or of a gateway: unary and server streaming calls become messages for the actor; framing, headers and trailers are here, bytes are the codec's. */
export class GrpcServer {
  private readonly server = createServer();
  private readonly options: GrpcServerOptions;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly open = new Map<string, Open>();
  private count = 0;

  constructor(options: GrpcServerOptions) {
    this.options = options;
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => session.destroy());
    });
    this.server.on('stream', (stream, headers) => this.accept(stream, headers));
  }

  /** Resolves with the port when the server listens; rejects when it cannot. */
  listen(port: number, host?: string): Promise<number> {
    return listen(this.server, port, host);
  }

  /** Carries a message or the status of a call to its caller; one that is gone hears nothing. */
  reply(message: Message): void {
    const { payload, inReplyTo = '' } = message;
    const call = this.open.get(inReplyTo);
    if (!call || call.stream.destroyed) return;
    if (payload.kind === 'grpc.message') this.write(call, payload.bytes);
    else if (payload.kind === 'grpc.reply') {
      this.open.delete(inReplyTo);
      this.end(call, payload);
    }
  }

  /** No new calls; resolves when the connections are closed, which is at once. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const session of this.sessions) session.destroy();
    });
  }

  private write(call: Open, bytes: string): void {
    if (!call.hasHeaders) call.stream.respond(HEADERS, { waitForTrailers: true });
    call.hasHeaders = true;
    call.stream.write(frameOf(bytes));
  }

  private end(call: Open, reply: Extract<Payload, { kind: 'grpc.reply' }>): void {
    call.isAnswered = true;
    const { status, message, metadata, bytes } = reply;
    const trailers = {
      ...metadata,
      'grpc-status': String(status),
      ...(message === '' ? {} : { 'grpc-message': encodeStatusMessage(message) }),
    };
    if (bytes === null && !call.hasHeaders) {
      call.stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
      return;
    }
    if (bytes !== null) this.write(call, bytes);
    call.stream.once('wantTrailers', () => call.stream.sendTrailers(trailers));
    call.stream.end();
  }

  private accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => stream.destroy());
    if (!String(headers['content-type']).startsWith('application/grpc')) {
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    const call: Open = { stream, hasHeaders: false, isAnswered: false };
    const reader = new FrameReader();
    const messages: string[] = [];
    const refuse = (status: number, message: string): void => {
      stream.removeAllListeners('data');
      this.end(call, { kind: 'grpc.reply', status, message, metadata: {}, bytes: null, json: null, sent: 0 });
      stream.close(constants.NGHTTP2_NO_ERROR);
    };
    stream.on('data', (chunk: Buffer) => {
      try {
        messages.push(...reader.push(chunk));
      } catch (error) {
        if (error instanceof FrameError) refuse(error.status, error.message);
        else throw error;
      }
    });
    stream.on('end', () => {
      if (call.isAnswered) return;
      const [bytes, another] = messages;
      if (reader.isTorn) refuse(13, 'the request ended inside a message');
      else if (bytes === undefined || another !== undefined)
        refuse(12, `a call takes one message, not ${messages.length}`);
      else this.hand(call, headers, bytes);
    });
  }

  private hand(call: Open, headers: IncomingHttpHeaders, bytes: string): void {
    const path = headers[':path'] ?? '/';
    const metadata = metadataOf(headers);
    const trace = extractTrace(metadata);
    const id = `${EDGE}:${this.options.instance}:grpc:${this.count++}`;
    const input = this.options.rpcOf(path.slice(1))?.input.decode(bytes);
    const fromAddress = (call.stream.session?.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
    const send = (payload: Payload, name: string): void => {
      const t = wallNowUs();
      const way = { from: EDGE, to: this.options.instance, link: null, trace, departAt: t, arriveAt: t };
      this.options.onMessage({
        id: payload.kind === 'grpc.request' ? id : `${id}:cancel`,
        ...way,
        fromAddress,
        operation: name,
        payload,
      });
    };
    this.open.set(id, call);
    call.stream.on('close', () => {
      if (!this.open.delete(id)) return;
      send({ kind: 'grpc.cancel', request: id }, `cancel ${path.slice(1)}`);
    });
    const timeout = headers['grpc-timeout'];
    const timeoutUs = parseTimeout(Array.isArray(timeout) ? timeout[0] : timeout);
    const json = input?.ok === true ? canonicalize(input.value) : 'null';
    send({ kind: 'grpc.request', path, metadata, timeoutUs, bytes, json }, path.slice(1));
  }
}

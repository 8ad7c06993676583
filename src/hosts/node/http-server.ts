import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EDGE, type Message, type Payload } from '../../core/fabric/message.ts';
import { splitTarget } from '../../core/http/path.ts';
import { extractTrace } from '../../core/http/trace-context.ts';
import { plainHeaders } from './carriers/http-client.ts';
import { wallNowUs } from './clock.ts';
import { listen } from './listen.ts';

/** Largest request body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface HttpServerOptions {
  instance: string;
  isReady(): boolean;
  /** A request for the actor; its reply comes through `reply`. */
  onRequest(message: Message): void;
}

/** The front door of one instance: /healthz and /readyz are the container's, everything else is the actor's. */
export class HttpServer {
  private readonly server: Server;
  private readonly options: HttpServerOptions;
  private readonly pending = new Map<string, ServerResponse>();
  private count = 0;

  constructor(options: HttpServerOptions) {
    this.options = options;
    this.server = createServer((request, response) => this.accept(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  /** Resolves with the port when the server listens; rejects when it cannot. */
  listen(port: number, host?: string): Promise<number> {
    return listen(this.server, port, host);
  }

  /** True when the message answered a request of this server. */
  reply(message: Message): boolean {
    const response = message.inReplyTo === undefined ? undefined : this.pending.get(message.inReplyTo);
    if (!response || message.payload.kind !== 'http.reply') return false;
    this.pending.delete(message.inReplyTo ?? '');
    answer(response, message.payload);
    return true;
  }

  /** Refuses new connections; resolves when the open ones are closed (idle ones at once). */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  private accept(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? '/';
    const { path } = splitTarget(target);
    if (path === '/healthz') return plain(response, 200, 'ok');
    if (path === '/readyz')
      return this.options.isReady() ? plain(response, 200, 'ready') : plain(response, 503, 'not ready');
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      if (bytes > MAX_BODY_BYTES) return plain(response, 413, `body larger than ${MAX_BODY_BYTES} bytes`);
      this.hand(request, response, target, Buffer.concat(chunks).toString('utf8'));
    });
  }

  private hand(request: IncomingMessage, response: ServerResponse, target: string, body: string): void {
    const headers = plainHeaders(request.headers);
    const method = request.method ?? 'GET';
    const id = `${EDGE}:${this.options.instance}:${this.count++}`;
    const t = wallNowUs();
    this.pending.set(id, response);
    response.on('close', () => this.pending.delete(id));
    this.options.onRequest({
      id,
      from: EDGE,
      to: this.options.instance,
      link: null,
      operation: `${method} ${splitTarget(target).path}`,
      trace: extractTrace(headers),
      payload: { kind: 'http.request', method, path: target, headers, body: body === '' ? null : body },
      fromAddress: (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, ''),
      departAt: t,
      arriveAt: t,
    });
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function answer(response: ServerResponse, payload: Extract<Payload, { kind: 'http.reply' }>): void {
  const hasBody = payload.status >= 200 && payload.status !== 204 && payload.status !== 304;
  const { body, headers } = payload;
  // Of the body that is sent, whatever a handler or a transformation said of its length.
  const length = hasBody ? { 'content-length': Buffer.byteLength(body ?? '') } : {};
  try {
    response.writeHead(payload.status, { ...headers, ...length });
  } catch (error) {
    // A header that HTTP cannot carry, such as one with a line end.
    return plain(response, 500, `reply cannot be sent: ${String(error)}`);
  }
  response.end(hasBody ? (body ?? undefined) : undefined);
}

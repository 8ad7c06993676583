import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A kept connection is let go after so long without a request: before the other side, which keeps its own for a minute, closes it. ms */
const KEEP_IDLE_MS = 15_000;
/** Largest reply that is read, in bytes. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** RFC 9110 9.2.2: asking twice is as good as asking once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export interface Exchange {
  /** `host:port`. */
  address: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** Longest silence of the connection, ms. */
  silenceMs: number;
  /** True when what is asked may be asked twice although its method does not say so. */
  isRepeatable?: boolean;
  signal?: AbortSignal;
}

export interface Exchanged {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

type Tried = { reply: Exchanged } | { error: unknown; isStale: boolean };

/** HTTP/1.1 over connections that are kept. One that the other side closed while it was idle is found out by the next request on it, which is sent once more on a fresh connection if it is idempotent (RFC 9110 9.2.2, RFC 9112 9.3.1); any other may have been acted upon and fails. */
export class HttpPool {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: KEEP_IDLE_MS });
  private isClosed = false;

  /** The whole reply; rejects with what happened to the connection, or with what HTTP cannot carry. */
  async exchange(exchange: Exchange): Promise<Exchanged> {
    const first = await this.attempt(exchange, this.agent);
    if ('reply' in first) return first.reply;
    if (!first.isStale || this.isClosed) throw first.error;
    // Not from the pool: its other connections may be as old.
    const second = await this.attempt(exchange, undefined);
    if ('reply' in second) return second.reply;
    // Whoever died over the request refuses the next one: the first failure is the reason.
    throw first.error;
  }

  /** Breaks what is under way. */
  close(): void {
    this.isClosed = true;
    this.agent.destroy();
  }

  private attempt(exchange: Exchange, agent: Agent | undefined): Promise<Tried> {
    const { address, method, path, headers, body, silenceMs, signal } = exchange;
    const at = address.lastIndexOf(':');
    return new Promise((resolve, reject) => {
      const outgoing = request({
        agent: agent ?? false,
        host: address.slice(0, at),
        port: Number(address.slice(at + 1)),
        method,
        path,
        headers,
        timeout: silenceMs,
        ...(signal === undefined ? {} : { signal }),
      });
      /** Nothing has come, and the connection was not given up here. */
      let isUnheard = true;
      outgoing.on('timeout', () => {
        isUnheard = false;
        outgoing.destroy(new Error('no answer'));
      });
      outgoing.on('error', (error) => {
        const mayRepeat = exchange.isRepeatable === true || IDEMPOTENT.has(method);
        const isStale = outgoing.reusedSocket && mayRepeat && isUnheard && signal?.aborted !== true;
        resolve({ error, isStale });
      });
      outgoing.on('response', (response) => {
        isUnheard = false;
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_REPLY_BYTES) response.destroy(new Error('reply too large'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ reply: { status: response.statusCode ?? 502, headers: response.headers, body: text } });
        });
      });
      outgoing.end(body ?? undefined);
    });
  }
}

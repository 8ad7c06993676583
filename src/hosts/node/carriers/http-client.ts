import { Agent, request } from 'node:http';
import type { InstanceId, Message } from '../../../core/fabric/message.ts';
import { type Carrier, type Inbox, lossOf } from '../carrier.ts';

/** Sockets that answer nothing at all are given up after this; the actor's own time-out is earlier. */
const SOCKET_TIMEOUT_MS = 60_000;
/** Largest reply that is read, in bytes. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** HTTP/1.1 requests to instances of services and gateways. `addressOf` gives `host:port`, or null for an unknown instance. */
export function httpCarrier(inbox: Inbox, addressOf: (instance: InstanceId) => string | null): Carrier {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });

  function transmit(message: Message, address: string, isSecondTry: boolean): void {
    const { payload } = message;
    if (payload.kind !== 'http.request') return;
    const at = address.lastIndexOf(':');
    const outgoing = request({
      agent,
      host: address.slice(0, at),
      port: Number(address.slice(at + 1)),
      method: payload.method,
      path: payload.path,
      headers: payload.headers,
      timeout: SOCKET_TIMEOUT_MS,
    });
    const fail = (error: unknown): void => {
      // A kept connection may have been closed by the other side just now; nothing was accepted on it.
      if (outgoing.reusedSocket && !isSecondTry) transmit(message, address, true);
      else inbox.refused(message, lossOf(error));
    };
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_REPLY_BYTES) response.destroy(new Error('reply too large'));
        else chunks.push(chunk);
      });
      response.on('error', () => inbox.refused(message, 'connection_reset'));
      response.on('end', () => {
        const headers = plainHeaders(response.headers);
        const body = Buffer.concat(chunks).toString('utf8');
        const status = response.statusCode ?? 502;
        inbox.arrive(
          message.to,
          { kind: 'http.reply', status, headers, body: body === '' ? null : body },
          { answers: message },
        );
      });
    });
    outgoing.end(payload.body ?? undefined);
  }

  return {
    send(message) {
      const address = addressOf(message.to);
      if (address === null) queueMicrotask(() => inbox.refused(message, 'connection_refused'));
      else {
        try {
          transmit(message, address, false);
        } catch {
          // A header or path that HTTP cannot carry.
          queueMicrotask(() => inbox.refused(message, 'connection_reset'));
        }
      }
    },
    close() {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

/** Headers that describe this connection or this encoding of the body, not the message. */
const OF_THE_WIRE = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'host']);

/** Lower-case names and one text per name, without those that belong to the wire: what the tab's messages carry. */
export function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: [string, string][] = [];
  for (const name of Object.keys(headers).sort()) {
    const value = headers[name];
    if (value !== undefined && !OF_THE_WIRE.has(name))
      plain.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return Object.fromEntries(plain);
}

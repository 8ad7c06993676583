import type { InstanceId, Message } from '../../../core/fabric/message.ts';
import { type Carrier, type Inbox, lossOf } from '../carrier.ts';
import { HttpPool } from './http-pool.ts';

/** Sockets that answer nothing at all are given up after this; the actor's own time-out is earlier. */
const SOCKET_TIMEOUT_MS = 60_000;

/** HTTP/1.1 requests to instances of services and gateways. `addressOf` gives `host:port`, or null for an unknown instance. */
export function httpCarrier(inbox: Inbox, addressOf: (instance: InstanceId) => string | null): Carrier {
  const pool = new HttpPool();

  async function transmit(message: Message, address: string): Promise<void> {
    const { payload } = message;
    if (payload.kind !== 'http.request') return;
    const { method, path, headers, body } = payload;
    try {
      const reply = await pool.exchange({ address, method, path, headers, body, silenceMs: SOCKET_TIMEOUT_MS });
      const { status, headers: given, body: text } = reply;
      const said = {
        kind: 'http.reply' as const,
        status,
        headers: plainHeaders(given),
        body: text === '' ? null : text,
      };
      inbox.arrive(message.to, said, { answers: message });
    } catch (error) {
      inbox.refused(message, lossOf(error));
    }
  }

  return {
    send(message) {
      const address = addressOf(message.to);
      if (address === null) queueMicrotask(() => inbox.refused(message, 'connection_refused'));
      else void transmit(message, address);
    },
    close() {
      pool.close();
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

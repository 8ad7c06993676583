import { isObject, type Json } from '../../../core/base/json.ts';
import type { Payload } from '../../../core/fabric/message.ts';
import type { Carrier, Inbox } from '../carrier.ts';
import { HttpPool } from './http-pool.ts';
import { answeringCarrier, CALL_TIMEOUT_MS, type RegistryOptions } from './registry-carrier.ts';

/** Consul asks /readyz this often; a critical entry is removed after a minute, the least it permits. */
const CHECK = { Interval: '2s', Timeout: '2s', DeregisterCriticalServiceAfter: '1m', Status: 'passing' };

/** What Consul adds to a wait at most. */
const WAIT_JITTER = 1 / 16;
type Discover = Extract<Payload, { kind: 'registry.discover' }>;

/** Registration with an HTTP check, discovery of passing instances, by blocking queries if asked so: Consul's agent and health API. */
export function consulCarrier(inbox: Inbox, options: Omit<RegistryOptions, 'registry'>): Carrier {
  const server = `${options.host}:${options.port}`;
  const pool = new HttpPool();
  /** What was registered last: Consul in development mode forgets everything when it restarts. */
  let registration: string | null = null;

  /** Ends questions that wait for a change when the container stops. */
  const closing = new AbortController();

  async function call(
    method: string,
    path: string,
    { body = null, waitMs = 0 }: { body?: string | null; waitMs?: number } = {},
  ): Promise<{ status: number; json: Json; index: number }> {
    const silenceMs = CALL_TIMEOUT_MS + Math.ceil(waitMs * (1 + WAIT_JITTER));
    const late = AbortSignal.timeout(silenceMs);
    const signal = waitMs > 0 ? AbortSignal.any([late, closing.signal]) : late;
    // All that is asked of Consul may be asked twice: it is looked up, or put as it shall be.
    const reply = await pool.exchange({
      address: server,
      method,
      path: `/v1${path}`,
      headers: {},
      body,
      silenceMs,
      signal,
    });
    const { status, headers, body: text } = reply;
    if (status >= 500) throw new Error(`Consul answered ${status} to ${method} ${path}: ${text}`);
    return {
      status,
      json: status === 200 && text !== '' && text !== 'null' ? (JSON.parse(text) as Json) : null,
      index: Math.max(1, Number(headers['x-consul-index'] ?? 1) || 1),
    };
  }

  const ID = encodeURIComponent(options.instance);
  const register = (): Promise<unknown> => call('PUT', '/agent/service/register', { body: registration });

  function registrationOf(service: string, address: string): string {
    const at = address.lastIndexOf(':');
    const Check = { ...CHECK, HTTP: `http://${address}/readyz` };
    return JSON.stringify({
      ID: options.instance,
      Name: service,
      Address: address.slice(0, at),
      Port: Number(address.slice(at + 1)),
      Check,
    });
  }

  async function heartbeat(): Promise<void> {
    if (registration === null) return;
    const { status } = await call('GET', `/agent/service/${ID}`);
    if (status === 404) await register();
  }

  async function discover({ service, index: seen, waitMs = 0 }: Discover): Promise<Payload> {
    // With an index it is a blocking query: Consul answers on a later one, or when the wait is over.
    const isOpen = seen !== undefined && seen > 0;
    const blocking = isOpen ? `&index=${seen}&wait=${Math.ceil(waitMs)}ms` : '';
    const path = `/health/service/${encodeURIComponent(service)}?passing=true${blocking}`;
    const { json, index } = await call('GET', path, isOpen ? { waitMs } : {});
    const addresses = (Array.isArray(json) ? json : []).flatMap((entry) => {
      const found = isObject(entry) ? entry['Service'] : null;
      if (!isObject(found)) return [];
      const { ID: instance, Address: host, Port: port } = found;
      if (typeof instance !== 'string' || typeof host !== 'string' || typeof port !== 'number') return [];
      const address = `${host}:${port}`;
      options.onAddress(instance, address);
      return [{ instance, address }];
    });
    addresses.sort((a, b) => (a.instance < b.instance ? -1 : 1));
    return { kind: 'registry.result', service, ...(seen === undefined ? {} : { index }), addresses };
  }

  async function answerTo(payload: Payload): Promise<Payload> {
    switch (payload.kind) {
      case 'registry.register':
        registration = registrationOf(payload.service, payload.address);
        await register();
        return { kind: 'registry.ok' };
      case 'registry.heartbeat':
        await heartbeat();
        return { kind: 'registry.ok' };
      case 'registry.deregister':
        registration = null;
        await call('PUT', `/agent/service/deregister/${ID}`);
        return { kind: 'registry.ok' };
      case 'registry.discover':
        return discover(payload);
      default:
        return { kind: 'registry.ok' };
    }
  }

  const carrier = answeringCarrier(inbox, answerTo, () => Promise.resolve(pool.close()));
  return {
    send: (message) => carrier.send(message),
    close() {
      closing.abort();
      return carrier.close();
    },
  };
}

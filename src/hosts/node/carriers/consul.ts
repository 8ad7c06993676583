import { isObject, type Json } from '../../../core/base/json.ts';
import type { Payload } from '../../../core/fabric/message.ts';
import type { Carrier, Inbox } from '../carrier.ts';
import { answeringCarrier, CALL_TIMEOUT_MS, type RegistryOptions } from './registry-carrier.ts';

/** Consul asks /readyz this often; a critical entry is removed after a minute, the least it permits. */
const CHECK = { Interval: '2s', Timeout: '2s', DeregisterCriticalServiceAfter: '1m', Status: 'passing' };

/** Registration with an HTTP check, discovery of passing instances: Consul's agent and health API. */
export function consulCarrier(inbox: Inbox, options: Omit<RegistryOptions, 'registry'>): Carrier {
  const base = `http://${options.host}:${options.port}/v1`;
  /** What was registered last: Consul in development mode forgets everything when it restarts. */
  let registration: string | null = null;

  async function call(
    method: string,
    path: string,
    body: string | null = null,
  ): Promise<{ status: number; json: Json }> {
    const response = await fetch(base + path, { method, body, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`Consul answered ${response.status} to ${method} ${path}: ${text}`);
    return {
      status: response.status,
      json: response.status === 200 && text !== '' && text !== 'null' ? (JSON.parse(text) as Json) : null,
    };
  }

  const ID = encodeURIComponent(options.instance);
  const register = (): Promise<unknown> => call('PUT', '/agent/service/register', registration);

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

  async function discover(service: string): Promise<Payload> {
    const { json } = await call('GET', `/health/service/${encodeURIComponent(service)}?passing=true`);
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
    return { kind: 'registry.result', service, addresses };
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
        return discover(payload.service);
      default:
        return { kind: 'registry.ok' };
    }
  }

  return answeringCarrier(inbox, answerTo);
}

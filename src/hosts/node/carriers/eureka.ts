import { isObject, type Json } from '../../../core/base/json.ts';
import type { Payload } from '../../../core/fabric/message.ts';
import type { Carrier, Inbox } from '../carrier.ts';
import { HttpPool } from './http-pool.ts';
import { answeringCarrier, CALL_TIMEOUT_MS, type RegistryOptions } from './registry-carrier.ts';

/** How Eureka's clients describe a data centre of their own. */
const DATA_CENTER = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
/** Names are upper case at the server. */
const appOf = (service: string): string => service.toUpperCase();

/** Registration, renewal, cancellation and fetch of one application: Eureka's REST operations. */
export function eurekaCarrier(
  inbox: Inbox,
  options: Omit<RegistryOptions, 'registry'> & { renewalMs: number },
): Carrier {
  const pool = new HttpPool();
  const id = encodeURIComponent(options.instance);

  async function call(method: string, path: string, body?: Json): Promise<{ status: number; json: Json }> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const { status, body: text } = await pool.exchange({
      address: `${options.host}:${options.port}`,
      method,
      path: `/eureka/v2/apps${path}`,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      silenceMs: CALL_TIMEOUT_MS,
      // Whoever registers twice is registered once.
      isRepeatable: true,
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    if (status >= 500) throw new Error(`Eureka answered ${status} to ${method} ${path}: ${text}`);
    return { status, json: status === 200 && text !== '' ? (JSON.parse(text) as Json) : null };
  }

  async function register(service: string, address: string, ttlMs: number): Promise<Payload> {
    const at = address.lastIndexOf(':');
    const host = address.slice(0, at);
    await call('POST', `/${appOf(service)}`, {
      instance: {
        instanceId: options.instance,
        hostName: host,
        app: appOf(service),
        ipAddr: host,
        vipAddress: service,
        status: 'UP',
        port: { $: Number(address.slice(at + 1)), '@enabled': 'true' },
        healthCheckUrl: `http://${address}/readyz`,
        dataCenterInfo: DATA_CENTER,
        leaseInfo: {
          durationInSecs: Math.ceil(ttlMs / 1000),
          renewalIntervalInSecs: Math.max(1, Math.round(options.renewalMs / 1000)),
        },
      },
    });
    return { kind: 'registry.ok' };
  }

  async function discover(service: string): Promise<Payload> {
    const { json } = await call('GET', `/${appOf(service)}`);
    const application = isObject(json) ? json['application'] : null;
    const given = isObject(application) ? application['instance'] : null;
    // A single instance comes without its list.
    const instances = Array.isArray(given) ? given : given === null || given === undefined ? [] : [given];
    const addresses = instances.flatMap((entry) => {
      if (!isObject(entry) || entry['status'] !== 'UP') return [];
      const { instanceId: instance, ipAddr: host, port } = entry;
      const number = isObject(port) ? Number(port['$']) : NaN;
      if (typeof instance !== 'string' || typeof host !== 'string' || Number.isNaN(number)) return [];
      const address = `${host}:${number}`;
      options.onAddress(instance, address);
      return [{ instance, address }];
    });
    addresses.sort((a, b) => (a.instance < b.instance ? -1 : 1));
    return { kind: 'registry.result', service, addresses };
  }

  const answerTo = async (payload: Payload): Promise<Payload> => {
    switch (payload.kind) {
      case 'registry.register':
        return register(payload.service, payload.address, payload.ttlMs);
      case 'registry.heartbeat': {
        const { status } = await call('PUT', `/${appOf(payload.service)}/${id}`);
        return status === 404 ? { kind: 'registry.unknown', service: payload.service } : { kind: 'registry.ok' };
      }
      case 'registry.deregister':
        await call('DELETE', `/${appOf(payload.service)}/${id}`);
        return { kind: 'registry.ok' };
      case 'registry.discover':
        return discover(payload.service);
      default:
        return { kind: 'registry.ok' };
    }
  };
  return answeringCarrier(inbox, answerTo, () => Promise.resolve(pool.close()));
}

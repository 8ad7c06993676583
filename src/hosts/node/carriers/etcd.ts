import { isObject, type Json } from '../../../core/base/json.ts';
import type { Payload } from '../../../core/fabric/message.ts';
import { type Carrier, type Inbox, textOf } from '../carrier.ts';
import { HttpPool } from './http-pool.ts';
import { answeringCarrier, CALL_TIMEOUT_MS, type RegistryOptions } from './registry-carrier.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const text64 = (value: Json | undefined): string =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
const prefixOf = (service: string): string => `/services/${service}/`;
/** All keys below a prefix: up to the character behind the slash. */
const rangeOf = (service: string): { key: string; range_end: string } => ({
  key: base64(prefixOf(service)),
  range_end: base64(`${prefixOf(service).slice(0, -1)}0`),
});

/** Registration as a key under a lease that heartbeats keep alive, discovery by range and watch: etcd v3 over its JSON gateway. */
export function etcdCarrier(inbox: Inbox, options: RegistryOptions): Carrier {
  const server = `${options.host}:${options.port}`;
  const pool = new HttpPool();
  const ended = new AbortController();
  let lease: string | null = null;
  const watched = new Set<string>();

  async function call(path: string, body: Json): Promise<Record<string, Json>> {
    const signal = AbortSignal.any([AbortSignal.timeout(CALL_TIMEOUT_MS), ended.signal]);
    const reply = await pool.exchange({
      address: server,
      method: 'POST',
      path: `/v3${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      silenceMs: CALL_TIMEOUT_MS,
      // Ranges, puts of the same key and keep-alives may come twice; of two leases one is never used and ends.
      isRepeatable: true,
      signal,
    });
    if (reply.status < 200 || reply.status > 299)
      throw new Error(`etcd answered ${reply.status} to ${path}: ${reply.body}`);
    return JSON.parse(reply.body) as Record<string, Json>;
  }

  async function register(service: string, address: string, ttlMs: number): Promise<Payload> {
    const granted = await call('/lease/grant', { TTL: Math.ceil(ttlMs / 1000) });
    lease = typeof granted['ID'] === 'string' ? granted['ID'] : null;
    await call('/kv/put', { key: base64(prefixOf(service) + options.instance), value: base64(address), lease });
    return { kind: 'registry.ok' };
  }

  async function heartbeat(service: string): Promise<Payload> {
    const kept = lease === null ? {} : await call('/lease/keepalive', { ID: lease });
    const { result } = kept;
    const ttl = isObject(result) ? result['TTL'] : undefined;
    return ttl === undefined || ttl === '0' ? { kind: 'registry.unknown', service } : { kind: 'registry.ok' };
  }

  async function addressesOf(service: string): Promise<{ instance: string; address: string }[]> {
    const { kvs } = await call('/kv/range', rangeOf(service));
    const found = (Array.isArray(kvs) ? kvs : []).flatMap((kv) => {
      if (!isObject(kv)) return [];
      const instance = text64(kv['key']).slice(prefixOf(service).length);
      const address = text64(kv['value']);
      options.onAddress(instance, address);
      return [{ instance, address }];
    });
    return found.sort((a, b) => (a.instance < b.instance ? -1 : 1));
  }

  /** One stream per service for as long as the container lives; each event is followed by reading the list anew. */
  async function watch(service: string): Promise<void> {
    const body = JSON.stringify({ create_request: rangeOf(service) });
    const response = await fetch(`http://${server}/v3/watch`, { method: 'POST', body, signal: ended.signal });
    let buffered = '';
    for await (const chunk of response.body ?? []) {
      buffered += Buffer.from(chunk as Uint8Array).toString('utf8');
      const lines = buffered.split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) {
        const { result } = JSON.parse(line) as { result?: { header?: { revision?: string }; events?: Json[] } };
        if (result?.events === undefined) continue;
        const index = Number(result.header?.revision ?? 0);
        const addresses = await addressesOf(service);
        inbox.arrive(options.registry, { kind: 'registry.notice', service, index, addresses });
      }
    }
  }

  function keepWatching(service: string): void {
    if (watched.has(service)) return;
    watched.add(service);
    watch(service)
      .then(() => 'the watch ended')
      .catch(textOf)
      .then((reason) => {
        watched.delete(service);
        if (!ended.signal.aborted) inbox.down(options.registry, reason);
      })
      .catch(() => undefined);
  }

  return answeringCarrier(
    inbox,
    async (payload): Promise<Payload> => {
      switch (payload.kind) {
        case 'registry.register':
          return register(payload.service, payload.address, payload.ttlMs);
        case 'registry.heartbeat':
          return heartbeat(payload.service);
        case 'registry.deregister':
          if (lease !== null) await call('/lease/revoke', { ID: lease });
          lease = null;
          return { kind: 'registry.ok' };
        case 'registry.discover': {
          if (payload.watch === true) keepWatching(payload.service);
          return { kind: 'registry.result', service: payload.service, addresses: await addressesOf(payload.service) };
        }
        default:
          return { kind: 'registry.ok' };
      }
    },
    () => {
      ended.abort();
      pool.close();
      return Promise.resolve();
    },
  );
}

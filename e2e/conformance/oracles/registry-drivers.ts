import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, RegistryDriver } from '../../../src/core/kinds/registry/oracle.suite.ts';
import { openSession, type ZooKeeperSession } from '../../../src/hosts/node/carriers/zookeeper-wire.ts';

const wait = (ms: number): Promise<void> => sleep(ms);

async function call(
  method: string,
  url: string,
  body?: unknown,
): Promise<{ status: number; json: unknown; headers: Headers }> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Consul answers some errors in plain words.
  }
  return { status: response.status, json, headers: response.headers };
}

/** Consul's agent and health API; `scope` keeps the scripts of one run apart. */
export function consulDriver(port: number, scope: string): RegistryDriver {
  const base = `http://127.0.0.1:${port}/v1`;
  const of = (name: string): string => `${scope}-${name}`;
  const found = async (service: string, more = ''): Promise<Answer> => {
    const { json, headers } = await call('GET', `${base}/health/service/${of(service)}?passing=true${more}`);
    const ids = (json as { Service: { ID: string } }[]).map((entry) => entry.Service.ID.slice(scope.length + 1));
    return { index: Number(headers.get('x-consul-index')), ids: ids.sort() };
  };
  return {
    wait,
    async register(service, id, ttlMs) {
      const Check = { TTL: `${ttlMs}ms`, Status: 'passing' };
      await call('PUT', `${base}/agent/service/register`, { ID: of(id), Name: of(service), Port: 80, Check });
    },
    beat: async (_service, id) =>
      (await call('PUT', `${base}/agent/check/pass/service:${of(id)}`)).status === 200 ? 'known' : 'unknown',
    leave: async (_service, id) => void (await call('PUT', `${base}/agent/service/deregister/${of(id)}`)),
    list: async (service) => (await found(service)).ids,
    ask: (service, index, waitMs) => found(service, index > 0 ? `&index=${index}&wait=${waitMs}ms` : ''),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** etcd's JSON gateway: a lease per instance, its key below the service's prefix. */
export function etcdDriver(port: number, scope: string): RegistryDriver {
  const base = `http://127.0.0.1:${port}/v3`;
  const leases = new Map<string, string>();
  const key = (service: string, id = ''): string => `/${scope}/${service}/${id}`;
  return {
    wait,
    async register(service, id, ttlMs) {
      const { json } = await call('POST', `${base}/lease/grant`, { TTL: Math.ceil(ttlMs / 1000) });
      const lease = (json as { ID: string }).ID;
      leases.set(id, lease);
      await call('POST', `${base}/kv/put`, { key: base64(key(service, id)), value: base64('10.0.0.1:80'), lease });
    },
    async beat(_service, id) {
      const { json } = await call('POST', `${base}/lease/keepalive`, { ID: leases.get(id) ?? '1' });
      const ttl = (json as { result?: { TTL?: string } }).result?.TTL;
      return ttl === undefined || ttl === '0' ? 'unknown' : 'known';
    },
    async leave(_service, id) {
      await call('POST', `${base}/lease/revoke`, { ID: leases.get(id) ?? '1' });
    },
    async list(service) {
      const from = key(service);
      const range = { key: base64(from), range_end: base64(`${from.slice(0, -1)}0`) };
      const { json } = await call('POST', `${base}/kv/range`, range);
      const { kvs = [] } = json as { kvs?: { key: string }[] };
      return kvs.map((kv) => Buffer.from(kv.key, 'base64').toString().slice(from.length)).sort();
    },
  };
}

/** ZooKeeper's own protocol: a session per instance, its ephemeral node below the service's. */
export async function zookeeperDriver(port: number, scope: string): Promise<RegistryDriver> {
  const at = { host: '127.0.0.1', port };
  const admin = await openSession(at, { timeoutMs: 10_000 });
  const keep = setInterval(() => void admin.ping().catch(() => clearInterval(keep)), 2_000);
  keep.unref();
  const sessions = new Map<string, { session: ZooKeeperSession; dropped: boolean }>();
  const root = `/${scope}`;
  await admin.create(root, '', 'persistent').catch(() => undefined);
  return {
    wait,
    async register(service, id, ttlMs) {
      const session = await openSession(at, { timeoutMs: ttlMs });
      sessions.set(id, { session, dropped: false });
      await admin.create(`${root}/${service}`, '', 'persistent').catch(() => undefined);
      await session.create(`${root}/${service}/${id}`, '10.0.0.1:80', 'ephemeral');
    },
    async beat(_service, id) {
      const known = sessions.get(id);
      if (known === undefined) return 'unknown';
      const { session, dropped } = known;
      try {
        if (dropped) {
          const again = await openSession(at, { timeoutMs: session.timeoutMs, session });
          sessions.set(id, { session: again, dropped: false });
        } else await session.ping();
        return 'known';
      } catch {
        return 'unknown';
      }
    },
    async leave(_service, id) {
      await sessions
        .get(id)
        ?.session.close()
        .catch(() => undefined);
      sessions.delete(id);
    },
    drop(id) {
      const known = sessions.get(id);
      known?.session.drop();
      if (known !== undefined) known.dropped = true;
      return Promise.resolve();
    },
    list: async (service) => (await admin.children(`${root}/${service}`).catch((): string[] => [])).sort(),
  };
}

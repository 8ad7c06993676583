import type { ConfigOf } from '../schema/types.ts';

type Registry = ConfigOf<'registry'>;
/** Numbers of one kind of registry; how it restarts is the drawing's. */
type RegistryNumbers = Omit<Registry, 'restartDelayMs'>;

/**
 * What a fresh registry of each kind begins with. Consul has no usual TTL: 10 s is that of its documentation's examples. Eureka: renewal 30 s, lease 90 s,
 * clients fetch and servers cache for 30 s, evictions each minute, self-preservation below 85 %. etcd: a lease of 10 s, kept alive each third of it as its
 * client does. ZooKeeper: a tick of 2 s; the longest session of 20 ticks that a Curator client of 60 s is given, with pings each third of it. Callers of
 * etcd and ZooKeeper follow a watch: their `cacheTtlMs` only says how long a leaving instance goes on serving.
 */
export const REGISTRY_DEFAULTS: Readonly<Record<Registry['engine'], RegistryNumbers>> = {
  consul: { engine: 'consul', heartbeatMs: 3_000, ttlMs: 10_000, cacheTtlMs: 5_000 },
  eureka: {
    engine: 'eureka',
    heartbeatMs: 30_000,
    ttlMs: 90_000,
    cacheTtlMs: 30_000,
    evictionIntervalMs: 60_000,
    responseCacheMs: 30_000,
    selfPreservation: { renewalThreshold: 0.85 },
  },
  etcd: { engine: 'etcd', heartbeatMs: 3_333, ttlMs: 10_000, cacheTtlMs: 5_000 },
  zookeeper: { engine: 'zookeeper', heartbeatMs: 13_333, ttlMs: 40_000, cacheTtlMs: 5_000, tickMs: 2_000 },
};

/** The four kinds, the first one being the usual one. */
export const REGISTRY_ENGINES: readonly Registry['engine'][] = ['consul', 'eureka', 'etcd', 'zookeeper'];

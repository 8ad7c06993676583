import type { VirtualTime } from '../../base/order.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { Consul, REAP_AFTER_US } from './consul.ts';
import { Etcd } from './etcd.ts';
import { Eureka } from './eureka.ts';
import type { RegistryFlavour } from './flavour.ts';
import { ZooKeeper } from './zookeeper.ts';

const us = (ms: number): number => Math.round(ms * 1000);

/** The machine of the drawn registry, with the real one's defaults where the document says nothing. */
export function createFlavour(config: ConfigOf<'registry'>, startedAt: VirtualTime): RegistryFlavour {
  switch (config.engine) {
    case 'consul':
      return new Consul({
        startedAt,
        check: config.check ?? 'ttl',
        deregisterAfterUs: config.deregisterAfterMs === undefined ? REAP_AFTER_US : us(config.deregisterAfterMs),
      });
    case 'eureka':
      return new Eureka({
        startedAt,
        evictionIntervalUs: us(config.evictionIntervalMs ?? 60_000),
        responseCacheUs: us(config.responseCacheMs ?? 30_000),
        renewalIntervalUs: us(config.heartbeatMs),
        renewalThreshold: config.selfPreservation?.renewalThreshold ?? 0.85,
      });
    case 'etcd':
      return new Etcd(startedAt);
    case 'zookeeper':
      return new ZooKeeper(us(config.tickMs ?? 2_000));
  }
}

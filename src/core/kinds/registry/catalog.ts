import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';

/** One registration with a TTL check (Consul): passing while heartbeats come, critical from exactly `expiresAt` on. */
export interface Registration {
  service: string;
  instance: InstanceId;
  address: string;
  ttlMs: number;
  status: 'passing' | 'critical';
  expiresAt: VirtualTime;
  /** When a critical registration is removed. */
  reapAt: VirtualTime;
}

/** Consul's least `DeregisterCriticalServiceAfter`. ms */
export const REAP_AFTER_MS = 60_000;

/** All registrations by instance id; a value, never mutated. */
export type Catalog = ReadonlyMap<InstanceId, Registration>;

/** Adds or renews; idempotent by instance (SR1). The TTL check passes from the start, as a service that just spoke is alive. */
export function register(
  catalog: Catalog,
  entry: { service: string; instance: InstanceId; address: string; ttlMs: number },
  now: VirtualTime,
): Catalog {
  const expiresAt = now + Math.round(entry.ttlMs * 1000);
  const registration: Registration = {
    ...entry,
    status: 'passing',
    expiresAt,
    reapAt: expiresAt + REAP_AFTER_MS * 1000,
  };
  return new Map(catalog).set(entry.instance, registration);
}

/** Renews the TTL; unknown instances change nothing (the agent answers 404 and the service registers again). */
export function heartbeat(catalog: Catalog, instance: InstanceId, now: VirtualTime): Catalog {
  const known = catalog.get(instance);
  return known ? register(catalog, known, now) : catalog;
}

/** Removes a registration; idempotent. */
export function deregister(catalog: Catalog, instance: InstanceId): Catalog {
  const next = new Map(catalog);
  next.delete(instance);
  return next;
}

/** The catalog at `now`: expired registrations critical, long critical ones gone (SR2). */
export function expire(catalog: Catalog, now: VirtualTime): Catalog {
  const next = new Map<InstanceId, Registration>();
  for (const [instance, entry] of catalog) {
    if (now >= entry.reapAt) continue;
    next.set(instance, now >= entry.expiresAt && entry.status === 'passing' ? { ...entry, status: 'critical' } : entry);
  }
  return next;
}

/** Passing instances of a service, sorted by instance id. */
export function discover(catalog: Catalog, service: string): { instance: InstanceId; address: string }[] {
  return [...catalog.values()]
    .filter((entry) => entry.service === service && entry.status === 'passing')
    .map(({ instance, address }) => ({ instance, address }))
    .sort((a, b) => (a.instance < b.instance ? -1 : 1));
}

/** The next instant at which `expire` changes something, or null. */
export function nextExpiry(catalog: Catalog): VirtualTime | null {
  let next: VirtualTime | null = null;
  for (const entry of catalog.values()) {
    const at = entry.status === 'passing' ? entry.expiresAt : entry.reapAt;
    next = next === null ? at : Math.min(next, at);
  }
  return next;
}

import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';

/** Consul's shortest `deregister_critical_service_after`, µs. */
export const REAP_AFTER_US = 60_000_000;
/** How often Consul's reaper looks, µs. */
export const REAP_INTERVAL_US = 30_000_000;

/** One registered instance with its TTL check. */
export interface Registration {
  service: string;
  instance: InstanceId;
  address: string;
  ttlUs: number;
  status: 'passing' | 'critical';
  /** When it becomes critical (passing) or is removed (critical). */
  due: VirtualTime;
}
/** Catalogue of a Consul-like registry in dev mode: in memory only; owned mutable state, changed only by the functions of this file. */
export interface Registry {
  startedAt: VirtualTime;
  /** By instance id, which is Consul's service id. */
  entries: Map<InstanceId, Registration>;
}
/** A registration after a change, as `registry.changed` reports it. */
export interface Change {
  service: string;
  instance: InstanceId;
  address: string;
  status: 'passing' | 'critical' | 'gone';
  expiresAt: VirtualTime | null;
}

export const createRegistry = (startedAt: VirtualTime): Registry => ({ startedAt, entries: new Map() });

const change = ({ service, instance, address, status, due }: Registration): Change => ({
  service,
  instance,
  address,
  status,
  expiresAt: status === 'passing' ? due : null,
});
const gone = ({ service, instance, address }: Registration): Change => ({
  service,
  instance,
  address,
  status: 'gone',
  expiresAt: null,
});

/** Registers an instance as passing, or renews its record: idempotent by id (SR1); under another service name it first leaves the old one. */
export function register(
  registry: Registry,
  given: { service: string; instance: InstanceId; address: string; ttlUs: number },
  now: VirtualTime,
): Change[] {
  const known = registry.entries.get(given.instance);
  const entry: Registration = { ...given, status: 'passing', due: now + given.ttlUs };
  registry.entries.set(given.instance, entry);
  return known !== undefined && known.service !== given.service ? [gone(known), change(entry)] : [change(entry)];
}

/** A TTL check passes: the instance is passing until now + TTL, critical or not before. Unknown ids change nothing (Consul answers 404). */
export function heartbeat(registry: Registry, service: string, instance: InstanceId, now: VirtualTime): Change[] {
  const entry = registry.entries.get(instance);
  if (entry === undefined || entry.service !== service) return [];
  entry.status = 'passing';
  entry.due = now + entry.ttlUs;
  return [change(entry)];
}

/** Removes an instance at once; of an unknown one nothing (idempotent, SR1). */
export function deregister(registry: Registry, service: string, instance: InstanceId): Change[] {
  const entry = registry.entries.get(instance);
  if (entry === undefined || entry.service !== service) return [];
  registry.entries.delete(instance);
  return [gone(entry)];
}

/** Passing instances of a service, sorted by instance id (Consul's `health/service/NAME?passing`). */
export function discover(registry: Registry, service: string): { instance: InstanceId; address: string }[] {
  return sorted(registry)
    .filter((entry) => entry.service === service && entry.status === 'passing')
    .map(({ instance, address }) => ({ instance, address }));
}

const sorted = (registry: Registry): Registration[] =>
  [...registry.entries.values()].sort((a, b) => (a.instance < b.instance ? -1 : 1));

/** When `expire` has something to do next, or null. */
export function nextDue(registry: Registry): VirtualTime | null {
  let next: VirtualTime | null = null;
  for (const { due } of registry.entries.values()) if (next === null || due < next) next = due;
  return next;
}

/** What time does: critical exactly at the TTL, never before (SR2); removed by the first look of the reaper after a whole minute of it. */
export function expire(registry: Registry, now: VirtualTime): Change[] {
  const changes: Change[] = [];
  for (const entry of sorted(registry)) {
    if (entry.due > now) continue;
    if (entry.status === 'critical') {
      registry.entries.delete(entry.instance);
      changes.push(gone(entry));
      continue;
    }
    entry.status = 'critical';
    const looks = Math.ceil((entry.due + REAP_AFTER_US - registry.startedAt) / REAP_INTERVAL_US);
    entry.due = registry.startedAt + looks * REAP_INTERVAL_US;
    changes.push(change(entry));
  }
  return changes;
}

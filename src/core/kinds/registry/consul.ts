import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';
import { byInstance, gone, type Address, type Change, type Registrant, type RegistryFlavour } from './flavour.ts';

/** Consul's shortest `deregister_critical_service_after`, µs. */
export const REAP_AFTER_US = 60_000_000;
/** How often Consul's reaper looks, µs. */
export const REAP_INTERVAL_US = 30_000_000;

export interface ConsulSettings {
  startedAt: VirtualTime;
  /** `ttl`: the instance reports itself, passing from the start; `http`: the agent asks it, critical until the first good answer (SR1). */
  check: 'ttl' | 'http';
  /** `deregister_critical_service_after`, at least a minute. µs */
  deregisterAfterUs: number;
}
type Status = 'passing' | 'warning' | 'critical';

/** One registered instance with its one check. */
interface Registration extends Registrant {
  status: Status;
  /** When it turns critical by itself (TTL checks that pass), or is removed (critical ones); null = never by time. */
  due: VirtualTime | null;
}

/** What an HTTP status means for a check: 2xx passing, 429 warning, all else critical (SR1). */
export const statusOfCheck = (status: number): Status =>
  status >= 200 && status < 300 ? 'passing' : status === 429 ? 'warning' : 'critical';

/** A Consul agent in development mode: TTL and HTTP checks, a reaper; in memory only (SR1, SR2). */
export class Consul implements RegistryFlavour {
  private readonly settings: ConsulSettings;
  /** By instance id, which is Consul's service id. */
  private readonly registrations = new Map<InstanceId, Registration>();
  /** Of the whole catalog; each change of an answer has the next one. */
  private index = 1;
  /** Of the last change of each service that has an instance, whatever its status. */
  private readonly indexes = new Map<string, number>();
  /** When the last instance of any service left: what questions about a service that nobody offers go by. */
  private extinction: number | null = null;

  constructor(settings: ConsulSettings) {
    this.settings = settings;
  }

  register(given: Registrant, now: VirtualTime): Change[] {
    const known = this.registrations.get(given.instance);
    const moved = known !== undefined && known.service !== given.service ? [gone(known)] : [];
    const entry: Registration = { ...given, status: 'passing', due: now + given.ttlUs };
    if (this.settings.check === 'http') {
      // Registering again keeps the verdict of the running check.
      entry.status = known !== undefined && moved.length === 0 ? known.status : 'critical';
      entry.due = entry.status === 'critical' ? (known?.due ?? this.reapAt(now)) : null;
    }
    this.registrations.set(given.instance, entry);
    for (const { service } of moved) this.touch(service);
    // What says nothing new is not written to the catalog.
    const isSame = moved.length === 0 && known?.address === given.address && known.status === entry.status;
    if (!isSame) this.touch(given.service);
    return [...moved, this.change(entry)];
  }

  /** A TTL check passes: passing until now + TTL. Unknown ids: Consul answers 404. */
  renew(service: string, instance: InstanceId, now: VirtualTime): { known: boolean; changes: Change[] } {
    const entry = this.registrations.get(instance);
    if (entry === undefined || entry.service !== service) return { known: false, changes: [] };
    if (this.settings.check === 'http') return { known: true, changes: [] };
    if (entry.status !== 'passing') this.touch(service);
    entry.status = 'passing';
    entry.due = now + entry.ttlUs;
    return { known: true, changes: [this.change(entry)] };
  }

  /** The agent's own HTTP check of an instance had this result; nothing changes while the verdict stays. */
  checked(instance: InstanceId, status: Status, now: VirtualTime): Change[] {
    const entry = this.registrations.get(instance);
    if (entry === undefined || entry.status === status) return [];
    entry.status = status;
    entry.due = status === 'critical' ? this.reapAt(now) : null;
    this.touch(entry.service);
    return [this.change(entry)];
  }

  deregister(service: string, instance: InstanceId): Change[] {
    const entry = this.registrations.get(instance);
    if (entry === undefined || entry.service !== service) return [];
    this.registrations.delete(instance);
    this.touch(service);
    return [gone(entry)];
  }

  /** `health/service/NAME?passing=true`; without `passing` Consul also gives those in warning. The index counts their changes, too: a new one is no guarantee of another list (SR3). */
  discover(service: string): { addresses: Address[]; index: number } {
    const addresses = byInstance(this.registrations.values())
      .filter((entry) => entry.service === service && entry.status === 'passing')
      .map(({ instance, address }) => ({ instance, address }));
    return { addresses, index: this.indexes.get(service) ?? this.extinction ?? this.index };
  }

  nextDue(): VirtualTime | null {
    let next: VirtualTime | null = null;
    for (const { due } of this.registrations.values()) if (due !== null && (next === null || due < next)) next = due;
    return next;
  }

  /** Critical exactly at the TTL, never before (SR2); removed by the first look of the reaper after it was critical for long enough. */
  expire(now: VirtualTime): Change[] {
    const changes: Change[] = [];
    for (const entry of byInstance(this.registrations.values())) {
      if (entry.due === null || entry.due > now) continue;
      if (entry.status === 'critical') {
        this.registrations.delete(entry.instance);
        this.touch(entry.service);
        changes.push(gone(entry));
        continue;
      }
      this.touch(entry.service);
      entry.status = 'critical';
      entry.due = this.reapAt(entry.due);
      changes.push(this.change(entry));
    }
    return changes;
  }

  entries(): Change[] {
    return byInstance(this.registrations.values()).map((entry) => this.change(entry));
  }

  /** Something about the service changed. */
  private touch(service: string): void {
    this.index += 1;
    const isThere = [...this.registrations.values()].some((entry) => entry.service === service);
    if (isThere) this.indexes.set(service, this.index);
    else {
      this.indexes.delete(service);
      this.extinction = this.index;
    }
  }

  private reapAt(criticalAt: VirtualTime): VirtualTime {
    const { startedAt, deregisterAfterUs } = this.settings;
    const looks = Math.ceil((criticalAt + deregisterAfterUs - startedAt) / REAP_INTERVAL_US);
    return startedAt + looks * REAP_INTERVAL_US;
  }

  private change({ service, instance, address, status, due }: Registration): Change {
    return { service, instance, address, status, expiresAt: status === 'passing' ? due : null };
  }
}

import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';
import { byInstance, gone, type Address, type Change, type Registrant, type RegistryFlavour } from './flavour.ts';

const MINUTE_US = 60_000_000;
/** At most this share of the registry is evicted by one sweep, as `renewalPercentThreshold`. */
const DEFAULT_THRESHOLD = 0.85;
/** Clients that the server expects from the start: Spring Cloud's `defaultOpenForTrafficCount`. */
const OPEN_FOR_TRAFFIC = 1;

export interface EurekaSettings {
  startedAt: VirtualTime;
  /** How often expired leases are evicted; 60 s in Eureka. µs */
  evictionIntervalUs: number;
  /** How old an answer may be; 30 s in Eureka. µs, 0 = never old. */
  responseCacheUs: number;
  /** How often a client renews; 30 s in Eureka. µs */
  renewalIntervalUs: number;
  /** Share of the expected renewals below which nothing is evicted; 0 = self-preservation is off. */
  renewalThreshold: number;
}

interface Lease extends Registrant {
  /** Registration time, or the last renewal PLUS the duration: the mistake in `Lease.renew` that "will not be fixed" (SR4). */
  lastUpdate: VirtualTime;
}

/**
 * Eureka 1.x server: leases of double length after the first renewal, sweeps, self-preservation, a read-only response cache (SR4, SR5).
 * An expired lease stays UP until a sweep evicts it; one sweep evicts at most 15 % of all, chosen at random.
 */
export class Eureka implements RegistryFlavour {
  private readonly settings: EurekaSettings;
  private readonly leases = new Map<InstanceId, Lease>();
  private readonly cache = new Map<string, { tick: number; addresses: Address[] }>();
  private expected = OPEN_FOR_TRAFFIC;
  private minute = 0;
  private renewals = { current: 0, last: 0 };
  private swept: VirtualTime;
  private index = 1;

  constructor(settings: EurekaSettings) {
    this.settings = settings;
    this.swept = settings.startedAt;
  }

  register(given: Registrant, now: VirtualTime): Change[] {
    this.age(now);
    const known = this.leases.get(given.instance);
    const moved = known !== undefined && known.service !== given.service ? [gone(known)] : [];
    if (known === undefined && this.expected > 0) this.expected += 1;
    const lease: Lease = { ...given, lastUpdate: now };
    this.leases.set(given.instance, lease);
    this.index += 1;
    return [...moved, this.change(lease)];
  }

  renew(service: string, instance: InstanceId, now: VirtualTime): { known: boolean; changes: Change[] } {
    this.age(now);
    const lease = this.leases.get(instance);
    if (lease === undefined || lease.service !== service) return { known: false, changes: [] };
    this.renewals.current += 1;
    lease.lastUpdate = now + lease.ttlUs;
    return { known: true, changes: [this.change(lease)] };
  }

  deregister(service: string, instance: InstanceId, now: VirtualTime): Change[] {
    this.age(now);
    const lease = this.leases.get(instance);
    if (lease === undefined || lease.service !== service) return [];
    return [this.cancel(lease)];
  }

  discover(service: string, now: VirtualTime): { addresses: Address[]; index: number } {
    this.age(now);
    let cached = this.cache.get(service);
    if (cached === undefined || this.settings.responseCacheUs === 0) {
      cached = { tick: this.tickOf(now), addresses: this.live(service) };
      this.cache.set(service, cached);
    }
    return { addresses: cached.addresses, index: this.index };
  }

  nextDue(): VirtualTime | null {
    let first: VirtualTime | null = null;
    for (const lease of this.leases.values()) {
      const expired = lease.lastUpdate + lease.ttlUs + 1;
      if (first === null || expired < first) first = expired;
    }
    if (first === null) return null;
    const { startedAt, evictionIntervalUs } = this.settings;
    const sweep = Math.ceil((first - startedAt) / evictionIntervalUs);
    return Math.max(startedAt + sweep * evictionIntervalUs, this.swept + evictionIntervalUs);
  }

  expire(now: VirtualTime, draw: (n: number) => number): Change[] {
    const due = this.nextDue();
    if (due === null || now < due) return [];
    this.age(now);
    const { startedAt, evictionIntervalUs } = this.settings;
    this.swept = startedAt + Math.floor((now - startedAt) / evictionIntervalUs) * evictionIntervalUs;
    if (!this.mayEvict()) return [];
    const expired = byInstance(this.leases.values()).filter((lease) => now > lease.lastUpdate + lease.ttlUs);
    const limit = this.leases.size - Math.floor(this.leases.size * DEFAULT_THRESHOLD);
    const changes: Change[] = [];
    for (let n = 0; n < limit && expired.length > 0; n++) {
      const [lease] = expired.splice(Math.floor(draw(n) * expired.length), 1);
      if (lease !== undefined) changes.push(this.cancel(lease));
    }
    return changes;
  }

  entries(): Change[] {
    return byInstance(this.leases.values()).map((lease) => this.change(lease));
  }

  /** False while fewer clients renew than expected: better stale entries than none (SR5). */
  mayEvict(): boolean {
    const { renewalThreshold, renewalIntervalUs } = this.settings;
    if (renewalThreshold === 0) return true;
    const threshold = Math.floor(this.expected * (MINUTE_US / renewalIntervalUs) * renewalThreshold);
    return threshold > 0 && this.renewals.last > threshold;
  }

  private change(lease: Lease): Change {
    const { service, instance, address } = lease;
    return { service, instance, address, status: 'passing', expiresAt: lease.lastUpdate + lease.ttlUs };
  }

  private cancel(lease: Lease): Change {
    this.leases.delete(lease.instance);
    if (this.expected > 0) this.expected -= 1;
    this.index += 1;
    return gone(lease);
  }

  private live(service: string): Address[] {
    return byInstance(this.leases.values())
      .filter((lease) => lease.service === service)
      .map(({ instance, address }) => ({ instance, address }));
  }

  private tickOf(now: VirtualTime): number {
    const { responseCacheUs } = this.settings;
    return responseCacheUs === 0 ? 0 : Math.floor(now / responseCacheUs);
  }

  /** Brings what depends on the clock alone up to `now`, before anything changes: the minute of renewals and the response cache, which was refreshed at its last tick with what was true then. */
  private age(now: VirtualTime): void {
    const minute = Math.floor((now - this.settings.startedAt) / MINUTE_US);
    if (minute > this.minute) {
      const last = minute === this.minute + 1 ? this.renewals.current : 0;
      this.renewals = { current: 0, last };
      this.minute = minute;
    }
    const tick = this.tickOf(now);
    for (const [service, cached] of this.cache) {
      if (cached.tick < tick) this.cache.set(service, { tick, addresses: this.live(service) });
    }
  }
}

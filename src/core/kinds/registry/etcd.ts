import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';
import { byInstance, gone, type Address, type Change, type Registrant, type RegistryFlavour } from './flavour.ts';

/** The shortest lease that a server with default timing grants: one and a half election timeouts of 1 s, in whole seconds (measured on 3.5: TTL 1 becomes 2). µs */
export const MIN_LEASE_US = 2_000_000;
/** How often the lessor looks for expired leases. µs */
export const LESSOR_INTERVAL_US = 500_000;

interface Lease extends Registrant {
  expiresAt: VirtualTime;
}

/** etcd v3: a key per instance under a lease of its own; the lease is kept alive or ends, and its keys end with it in one revision (SR6). */
export class Etcd implements RegistryFlavour {
  private readonly startedAt: VirtualTime;
  private readonly leases = new Map<InstanceId, Lease>();
  /** Revision of the store; an empty one is at 1. */
  private revision = 1;

  constructor(startedAt: VirtualTime) {
    this.startedAt = startedAt;
  }

  /** LeaseGrant, then Put: one revision. Granting again under the same key replaces the former lease. */
  register(given: Registrant, now: VirtualTime): Change[] {
    const known = this.leases.get(given.instance);
    const moved = known !== undefined && known.service !== given.service ? [gone(known)] : [];
    const ttlUs = Math.max(MIN_LEASE_US, Math.ceil(given.ttlUs / 1_000_000) * 1_000_000);
    const lease: Lease = { ...given, ttlUs, expiresAt: now + ttlUs };
    this.leases.set(given.instance, lease);
    this.revision += 1 + moved.length;
    return [...moved, this.change(lease)];
  }

  /** LeaseKeepAlive: no revision; of an unknown lease TTL 0. */
  renew(service: string, instance: InstanceId, now: VirtualTime): { known: boolean; changes: Change[] } {
    const lease = this.leases.get(instance);
    if (lease === undefined || lease.service !== service) return { known: false, changes: [] };
    lease.expiresAt = now + lease.ttlUs;
    return { known: true, changes: [this.change(lease)] };
  }

  /** LeaseRevoke. */
  deregister(service: string, instance: InstanceId): Change[] {
    const lease = this.leases.get(instance);
    if (lease === undefined || lease.service !== service) return [];
    return [this.revoke(lease)];
  }

  discover(service: string): { addresses: Address[]; index: number } {
    const addresses = byInstance(this.leases.values())
      .filter((lease) => lease.service === service)
      .map(({ instance, address }) => ({ instance, address }));
    return { addresses, index: this.revision };
  }

  nextDue(): VirtualTime | null {
    let next: VirtualTime | null = null;
    for (const lease of this.leases.values()) {
      const looks = Math.ceil((lease.expiresAt - this.startedAt) / LESSOR_INTERVAL_US);
      const due = this.startedAt + looks * LESSOR_INTERVAL_US;
      if (next === null || due < next) next = due;
    }
    return next;
  }

  expire(now: VirtualTime): Change[] {
    const due = this.nextDue();
    if (due === null || now < due) return [];
    return byInstance(this.leases.values())
      .filter((lease) => lease.expiresAt <= now)
      .map((lease) => this.revoke(lease));
  }

  entries(): Change[] {
    return byInstance(this.leases.values()).map((lease) => this.change(lease));
  }

  private revoke(lease: Lease): Change {
    this.leases.delete(lease.instance);
    this.revision += 1;
    return gone(lease);
  }

  private change({ service, instance, address, expiresAt }: Lease): Change {
    return { service, instance, address, status: 'passing', expiresAt };
  }
}

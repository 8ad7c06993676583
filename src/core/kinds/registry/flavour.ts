import type { VirtualTime } from '../../base/order.ts';
import type { EventOf } from '../../fabric/event.ts';
import type { InstanceId } from '../../fabric/message.ts';

/** Who registers, and for how long without a word (µs). */
export interface Registrant {
  service: string;
  instance: InstanceId;
  address: string;
  ttlUs: number;
}
/** A registration after a change, as `registry.changed` reports it. */
export type Change = Pick<EventOf<'registry.changed'>, 'service' | 'instance' | 'address' | 'status' | 'expiresAt'>;
export interface Address {
  instance: InstanceId;
  address: string;
}
/** What a caller is told; `index` grows whenever the registry's answer about any service may have changed. */
export interface Listing {
  addresses: Address[];
  index: number;
}

/** One real registry's life cycle of registrations as a pure machine: owned mutable state, time handed in, nothing performed. */
export interface RegistryFlavour {
  /** Registers or renews the record: idempotent by instance id. */
  register(given: Registrant, now: VirtualTime): Change[];
  /** A sign of life. `known` false: the registry never heard of it, or forgot it; the caller has to register again. */
  renew(service: string, instance: InstanceId, now: VirtualTime): { known: boolean; changes: Change[] };
  /** Leaves at once; of an unknown one nothing. */
  deregister(service: string, instance: InstanceId, now: VirtualTime): Change[];
  /** Whom a caller is sent to, sorted by instance id. */
  discover(service: string, now: VirtualTime): Listing;
  /** When `expire` has something to do next, or null. */
  nextDue(): VirtualTime | null;
  /** What time does up to `now`. `draw(n)` is uniform in [0,1), the n-th of this sweep. */
  expire(now: VirtualTime, draw: (n: number) => number): Change[];
  /** Everything known, sorted by instance id. */
  entries(): Change[];
}

/** Sorted by instance id: the only order in which registrations are walked. */
export const byInstance = <T extends { instance: InstanceId }>(entries: Iterable<T>): T[] =>
  [...entries].sort((a, b) => (a.instance < b.instance ? -1 : 1));

export const gone = ({ service, instance, address }: Omit<Registrant, 'ttlUs'>): Change => ({
  service,
  instance,
  address,
  status: 'gone',
  expiresAt: null,
});

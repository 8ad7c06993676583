import type { VirtualTime } from '../../base/order.ts';
import type { InstanceId } from '../../fabric/message.ts';
import { byInstance, gone, type Address, type Change, type Registrant, type RegistryFlavour } from './flavour.ts';

interface Session extends Registrant {
  /** End of the bucket of ticks in which the session expires. */
  expiresAt: VirtualTime;
}

/** ZooKeeper: an ephemeral node per instance that lives exactly as long as its session; sessions expire in buckets of one tick (SR7). */
export class ZooKeeper implements RegistryFlavour {
  private readonly tickUs: number;
  private readonly sessions = new Map<InstanceId, Session>();
  /** Last transaction id. */
  private zxid = 0;

  /** `tickUs`: length of a tick, 2 s by default in ZooKeeper. µs */
  constructor(tickUs: number) {
    this.tickUs = tickUs;
  }

  /** Opens a session with a negotiated timeout of 2 to 20 ticks and creates the ephemeral node. */
  register(given: Registrant, now: VirtualTime): Change[] {
    const known = this.sessions.get(given.instance);
    const moved = known !== undefined && known.service !== given.service ? [gone(known)] : [];
    const ttlUs = Math.min(20 * this.tickUs, Math.max(2 * this.tickUs, given.ttlUs));
    const session: Session = { ...given, ttlUs, expiresAt: this.bucketOf(now + ttlUs) };
    this.sessions.set(given.instance, session);
    this.zxid += 1 + moved.length;
    return [...moved, this.change(session)];
  }

  /** A ping: the session moves to a later bucket. An expired session cannot come back: its client must begin a new one. */
  renew(service: string, instance: InstanceId, now: VirtualTime): { known: boolean; changes: Change[] } {
    const session = this.sessions.get(instance);
    if (session === undefined || session.service !== service) return { known: false, changes: [] };
    session.expiresAt = Math.max(session.expiresAt, this.bucketOf(now + session.ttlUs));
    return { known: true, changes: [this.change(session)] };
  }

  /** Closing the session deletes its node at once. */
  deregister(service: string, instance: InstanceId): Change[] {
    const session = this.sessions.get(instance);
    if (session === undefined || session.service !== service) return [];
    return [this.close(session)];
  }

  discover(service: string): { addresses: Address[]; index: number } {
    const addresses = byInstance(this.sessions.values())
      .filter((session) => session.service === service)
      .map(({ instance, address }) => ({ instance, address }));
    return { addresses, index: this.zxid };
  }

  nextDue(): VirtualTime | null {
    let next: VirtualTime | null = null;
    for (const { expiresAt } of this.sessions.values()) if (next === null || expiresAt < next) next = expiresAt;
    return next;
  }

  expire(now: VirtualTime): Change[] {
    return byInstance(this.sessions.values())
      .filter((session) => session.expiresAt <= now)
      .map((session) => this.close(session));
  }

  entries(): Change[] {
    return byInstance(this.sessions.values()).map((session) => this.change(session));
  }

  /** Rounded up to the next tick, a whole one when it falls on one: the server's expiry queue. */
  private bucketOf(t: VirtualTime): VirtualTime {
    return (Math.floor(t / this.tickUs) + 1) * this.tickUs;
  }

  private close(session: Session): Change {
    this.sessions.delete(session.instance);
    this.zxid += 1;
    return gone(session);
  }

  private change({ service, instance, address, expiresAt }: Session): Change {
    return { service, instance, address, status: 'passing', expiresAt };
  }
}

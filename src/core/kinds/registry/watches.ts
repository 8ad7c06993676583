import type { ActorPort } from '../../fabric/protocol.ts';
import type { InstanceId } from '../../fabric/message.ts';
import type { Listing } from './flavour.ts';

/** Watches that a registry keeps for all its clients at most (law 4); the limit of instances keeps it far away. */
const MAX_WATCHES = 10_000;

interface Watched {
  /** The list that its watchers have, as text. */
  list: string;
  /** Watcher -> its link. */
  watchers: Map<InstanceId, string | null>;
}
const textOf = ({ addresses }: Listing): string =>
  addresses.map(({ instance, address }) => `${instance} ${address}`).join(',');

/** Who wants to hear of changes of a service. etcd tells every change with the new list; ZooKeeper fires once, without it, and forgets the watch (SR6, SR7). A sign of life is no change. */
export class Watches {
  private readonly port: ActorPort;
  private readonly isOneShot: boolean;
  private readonly watched = new Map<string, Watched>();
  private count = 0;

  constructor(port: ActorPort, isOneShot: boolean) {
    this.port = port;
    this.isOneShot = isOneShot;
  }

  /** Services that somebody watches, sorted. */
  services(): string[] {
    return [...this.watched.keys()].sort();
  }

  /** From now on `watcher`, who has just been told `listing`, hears of changes. */
  add(service: string, watcher: InstanceId, link: string | null, listing: Listing): void {
    let known = this.watched.get(service);
    if (known === undefined) this.watched.set(service, (known = { list: '', watchers: new Map() }));
    known.list = textOf(listing);
    if (!known.watchers.has(watcher)) {
      if (this.count === MAX_WATCHES) {
        const message = `more than ${MAX_WATCHES} watches: ${watcher} will not hear of ${service}`;
        return this.port.emit({ type: 'limit.hit', limit: 'MAX_WATCHES', value: MAX_WATCHES, message });
      }
      this.count += 1;
    }
    known.watchers.set(watcher, link);
  }

  /** The connection of a watcher is gone, and its watches with it. */
  forget(watcher: InstanceId): void {
    for (const service of this.services()) {
      const known = this.watched.get(service);
      if (known?.watchers.delete(watcher) !== true) continue;
      this.count -= 1;
      if (known.watchers.size === 0) this.watched.delete(service);
    }
  }

  /** Tells the watchers of `service` when this list is another than theirs. */
  look(service: string, listing: Listing): void {
    const known = this.watched.get(service);
    const list = textOf(listing);
    if (known === undefined || known.list === list) return;
    known.list = list;
    const { addresses, index } = listing;
    for (const watcher of [...known.watchers.keys()].sort()) {
      this.port.send({
        to: watcher,
        link: known.watchers.get(watcher) ?? null,
        operation: `changed ${service}`,
        trace: null,
        payload: { kind: 'registry.notice', service, index, addresses: this.isOneShot ? null : addresses },
      });
    }
    if (!this.isOneShot) return;
    this.count -= known.watchers.size;
    this.watched.delete(service);
  }
}

import type { VirtualTime } from '../../base/order.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import { instanceId, nodeOf, type InstanceId, type Message } from '../../fabric/message.ts';

interface Address {
  instance: InstanceId;
  address: string;
}
interface Lookup {
  message: string;
  registry: InstanceId;
  waiting: number[];
}
interface Known {
  entries: readonly Address[];
  until: VirtualTime;
  /** Registry that keeps this list up to date by a watch, if one does. */
  watched?: InstanceId;
}
/** What a question to a registry came to, for every call that waited for it. */
export type Resolution = { ok: true; instances: readonly InstanceId[] } | { ok: false; code: string; message: string };

const US_PER_MS = 1000;
/** Registries whose clients keep a watch instead of asking again and again. */
const WATCHED: readonly string[] = ['etcd', 'zookeeper'];
const isWatched = ({ record }: Peer): boolean => record.kind === 'registry' && WATCHED.includes(record.config.engine);

/** Whoever has this address now, or `<node>#<address>`: nobody lives there, so a message to it is refused. */
export function holderOf(target: Peer, address: string): InstanceId {
  return target.instances.find((entry) => entry.address === address)?.instance ?? `${target.node}#${address}`;
}

/** The instance under the address that it had when it was resolved; one that has moved away is not there any more. */
function reachedBy(target: Peer, { instance, address }: Address): InstanceId {
  const known = target.instances.find((entry) => entry.instance === instance);
  return known === undefined || known.address === address ? instance : holderOf(target, address);
}

/**
 * Finds the instances of a linked node, as its link says: by registry (a list kept for `cacheTtlMs`, or kept up to date by a watch in etcd and ZooKeeper; dropped when a connection of it fails), by DNS
 * (all declared instances, dead ones too, as Docker's DNS answers until the orchestrator removes them; kept for the TTL whatever happens), or by addresses written by hand.
 */
export class Resolver {
  private readonly port: ActorPort;
  private readonly onResolved: (call: number, resolution: Resolution) => void;
  /** By name of the service, as the registry knows it. */
  private readonly lookups = new Map<string, Lookup>();
  private readonly discovered = new Map<string, Known>();
  /** By link and node. */
  private readonly answers = new Map<string, Known>();

  /** `onResolved` is called once for every call whose `resolve` gave null, never inside it, unless the call was forgotten. */
  constructor(port: ActorPort, onResolved: (call: number, resolution: Resolution) => void) {
    this.port = port;
    this.onResolved = onResolved;
  }

  /** False when there is nobody to ask and no address. */
  canResolve(target: Peer): boolean {
    return target.instances.length > 0 || target.resolve?.by === 'static' || this.registryOf(target) !== undefined;
  }

  /** Instances to choose from, or null: a registry is asked. */
  resolve(call: number, target: Peer): readonly InstanceId[] | null {
    const { resolve } = target;
    if (resolve?.by === 'static') return resolve.addresses.map((address) => holderOf(target, address));
    const registry = this.registryOf(target);
    if (registry === undefined) return this.byDns(target);
    const kept = this.discovered.get(target.record.name);
    if (kept !== undefined && this.port.now() < kept.until)
      return kept.entries.map((entry) => reachedBy(target, entry));
    this.lookUp(call, registry, target.record.name);
    return null;
  }

  /** The registry that both this node and the target use; without word of the target's links a service counts as registered. */
  private registryOf(target: Peer): Peer | undefined {
    if (target.resolve !== undefined && target.resolve.by !== 'registry') return undefined;
    const shares = (registry: string): boolean =>
      target.registries === undefined ? target.record.kind === 'service' : target.registries.includes(registry);
    return this.port.init.peers.find(
      (peer) => peer.kind === 'discovery' && peer.direction === 'out' && shares(peer.node),
    );
  }

  private byDns(target: Peer): readonly InstanceId[] {
    if (target.resolve?.by !== 'dns') return target.instances.map((entry) => entry.instance);
    const key = `${target.link} ${target.node}`;
    const now = this.port.now();
    let answer = this.answers.get(key);
    if (answer === undefined || now >= answer.until) {
      answer = { entries: target.instances, until: now + Math.round(target.resolve.ttlMs * US_PER_MS) };
      this.answers.set(key, answer);
    }
    return answer.entries.map((entry) => reachedBy(target, entry));
  }

  private lookUp(call: number, registry: Peer, service: string): void {
    const running = this.lookups.get(service);
    if (running !== undefined) {
      running.waiting.push(call);
      return;
    }
    const to = registry.instances[0]?.instance ?? instanceId(registry.node, 0);
    const message = this.port.send({
      to,
      link: registry.link,
      operation: `discover ${service}`,
      trace: null,
      payload: { kind: 'registry.discover', service, ...(isWatched(registry) ? { watch: true as const } : {}) },
    });
    this.lookups.set(service, { message, registry: to, waiting: [call] });
  }

  /** A call that is over waits for nothing; a question for which nobody waits any more may be asked again. */
  forget(call: number): void {
    for (const [service, lookup] of this.lookups) {
      lookup.waiting = lookup.waiting.filter((waiting) => waiting !== call);
      if (lookup.waiting.length === 0) this.lookups.delete(service);
    }
  }

  /** A connection to the target failed: its discovered list is dropped, so that the next call asks again (SR8). */
  drop(target: Peer): void {
    this.discovered.delete(target.record.name);
  }

  /** What a watch saw: the list as it is now, or that it has to be read again; until then the old one serves. */
  private noticed(service: string, addresses: readonly Address[] | null, from: InstanceId): void {
    const kept = this.discovered.get(service);
    if (kept?.watched !== from) return;
    if (addresses === null) this.discovered.set(service, { entries: kept.entries, until: this.port.now() });
    else if (addresses.length === 0) this.discovered.delete(service);
    else this.discovered.set(service, { ...kept, entries: addresses });
  }

  /** True when the message was an answer of a registry. */
  message({ payload, from }: Message): boolean {
    if (payload.kind === 'registry.notice') this.noticed(payload.service, payload.addresses, from);
    if (payload.kind !== 'registry.result') return payload.kind === 'registry.notice';
    const { service, addresses } = payload;
    const registry = this.port.init.peers.find((peer) => peer.kind === 'discovery' && peer.node === nodeOf(from));
    const ttlMs = registry?.record.kind === 'registry' ? registry.record.config.cacheTtlMs : 0;
    // An empty answer is not kept: the next call asks again.
    if (addresses.length === 0) this.discovered.delete(service);
    else if (registry !== undefined && isWatched(registry))
      this.discovered.set(service, { entries: addresses, until: Infinity, watched: from });
    else this.discovered.set(service, { entries: addresses, until: this.port.now() + Math.round(ttlMs * US_PER_MS) });
    const waiting = this.lookups.get(service)?.waiting ?? [];
    this.lookups.delete(service);
    this.tell(waiting, service, addresses, { code: 'no_instances', message: `no instances found for ${service}` });
    return true;
  }

  /** True when it was a question to a registry that was refused. */
  refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const asked = Array.from(this.lookups).find(([, lookup]) => lookup.message === body.message);
    if (asked !== undefined) this.failed(...asked, body.reason);
    return asked !== undefined;
  }

  /** The questions that a registry which died will never answer; chosen before anyone is told: who is told may ask again at once. */
  unanswered(registry: InstanceId): () => void {
    const lost = Array.from(this.lookups).filter(([, lookup]) => lookup.registry === registry);
    // Its watches are gone with it: the lists serve on (SR8), but the next call asks again.
    for (const [service, known] of this.discovered)
      if (known.watched === registry) this.discovered.set(service, { entries: known.entries, until: this.port.now() });
    return () => lost.forEach(([service, lookup]) => this.failed(service, lookup, 'connection_reset'));
  }

  /** A registry that cannot be asked: the last known list serves as long as there is one (SR8), else the callers fail. */
  private failed(service: string, lookup: Lookup, code: string): void {
    this.lookups.delete(service);
    const message = `registry ${lookup.registry} not reachable: ${code}`;
    this.tell(lookup.waiting, service, this.discovered.get(service)?.entries ?? [], { code, message });
  }

  private tell(
    waiting: readonly number[],
    service: string,
    entries: readonly Address[],
    failure: { code: string; message: string },
  ): void {
    const target = this.port.init.peers.find(
      (peer) =>
        peer.direction === 'out' && (peer.kind === 'http' || peer.kind === 'grpc') && peer.record.name === service,
    );
    const instances = target === undefined ? [] : entries.map((entry) => reachedBy(target, entry));
    for (const call of waiting)
      this.onResolved(call, instances.length > 0 ? { ok: true, instances } : { ok: false, ...failure });
  }
}

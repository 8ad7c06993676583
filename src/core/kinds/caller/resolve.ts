import type { VirtualTime } from '../../base/order.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import { instanceId, nodeOf, type InstanceId, type Message } from '../../fabric/message.ts';
import type { Json } from '../../base/json.ts';
import { LongPolls } from './long-polls.ts';

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
  /** It serves as long as blocking queries follow the service. */
  isPolled?: boolean;
}
/** What a question to a registry came to, for every call that waited for it. */
export type Resolution = { ok: true; instances: readonly InstanceId[] } | { ok: false; code: string; message: string };

const US_PER_MS = 1000;
/** Registries whose clients keep a watch instead of asking again and again. */
const WATCHED: readonly string[] = ['etcd', 'zookeeper'];
const isWatched = ({ record }: Peer): boolean => record.kind === 'registry' && WATCHED.includes(record.config.engine);

const blockingWaitOf = ({ record }: Peer): number | undefined =>
  record.kind === 'registry' && record.config.engine === 'consul' ? record.config.blockingWaitMs : undefined;

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
 * Finds the instances of a linked node, as its link says: by registry (a list kept for `cacheTtlMs`, or kept up to date by a watch in etcd and ZooKeeper, by blocking queries in Consul if so drawn; dropped when a connection of it fails), by DNS
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
  private readonly polls: LongPolls;

  /** `name` tells the timers of several resolvers of one instance apart. `onResolved` is called once for every call whose `resolve` gave null, never inside it, unless the call was forgotten. */
  constructor(port: ActorPort, name: string, onResolved: (call: number, resolution: Resolution) => void) {
    this.port = port;
    this.polls = new LongPolls(port, name, (service) => this.pollOf(service));
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
    const isFollowed = kept?.isPolled === true && this.polls.follows(target.record.name);
    if (isFollowed || (kept !== undefined && this.port.now() < kept.until))
      return (kept?.entries ?? []).map((entry) => reachedBy(target, entry));
    this.lookUp(call, registry, target.record.name);
    return null;
  }

  /** The registry that both this node and the target use; without word of the target's links a service counts as registered. A gateway asks registries, but is in none. */
  private registryOf(target: Peer): Peer | undefined {
    if (target.record.kind !== 'service' || (target.resolve?.by ?? 'registry') !== 'registry') return undefined;
    const shares = (registry: string): boolean => target.registries?.includes(registry) ?? true;
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
      payload: { kind: 'registry.discover', service, ...this.manner(registry) },
    });
    this.lookups.set(service, { message, registry: to, waiting: [call] });
  }

  /** How a registry is asked for a list that nothing is known of. */
  private manner(registry: Peer): { watch?: true; index?: number; waitMs?: number } {
    const waitMs = blockingWaitOf(registry);
    if (waitMs !== undefined) return { index: 0, waitMs };
    return isWatched(registry) ? { watch: true } : {};
  }

  /** Where and how the next blocking query about a service goes; null when nobody wants it any more. */
  private pollOf(service: string): { registry: Peer; waitMs: number } | null {
    const target = this.targetOf(service);
    const registry = target === undefined ? undefined : this.registryOf(target);
    const waitMs = registry === undefined ? undefined : blockingWaitOf(registry);
    return registry === undefined || waitMs === undefined ? null : { registry, waitMs };
  }

  private targetOf(service: string): Peer | undefined {
    return this.port.init.peers.find(
      (peer) =>
        peer.direction === 'out' && (peer.kind === 'http' || peer.kind === 'grpc') && peer.record.name === service,
    );
  }

  /** True when the timer was one of its blocking queries. */
  timer(token: Json): boolean {
    return this.polls.timer(token);
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
  message({ payload, from, inReplyTo = '' }: Message): boolean {
    if (payload.kind === 'registry.notice') this.noticed(payload.service, payload.addresses, from);
    if (payload.kind !== 'registry.result') return payload.kind === 'registry.notice';
    const { service, index } = payload;
    let addresses: readonly Address[] = payload.addresses;
    const lookup = this.lookups.get(service);
    const isFirst = lookup?.message === inReplyTo;
    const outcome = index === undefined ? 'alone' : this.polls.answered({ service, from, index, inReplyTo }, isFirst);
    const registry = this.port.init.peers.find((peer) => peer.kind === 'discovery' && peer.node === nodeOf(from));
    const ttlMs = registry?.record.kind === 'registry' ? registry.record.config.cacheTtlMs : 0;
    const kept = this.discovered.get(service);
    if (outcome === 'late' && kept !== undefined) addresses = kept.entries;
    // An empty answer is not kept: the next call asks again.
    else if (addresses.length === 0) this.discovered.delete(service);
    else if (outcome !== 'alone')
      this.discovered.set(service, { entries: addresses, until: this.port.now(), isPolled: true });
    else if (registry !== undefined && isWatched(registry))
      this.discovered.set(service, { entries: addresses, until: Infinity, watched: from });
    else this.discovered.set(service, { entries: addresses, until: this.port.now() + Math.round(ttlMs * US_PER_MS) });
    this.lookups.delete(service);
    this.tell(lookup?.waiting ?? [], service, addresses, {
      code: 'no_instances',
      message: `no instances found for ${service}`,
    });
    return true;
  }

  /** True when it was a question to a registry that was refused. */
  refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    if (this.polls.refused(body.message)) return true;
    const asked = Array.from(this.lookups).find(([, lookup]) => lookup.message === body.message);
    if (asked !== undefined) this.failed(...asked, body.reason);
    return asked !== undefined;
  }

  /** The questions that a registry which died will never answer; chosen before anyone is told: who is told may ask again at once. */
  unanswered(registry: InstanceId): () => void {
    const lost = Array.from(this.lookups).filter(([, lookup]) => lookup.registry === registry);
    // Its watches are gone with it: the lists serve on (SR8), but the next call asks again.
    this.polls.lost(registry);
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
    const target = this.targetOf(service);
    const instances = target === undefined ? [] : entries.map((entry) => reachedBy(target, entry));
    for (const call of waiting)
      this.onResolved(call, instances.length > 0 ? { ok: true, instances } : { ok: false, ...failure });
  }
}

import { isObject, type Json } from '../../base/json.ts';
import type { ActorPort, Peer } from '../../fabric/protocol.ts';
import { nodeOf, type InstanceId, type Message, type Payload } from '../../fabric/message.ts';
import type { Asker } from './asker.ts';

/** Pause before a lost broker or registry is tried again. ms */
export const RECONNECT_MS = 500;

/** A registry that checks its instances itself: nobody reports to it. */
const isAsking = (record: Peer['record']): boolean =>
  record.kind === 'registry' && record.config.engine === 'consul' && record.config.check === 'http';

/** What a service keeps up beside its requests: its registration with heartbeats, and its consumers. */
export class Memberships {
  private readonly port: ActorPort;
  private readonly asker: Asker;
  /** Name under which an attempt is under way or standing, by registry or broker node. */
  private readonly standing = new Map<string, string>();
  /** Name under which a registry may know this instance, whatever became of the connection. */
  private readonly registered = new Map<string, string>();
  /** Next heartbeat per registry: one chain, however often the registry came and went. */
  private readonly beats = new Map<string, number>();
  /** What kind of registry each one is. */
  private readonly registries = new Map<string, string>();
  private leaving = false;
  private inRotation = false;

  constructor(port: ActorPort, asker: Asker) {
    this.port = port;
    this.asker = asker;
  }

  /** Registers and consumes everywhere that the links say and nothing stands yet under the present name. */
  join(): void {
    if (this.leaving) return;
    const { name } = this.port.init.record;
    const linked = new Set(this.port.init.peers.map((peer) => peer.node));
    this.forgetReplaced();
    for (const [node, known] of this.standing) {
      if (known !== name || !linked.has(node)) this.part(node, known);
    }
    for (const peer of this.port.init.peers) {
      if (this.standing.has(peer.node)) continue;
      if (peer.kind === 'discovery' && peer.direction === 'out') {
        if (this.inRotation) this.register(peer);
      } else if (peer.kind === 'subscribe' && peer.direction === 'in') this.consume(peer);
    }
  }

  /** Another registry took the place of the one that knew this instance: it has to be told anew. */
  private forgetReplaced(): void {
    for (const { node, record } of this.port.init.peers) {
      if (record.kind !== 'registry') continue;
      const kind = `${record.config.engine} ${record.config.check ?? 'ttl'}`;
      const before = this.registries.get(node);
      this.registries.set(node, kind);
      if (before === undefined || before === kind) continue;
      this.standing.delete(node);
      this.registered.delete(node);
    }
  }

  /** In rotation it is registered, out of it not; its consumers stay either way. */
  rotate(isReady: boolean): void {
    this.inRotation = isReady;
    if (isReady) return this.join();
    for (const { kind, direction, node, record } of this.port.init.peers) {
      const known = kind === 'discovery' && direction === 'out' ? this.registered.get(node) : undefined;
      // A registry that asks learns it by the next answer.
      if (known !== undefined && !isAsking(record)) this.part(node, known);
    }
  }

  /** Deregisters everywhere; no new joins. */
  leave(): void {
    this.leaving = true;
    for (const peer of this.port.init.peers) {
      // Also where the connection is lost: the registry may still have the entry.
      if (peer.kind === 'discovery' && peer.direction === 'out' && this.registered.has(peer.node)) {
        this.tell(peer, 'deregister', { kind: 'registry.deregister', service: this.port.init.record.name });
      }
    }
  }

  /** Renamed or unlinked: the old registration goes while there is still a link to say so over. */
  private part(node: string, service: string): void {
    this.standing.delete(node);
    this.registered.delete(node);
    const registry = this.port.init.peers.find(
      (p) => p.kind === 'discovery' && p.direction === 'out' && p.node === node,
    );
    if (registry) this.tell(registry, 'deregister', { kind: 'registry.deregister', service });
  }

  /** True when the message was a registry's: it asks how this instance is, or has forgotten it. */
  message(message: Message): boolean {
    const { payload, from, id, link } = message;
    if (payload.kind === 'registry.check') {
      const status = this.inRotation && !this.leaving ? 200 : 503;
      const answer: Payload = { kind: 'registry.checked', status };
      this.port.send({ to: from, link, operation: `${status} check`, inReplyTo: id, trace: null, payload: answer });
      return true;
    }
    if (payload.kind !== 'registry.unknown') return false;
    if (this.standing.delete(nodeOf(from))) this.join();
    return true;
  }

  peerDown(instance: InstanceId): void {
    const node = nodeOf(instance);
    if (this.standing.delete(node)) this.later(node);
  }

  timer(token: Json): boolean {
    if (!isObject(token)) return false;
    if (typeof token['rejoin'] === 'string') {
      this.join();
      return true;
    }
    if (typeof token['heartbeat'] !== 'string') return false;
    this.heartbeat(token['heartbeat']);
    return true;
  }

  private later(node: string): void {
    this.port.after(RECONNECT_MS * 1000, { rejoin: node });
  }

  private tell(peer: Peer, verb: string, payload: Payload): void {
    const to = peer.instances[0]?.instance;
    if (to !== undefined)
      this.port.send({ to, link: peer.link, operation: `${verb} ${this.port.init.record.name}`, trace: null, payload });
  }

  private settle(peer: Peer, operation: string, payload: Payload, joined: () => void): void {
    const to = peer.instances[0]?.instance;
    if (to === undefined) return;
    const { name } = this.port.init.record;
    this.standing.set(peer.node, name);
    this.asker.ask({ to, link: peer.link, operation, trace: null, payload }, (answer) => {
      // An answer under a name that was given up meanwhile concerns nobody.
      if (this.standing.get(peer.node) !== name) return;
      if (answer.ok) return joined();
      this.standing.delete(peer.node);
      this.later(peer.node);
    });
  }

  private register(peer: Peer): void {
    if (peer.record.kind !== 'registry') return;
    const { ttlMs } = peer.record.config;
    const { record, address } = this.port.init;
    this.registered.set(peer.node, record.name);
    this.settle(
      peer,
      `register ${record.name}`,
      { kind: 'registry.register', service: record.name, address, ttlMs },
      () => this.beatLater(peer),
    );
  }

  private beatLater(peer: Peer): void {
    if (peer.record.kind !== 'registry' || isAsking(peer.record)) return;
    const waiting = this.beats.get(peer.node);
    if (waiting !== undefined) this.port.cancel(waiting);
    this.beats.set(peer.node, this.port.after(peer.record.config.heartbeatMs * 1000, { heartbeat: peer.node }));
  }

  private heartbeat(node: string): void {
    const peer = this.port.init.peers.find((p) => p.kind === 'discovery' && p.direction === 'out' && p.node === node);
    if (this.leaving || !peer || !this.standing.has(node)) return;
    this.tell(peer, 'heartbeat', { kind: 'registry.heartbeat', service: this.port.init.record.name });
    this.beatLater(peer);
  }

  private consume(peer: Peer): void {
    const { record } = this.port.init;
    if (record.kind !== 'service') return;
    const bindings = [
      ...new Set(record.config.subscriptions.filter((s) => s.broker === peer.node).map((s) => s.key)),
    ].sort();
    if (bindings.length === 0) return;
    const payload: Payload = { kind: 'amqp.consume', queue: record.name, bindings, prefetch: record.config.prefetch };
    this.settle(peer, `consume ${record.name}`, payload, () => {});
  }
}

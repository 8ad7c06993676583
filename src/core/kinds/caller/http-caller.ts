import type { Failure } from '../../behaviour/effect.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import {
  instanceId,
  nodeOf,
  type HttpReply,
  type HttpRequest,
  type InstanceId,
  type Message,
  type TraceContext,
} from '../../fabric/message.ts';
import { splitTarget } from '../../http/path.ts';
import { injectTrace } from '../../http/trace-context.ts';
import { nextInRing } from './ring.ts';

export type CallResult =
  | { ok: true; reply: HttpReply; instance: InstanceId }
  | { ok: false; failure: Failure; instance: InstanceId | null };

/** One HTTP call to a linked node. `timeoutMs` covers the discovery and the answer. `onDone` is called exactly once, never inside `call`, and not at all after `cancel`. */
export interface CallOptions {
  to: string;
  request: HttpRequest;
  timeoutMs: number;
  /** Context of the caller's CLIENT span; written to `traceparent` and `baggage`. */
  trace: TraceContext | null;
  onDone(result: CallResult): void;
}

/** HTTP client of one instance: resolves, sends, waits, times out; no retries, no connection pool limits. */
export interface HttpCaller {
  /** Returns a handle for `cancel`. */
  call(options: CallOptions): number;
  /** Forgets a call: its answer will be ignored. */
  cancel(call: number): void;
  /** Shows a delivery to the caller; true when it was the caller's alone. Every delivery must be shown, `peer.down` and `reconfigure` too (false: the owner reacts as well). */
  handles(body: DeliveryBody): boolean;
  /** True when the timer was the caller's. */
  timer(token: Json): boolean;
  /** Calls that wait for an answer. */
  pending(): number;
}

interface Call {
  options: CallOptions;
  timer: number;
  /** Set once it is on the wire. */
  sent: { message: string; instance: InstanceId } | null;
}
interface Lookup {
  message: string;
  registry: InstanceId;
  waiting: number[];
}
interface Known {
  instances: InstanceId[];
  until: VirtualTime;
}

const US_PER_MS = 1000;
const failure = (code: string, message: string): Failure => ({ code, message, retriable: true });

/** Makes the HTTP client of an instance; it uses the port's timers with tokens `{caller: n}`. */
export const createCaller = (port: ActorPort): HttpCaller => new Caller(port);

class Caller implements HttpCaller {
  private readonly port: ActorPort;
  private peers: readonly Peer[];
  private nextCall = 0;
  private readonly calls = new Map<number, Call>();
  private readonly byMessage = new Map<string, number>();
  private readonly lookups = new Map<string, Lookup>();
  private readonly known = new Map<string, Known>();
  private readonly lastPicked = new Map<string, InstanceId>();

  constructor(port: ActorPort) {
    this.port = port;
    this.peers = port.init.peers;
  }

  call(options: CallOptions): number {
    const id = this.nextCall;
    this.nextCall += 1;
    const target = this.targetPeer(options.to);
    // A missing link or an empty address list fails one tick later: `onDone` never runs inside `call`.
    const reachable = target !== undefined && (target.instances.length > 0 || this.registryOf(target) !== undefined);
    const delay = reachable ? Math.max(1, Math.round(options.timeoutMs * US_PER_MS)) : 1;
    this.calls.set(id, { options, timer: this.port.after(delay, { caller: id, reachable }), sent: null });
    if (target !== undefined && reachable) this.resolve(id, target);
    return id;
  }

  cancel(id: number): void {
    this.forget(id);
  }

  pending(): number {
    return this.calls.size;
  }

  handles(body: DeliveryBody): boolean {
    if (body.type === 'message') return this.message(body.message);
    if (body.type === 'refused') return this.refused(body);
    if (body.type === 'peer.down') this.peerDown(body.instance);
    if (body.type === 'reconfigure') this.peers = body.peers;
    return false;
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['caller'] !== 'number') return false;
    const id = token['caller'];
    const entry = this.calls.get(id);
    if (entry === undefined) return true;
    const { to, timeoutMs } = entry.options;
    const name = this.targetPeer(to)?.record.name ?? to;
    if (token['reachable'] === false) this.fail(id, 'connection_refused', `no address for ${to}: not linked`);
    else this.fail(id, 'timeout', `no reply from ${name} within ${timeoutMs} ms`);
    return true;
  }

  private targetPeer(node: string): Peer | undefined {
    return this.peers.find((peer) => peer.kind === 'http' && peer.direction === 'out' && peer.node === node);
  }

  /** The registry that both this node and the target use; without word of the target's links a service counts as registered. */
  private registryOf(target: Peer): Peer | undefined {
    const shares = (registry: string): boolean =>
      target.registries === undefined ? target.record.kind === 'service' : target.registries.includes(registry);
    return this.peers.find((peer) => peer.kind === 'discovery' && peer.direction === 'out' && shares(peer.node));
  }

  private forget(id: number): Call | undefined {
    const call = this.calls.get(id);
    if (call === undefined) return undefined;
    this.calls.delete(id);
    this.port.cancel(call.timer);
    if (call.sent !== null) this.byMessage.delete(call.sent.message);
    for (const [service, lookup] of this.lookups) {
      lookup.waiting = lookup.waiting.filter((waiting) => waiting !== id);
      if (lookup.waiting.length === 0) this.lookups.delete(service);
    }
    return call;
  }

  private fail(id: number, code: string, message: string): void {
    const instance = this.calls.get(id)?.sent?.instance ?? null;
    this.forget(id)?.options.onDone({ ok: false, failure: failure(code, message), instance });
  }

  private resolve(id: number, target: Peer): void {
    const registry = this.registryOf(target);
    const service = target.record.name;
    const cached = this.known.get(service);
    const declared = target.instances.map((entry) => entry.instance);
    if (registry === undefined) this.transmit(id, target, declared);
    else if (cached !== undefined && this.port.now() < cached.until) this.transmit(id, target, cached.instances);
    else this.lookUp(id, registry, service);
  }

  private transmit(id: number, target: Peer, instances: readonly InstanceId[]): void {
    const call = this.calls.get(id);
    const instance = nextInRing(instances, this.lastPicked.get(target.node) ?? null);
    if (call === undefined || instance === null) return;
    this.lastPicked.set(target.node, instance);
    const { request, trace } = call.options;
    const message = this.port.send({
      to: instance,
      link: target.link,
      operation: `${request.method} ${splitTarget(request.path).path}`,
      trace,
      payload: { kind: 'http.request', ...request, headers: injectTrace(request.headers, trace) },
    });
    call.sent = { message, instance };
    this.byMessage.set(message, id);
  }

  private lookUp(id: number, registry: Peer, service: string): void {
    const running = this.lookups.get(service);
    if (running !== undefined) {
      running.waiting.push(id);
      return;
    }
    const to = registry.instances[0]?.instance ?? instanceId(registry.node, 0);
    const message = this.port.send({
      to,
      link: registry.link,
      operation: `discover ${service}`,
      trace: null,
      payload: { kind: 'registry.discover', service },
    });
    this.lookups.set(service, { message, registry: to, waiting: [id] });
  }

  private message(message: Message): boolean {
    const { payload, from } = message;
    if (payload.kind === 'registry.result') {
      this.discovered(
        payload.service,
        payload.addresses.map((entry) => entry.instance),
        from,
      );
      return true;
    }
    if (payload.kind !== 'http.reply') return false;
    const id = this.byMessage.get(message.inReplyTo ?? '');
    if (id !== undefined) {
      const { status, headers, body } = payload;
      this.forget(id)?.options.onDone({ ok: true, reply: { status, headers, body }, instance: from });
    }
    return true;
  }

  private discovered(service: string, instances: InstanceId[], from: InstanceId): void {
    const registry = this.peers.find((peer) => peer.kind === 'discovery' && peer.node === nodeOf(from));
    const ttlMs = registry?.record.kind === 'registry' ? registry.record.config.cacheTtlMs : 0;
    const until = this.port.now() + Math.round(ttlMs * US_PER_MS);
    // An empty answer is not kept: the next call asks again.
    if (instances.length > 0) this.known.set(service, { instances, until });
    else this.known.delete(service);
    const lookup = this.lookups.get(service);
    this.lookups.delete(service);
    for (const id of lookup?.waiting ?? []) {
      const target = this.targetPeer(this.calls.get(id)?.options.to ?? '');
      if (instances.length > 0 && target !== undefined) this.transmit(id, target, instances);
      else this.fail(id, 'no_instances', `no instances found for ${service}`);
    }
  }

  /** A registry that cannot be asked: the last known list serves as long as there is one (SR8), else the callers fail. */
  private lookupFailed(service: string, lookup: Lookup, code: string): void {
    this.lookups.delete(service);
    const stale = this.known.get(service);
    for (const id of lookup.waiting) {
      const target = this.targetPeer(this.calls.get(id)?.options.to ?? '');
      if (stale !== undefined && target !== undefined) this.transmit(id, target, stale.instances);
      else this.fail(id, code, `registry ${lookup.registry} not reachable: ${code}`);
    }
  }

  /** A call whose connection was refused or broke: its cached list is dropped, nothing is tried again. */
  private lost(id: number, code: string): void {
    const call = this.calls.get(id);
    if (call?.sent === undefined || call.sent === null) return;
    const target = this.targetPeer(call.options.to);
    if (target !== undefined) this.known.delete(target.record.name);
    const what = code === 'connection_refused' ? 'refused' : 'reset';
    this.fail(id, code, `connection to ${call.sent.instance} ${what}`);
  }

  private refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const id = this.byMessage.get(body.message);
    if (id !== undefined) {
      this.lost(id, body.reason);
      return true;
    }
    const asked = Array.from(this.lookups).find(([, lookup]) => lookup.message === body.message);
    if (asked !== undefined) this.lookupFailed(...asked, body.reason);
    return asked !== undefined;
  }

  private peerDown(instance: InstanceId): void {
    // Chosen before anyone is told: who is told may call again at once.
    const broken = Array.from(this.calls).filter(([, entry]) => entry.sent?.instance === instance);
    const unanswered = Array.from(this.lookups).filter(([, lookup]) => lookup.registry === instance);
    for (const [id] of broken) this.lost(id, 'connection_reset');
    for (const [service, lookup] of unanswered) this.lookupFailed(service, lookup, 'connection_reset');
  }
}

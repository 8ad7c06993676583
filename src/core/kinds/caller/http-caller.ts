import type { Failure } from '../../behaviour/effect.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import {
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
export function createCaller(port: ActorPort): HttpCaller {
  let peers: readonly Peer[] = port.init.peers;
  let nextCall = 0;
  const calls = new Map<number, Call>();
  const byMessage = new Map<string, number>();
  const lookups = new Map<string, Lookup>();
  const known = new Map<string, Known>();
  const lastPicked = new Map<string, InstanceId>();

  const targetPeer = (node: string): Peer | undefined =>
    peers.find((peer) => peer.kind === 'http' && peer.direction === 'out' && peer.node === node);

  /** The registry that both this node and the target use; without word of the target's links a service counts as registered. */
  const registryOf = (target: Peer): Peer | undefined =>
    peers.find(
      (peer) =>
        peer.kind === 'discovery' &&
        peer.direction === 'out' &&
        (target.registries === undefined ? target.record.kind === 'service' : target.registries.includes(peer.node)),
    );

  function forget(id: number): Call | undefined {
    const call = calls.get(id);
    if (call === undefined) return undefined;
    calls.delete(id);
    port.cancel(call.timer);
    if (call.sent !== null) byMessage.delete(call.sent.message);
    for (const [service, lookup] of lookups) {
      lookup.waiting = lookup.waiting.filter((waiting) => waiting !== id);
      if (lookup.waiting.length === 0) lookups.delete(service);
    }
    return call;
  }

  function finish(id: number, result: CallResult): void {
    forget(id)?.options.onDone(result);
  }

  function fail(id: number, code: string, message: string): void {
    const instance = calls.get(id)?.sent?.instance ?? null;
    finish(id, { ok: false, failure: failure(code, message), instance });
  }

  function transmit(id: number, target: Peer, instances: readonly InstanceId[]): void {
    const call = calls.get(id);
    const instance = nextInRing(instances, lastPicked.get(target.node) ?? null);
    if (call === undefined || instance === null) return;
    lastPicked.set(target.node, instance);
    const { request, trace } = call.options;
    const message = port.send({
      to: instance,
      link: target.link,
      operation: `${request.method} ${splitTarget(request.path).path}`,
      trace,
      payload: { kind: 'http.request', ...request, headers: injectTrace(request.headers, trace) },
    });
    call.sent = { message, instance };
    byMessage.set(message, id);
  }

  function lookUp(id: number, registry: Peer, service: string): void {
    const running = lookups.get(service);
    if (running !== undefined) {
      running.waiting.push(id);
      return;
    }
    const to = registry.instances[0]?.instance ?? `${registry.node}#0`;
    const message = port.send({
      to,
      link: registry.link,
      operation: `discover ${service}`,
      trace: null,
      payload: { kind: 'registry.discover', service },
    });
    lookups.set(service, { message, registry: to, waiting: [id] });
  }

  function resolve(id: number, target: Peer): void {
    const registry = registryOf(target);
    if (registry === undefined) {
      transmit(
        id,
        target,
        target.instances.map((entry) => entry.instance),
      );
      return;
    }
    const service = target.record.name;
    const cached = known.get(service);
    if (cached !== undefined && port.now() < cached.until) transmit(id, target, cached.instances);
    else lookUp(id, registry, service);
  }

  function call(options: CallOptions): number {
    const id = nextCall;
    nextCall += 1;
    const target = targetPeer(options.to);
    // A missing link or an empty address list fails one tick later: `onDone` never runs inside `call`.
    const reachable = target !== undefined && (target.instances.length > 0 || registryOf(target) !== undefined);
    const delay = reachable ? Math.max(1, Math.round(options.timeoutMs * US_PER_MS)) : 1;
    calls.set(id, { options, timer: port.after(delay, { caller: id, reachable }), sent: null });
    if (target !== undefined && reachable) resolve(id, target);
    return id;
  }

  function discovered(service: string, instances: InstanceId[], from: InstanceId): void {
    const registry = peers.find((peer) => peer.kind === 'discovery' && peer.node === nodeOf(from));
    const ttlMs = registry?.record.kind === 'registry' ? registry.record.config.cacheTtlMs : 0;
    // An empty answer is not kept: the next call asks again.
    if (instances.length > 0) known.set(service, { instances, until: port.now() + Math.round(ttlMs * US_PER_MS) });
    else known.delete(service);
    const lookup = lookups.get(service);
    if (lookup === undefined) return;
    lookups.delete(service);
    for (const id of lookup.waiting) {
      const target = targetPeer(calls.get(id)?.options.to ?? '');
      if (instances.length === 0 || target === undefined) fail(id, 'no_instances', `no instances found for ${service}`);
      else transmit(id, target, instances);
    }
  }

  /** A registry that cannot be asked: the last known list serves as long as there is one (SR8), else the callers fail. */
  function lookupFailed(service: string, lookup: Lookup, code: string): void {
    lookups.delete(service);
    const stale = known.get(service);
    for (const id of lookup.waiting) {
      const target = targetPeer(calls.get(id)?.options.to ?? '');
      if (stale !== undefined && target !== undefined) transmit(id, target, stale.instances);
      else fail(id, code, `registry ${lookup.registry} not reachable: ${code}`);
    }
  }

  function lost(id: number, code: string): void {
    const call = calls.get(id);
    if (call?.sent === undefined || call.sent === null) return;
    const target = targetPeer(call.options.to);
    if (target !== undefined) known.delete(target.record.name);
    const what = code === 'connection_refused' ? 'refused' : 'reset';
    fail(id, code, `connection to ${call.sent.instance} ${what}`);
  }

  function refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const id = byMessage.get(body.message);
    if (id !== undefined) {
      lost(id, body.reason);
      return true;
    }
    const asked = Array.from(lookups).find(([, lookup]) => lookup.message === body.message);
    if (asked !== undefined) lookupFailed(...asked, body.reason);
    return asked !== undefined;
  }

  function peerDown(instance: InstanceId): void {
    // Chosen before anyone is told: who is told may call again at once.
    const broken = Array.from(calls).filter(([, entry]) => entry.sent?.instance === instance);
    const unanswered = Array.from(lookups).filter(([, lookup]) => lookup.registry === instance);
    for (const [id] of broken) lost(id, 'connection_reset');
    for (const [service, lookup] of unanswered) lookupFailed(service, lookup, 'connection_reset');
  }

  function message(body: Message): boolean {
    const { payload } = body;
    if (payload.kind === 'registry.result') {
      discovered(
        payload.service,
        payload.addresses.map((entry) => entry.instance),
        body.from,
      );
      return true;
    }
    if (payload.kind !== 'http.reply') return false;
    const id = byMessage.get(body.inReplyTo ?? '');
    if (id !== undefined) {
      const { status, headers, body: text } = payload;
      finish(id, { ok: true, reply: { status, headers, body: text }, instance: body.from });
    }
    return true;
  }

  function timer(token: Json): boolean {
    if (!isObject(token) || typeof token['caller'] !== 'number') return false;
    const id = token['caller'];
    const entry = calls.get(id);
    if (entry === undefined) return true;
    const { to, timeoutMs } = entry.options;
    if (token['reachable'] === false) fail(id, 'connection_refused', `no address for ${to}: not linked`);
    else fail(id, 'timeout', `no reply from ${targetPeer(to)?.record.name ?? to} within ${timeoutMs} ms`);
    return true;
  }

  return {
    call,
    cancel: (id) => void forget(id),
    handles(body) {
      if (body.type === 'message') return message(body.message);
      if (body.type === 'refused') return refused(body);
      if (body.type === 'peer.down') peerDown(body.instance);
      if (body.type === 'reconfigure') peers = body.peers;
      return false;
    },
    timer,
    pending: () => calls.size,
  };
}

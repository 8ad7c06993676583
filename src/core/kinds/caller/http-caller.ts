import type { Failure } from '../../behaviour/effect.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import type { HttpReply, HttpRequest, InstanceId, Message, TraceContext } from '../../fabric/message.ts';
import { splitTarget } from '../../http/path.ts';
import { injectTrace } from '../../http/trace-context.ts';
import { ActiveChecks } from './active-checks.ts';
import { Resolver, type Resolution } from './resolve.ts';
import { Upstreams, type BalancePolicy } from './upstreams.ts';

/**
 * Codes of failures: `connection_refused` (nobody listens, or no address), `connection_reset` (it died meanwhile), `timeout`, `no_instances` (the registry
 * knows none), `no_healthy_host` (all are ejected and there is no panic, or none has weight), `upstream_overflow` (beyond the limits towards the upstream).
 * `instance` is the one that was reached, or `<node>#<address>` for an address that nobody has; null when none was chosen.
 */
export type CallResult =
  | { ok: true; reply: HttpReply; instance: InstanceId }
  | { ok: false; failure: Failure; instance: InstanceId | null };

/** One HTTP call to a linked node. `timeoutMs` covers waiting for a place, the discovery and the answer. `onDone` is called exactly once, never inside `call`, and not at all after `cancel`. */
export interface CallOptions {
  to: string;
  request: HttpRequest;
  timeoutMs: number;
  /** Context of the caller's CLIENT span; written to `traceparent` and `baggage`. */
  trace: TraceContext | null;
  /** Instances that earlier tries reached (may be empty): this call is a retry, which prefers another instance and counts against `maxRetries`. Absent = a first try. */
  tried?: readonly InstanceId[];
  onDone(result: CallResult): void;
}

/** HTTP client of one instance: resolves, chooses, sends, waits, times out; no retries, no connection pool limits. */
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
  /** Begins to check the instances of these upstreams actively, if the policy says so; `nodes` is asked again whenever the record changes. */
  watchHealth(nodes: () => ReadonlySet<string>): void;
}

interface Call {
  options: CallOptions;
  timer: number;
  /** Set once it is on the wire. */
  sent: { message: string; instance: InstanceId } | null;
  /** What its timer will say; null = a time-out. */
  verdict: { code: string; message: string } | null;
}

const US_PER_MS = 1000;
const LEAST_SERVER_ERROR = 500;
const failure = (code: string, message: string): Failure => ({ code, message, retriable: true });

/** Makes the HTTP client of an instance; it uses the port's timers with tokens `{caller: n}` and `{sweep: node}`. `policy` reads the present record; without it round robin, no ejection, no limits. */
export const createCaller = (port: ActorPort, policy: () => BalancePolicy = () => ({})): HttpCaller =>
  new Caller(port, policy);

class Caller implements HttpCaller {
  private readonly port: ActorPort;
  private readonly resolver: Resolver;
  private readonly upstreams: Upstreams;
  private readonly checks: ActiveChecks;
  /** Nodes that are checked; null = not asked for. */
  private watched: (() => ReadonlySet<string>) | null = null;
  private peers: readonly Peer[];
  private nextCall = 0;
  private readonly calls = new Map<number, Call>();
  private readonly byMessage = new Map<string, number>();
  /** Nodes whose lists were asked for; their numbers follow from their places. */
  private readonly lists: string[] = [];

  constructor(port: ActorPort, policy: () => BalancePolicy) {
    this.port = port;
    this.peers = port.init.peers;
    this.resolver = new Resolver(port, 'http', (call, resolution) => this.resolved(call, resolution));
    this.upstreams = new Upstreams(port, policy);
    this.checks = new ActiveChecks(port, {
      policy: () => policy().healthChecks,
      targets: () => this.checkedPeers(),
      resolve: (target) => this.resolver.resolve(this.listCall(target.node), target),
      result: (node, instance, outcome, reason) => this.upstreams.checked(node, instance, outcome, reason),
      ended: (node, instance) => this.upstreams.unchecked(node, instance),
    });
  }

  call(options: CallOptions): number {
    const { to, timeoutMs } = options;
    const id = this.nextCall;
    this.nextCall += 1;
    const target = this.targetPeer(to);
    const timer = this.port.after(Math.max(1, Math.round(timeoutMs * US_PER_MS)), { caller: id });
    this.calls.set(id, { options, timer, sent: null, verdict: null });
    if (target === undefined || !this.resolver.canResolve(target)) {
      this.failSoon(id, 'connection_refused', `no address for ${to}: not linked`);
      return id;
    }
    const entry = this.upstreams.enter(to, id, options.tried !== undefined);
    if (entry === 'go') this.begin(id);
    else if (entry === 'overflow') {
      this.failSoon(id, 'upstream_overflow', `${target.record.name} has as many requests as its limits permit`);
    }
    return id;
  }

  cancel(id: number): void {
    this.forget(id, 'cancelled');
  }

  pending(): number {
    return this.calls.size;
  }

  watchHealth(nodes: () => ReadonlySet<string>): void {
    this.watched = nodes;
    this.checks.begin();
  }

  handles(body: DeliveryBody): boolean {
    if (body.type === 'message')
      return this.resolver.message(body.message) || this.checks.message(body.message) || this.message(body.message);
    if (body.type === 'refused') return this.checks.refused(body) || this.refused(body);
    if (body.type === 'peer.down') this.peerDown(body.instance);
    if (body.type === 'reconfigure') this.reconfigure(body.peers);
    return false;
  }

  timer(token: Json): boolean {
    if (this.upstreams.timer(token) || this.resolver.timer(token) || this.checks.timer(token)) return true;
    if (!isObject(token) || typeof token['caller'] !== 'number') return false;
    const id = token['caller'];
    const call = this.calls.get(id);
    if (call === undefined) return true;
    const { to, timeoutMs } = call.options;
    if (call.verdict !== null) this.fail(id, call.verdict.code, call.verdict.message);
    else {
      const name = this.targetPeer(to)?.record.name ?? to;
      this.fail(id, 'timeout', `no reply from ${name} within ${timeoutMs} ms`);
    }
    return true;
  }

  private targetPeer(node: string): Peer | undefined {
    return this.peers.find((peer) => peer.kind === 'http' && peer.direction === 'out' && peer.node === node);
  }

  private checkedPeers(): Peer[] {
    const nodes = this.watched?.() ?? new Set();
    return this.peers.filter(
      (peer) =>
        peer.kind === 'http' && peer.direction === 'out' && nodes.has(peer.node) && this.resolver.canResolve(peer),
    );
  }

  /** The number under which a registry is asked for the list of a checked node: below those of calls. */
  private listCall(node: string): number {
    const at = this.lists.indexOf(node);
    return at >= 0 ? -1 - at : -this.lists.push(node);
  }

  private begin(id: number): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    const target = this.targetPeer(call.options.to);
    if (target === undefined) return this.failSoon(id, 'connection_refused', `no address for ${call.options.to}`);
    const instances = this.resolver.resolve(id, target);
    if (instances !== null) this.transmit(id, target, instances);
  }

  private resolved(id: number, resolution: Resolution): void {
    const checked = id < 0 ? this.lists[-1 - id] : undefined;
    // A registry that cannot be asked says nothing about instances.
    if (checked !== undefined) return resolution.ok ? this.checks.listed(checked, resolution.instances) : undefined;
    const target = this.targetPeer(this.calls.get(id)?.options.to ?? '');
    if (!resolution.ok) this.fail(id, resolution.code, resolution.message);
    else if (target !== undefined) this.transmit(id, target, resolution.instances);
  }

  private transmit(id: number, target: Peer, instances: readonly InstanceId[]): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    const { request, trace, tried = [] } = call.options;
    const instance = this.upstreams.choose(target.node, instances, { request, trace, tried });
    if (instance === null) {
      return this.failSoon(id, 'no_healthy_host', `no instance of ${target.record.name} is available`);
    }
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

  /** Ends a call that cannot be sent, one tick later: `onDone` never runs inside `call`. */
  private failSoon(id: number, code: string, message: string): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    this.port.cancel(call.timer);
    call.timer = this.port.after(1, { caller: id });
    call.verdict = { code, message };
  }

  /** Takes a call off every list and lets the next one go; `outcome` is what its instance did: a code of failure, `cancelled`, or null for a good answer. */
  private forget(id: number, outcome: string | null): Call | undefined {
    const call = this.calls.get(id);
    if (call === undefined) return undefined;
    this.calls.delete(id);
    this.port.cancel(call.timer);
    this.resolver.forget(id);
    const { to } = call.options;
    if (call.sent !== null) {
      this.byMessage.delete(call.sent.message);
      this.upstreams.settled(to, call.sent.instance, outcome);
    }
    for (const next of this.upstreams.leave(to, id)) this.begin(next);
    return call;
  }

  private fail(id: number, code: string, message: string): void {
    const instance = this.calls.get(id)?.sent?.instance ?? null;
    this.forget(id, code)?.options.onDone({ ok: false, failure: failure(code, message), instance });
  }

  private message({ payload, from, inReplyTo }: Message): boolean {
    if (payload.kind !== 'http.reply') return false;
    const id = this.byMessage.get(inReplyTo ?? '');
    if (id === undefined) return true;
    const { status, headers, body } = payload;
    const outcome = status >= LEAST_SERVER_ERROR ? `http_${status}` : null;
    this.forget(id, outcome)?.options.onDone({ ok: true, reply: { status, headers, body }, instance: from });
    return true;
  }

  /** A call whose connection was refused or broke: its discovered list is dropped, nothing is tried again. */
  private lost(id: number, code: string): void {
    const call = this.calls.get(id);
    if (call?.sent === undefined || call.sent === null) return;
    const target = this.targetPeer(call.options.to);
    if (target !== undefined) this.resolver.drop(target);
    const what = code === 'connection_refused' ? 'refused' : 'reset';
    this.fail(id, code, `connection to ${call.sent.instance} ${what}`);
  }

  private refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const id = this.byMessage.get(body.message);
    if (id === undefined) return this.resolver.refused(body);
    this.lost(id, body.reason);
    return true;
  }

  private peerDown(instance: InstanceId): void {
    // Chosen before anyone is told: who is told may call again at once.
    const broken = Array.from(this.calls).filter(([, entry]) => entry.sent?.instance === instance);
    const tellUnanswered = this.resolver.unanswered(instance);
    this.checks.broken(instance);
    for (const [id] of broken) this.lost(id, 'connection_reset');
    tellUnanswered();
  }

  private reconfigure(peers: readonly Peer[]): void {
    const before = new Map(this.peers.flatMap((peer) => peer.instances.map((one) => [one.instance, one.address])));
    const moved = peers.flatMap((peer) =>
      peer.instances.filter(({ instance, address }) => (before.get(instance) ?? address) !== address),
    );
    this.peers = peers;
    const fresh = moved.map((one) => one.instance);
    for (const next of this.upstreams.reconfigured(fresh)) this.begin(next);
    if (this.watched !== null) this.checks.begin(fresh);
  }
}

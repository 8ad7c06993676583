import { isObject, type Json } from '../../base/json.ts';
import type { Entry } from '../../balance/places.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { GrpcMessage, GrpcReply, InstanceId, Message, Payload, TraceContext } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import { grpcStatusName, isServerError, type GrpcStatusName } from '../../grpc/status.ts';
import { Resolver, type Resolution } from './resolve.ts';
import type { Wanted } from './upstreams.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;
/** A stream that ended without a status of the other side. `cause` is a code as that of a call over HTTP (`CallResult`), null = a reason of the caller's own; `instance` is whom it was sent to. */
export interface GrpcLoss {
  status: GrpcStatusName;
  message: string;
  cause: string | null;
  instance: InstanceId | null;
}
/** One unary or server streaming call, its messages as bytes. `timeoutUs` is its deadline. */
export interface GrpcStream {
  /** Node that is called. */
  to: string;
  /** `package.Service/Method`. */
  rpc: string;
  /** What is sent, complete; or why nothing can be. */
  request: Request | { refused: GrpcStatusName; message: string };
  timeoutUs: number;
  trace: TraceContext | null;
  /** Instances that earlier tries reached; absent = a first try (see `CallOptions`). */
  tried?: readonly InstanceId[];
  /** A message at its arrival, which may be before that of an earlier one. */
  onMessage(index: number, message: GrpcMessage, instance: InstanceId): void;
  /** The status, once every message before it is there. Either this or `onLost` is called exactly once, never inside `open`, and neither after `cancel`. */
  onEnd(reply: GrpcReply, instance: InstanceId): void;
  onLost(loss: GrpcLoss): void;
}
/** Which calls may go, to whom, and what became of them: `Upstreams`, or something simpler. */
export interface StreamBalance {
  enter(node: string, call: number, isRetry: boolean): Entry;
  /** Calls that waited for the place which this one gives back. */
  leave(node: string, call: number): number[];
  choose(node: string, instances: readonly InstanceId[], wanted: Wanted): InstanceId | null;
  /** `failure` null: answered well; `cancelled` says nothing about the instance. */
  settled(node: string, instance: InstanceId, failure: string | null): void;
}

interface Open {
  stream: GrpcStream;
  timer: number;
  begunAt: VirtualTime;
  /** How long it may take in all. µs */
  allowedUs: number;
  sent: { message: string; instance: InstanceId; link: string } | null;
  /** Numbers of the messages that are there. */
  arrived: Set<number>;
  end: GrpcReply | null;
  /** What its timer will say; null = the deadline. */
  verdict: Omit<GrpcLoss, 'instance'> | null;
}

/** An answer of trailers only: nobody has seen a message of it. */
export const isTrailersOnly = ({ sent, bytes }: GrpcReply): boolean => sent === 0 && bytes === null;
/**
 * What Envoy's outlier detection takes an answer for (GW20): `grpc-status` is read where it stands among the headers, in an answer of trailers only, and counts as the
 * HTTP status of its code, of which the server's errors are the 5xx; behind a message there is only the 200 that came first.
 */
const failureOf = (reply: GrpcReply): string | null =>
  isTrailersOnly(reply) && isServerError(reply.status) ? `grpc_${grpcStatusName(reply.status)}` : null;

/**
 * The gRPC calls of one instance below their messages' meaning: resolves like the HTTP client, sends bytes, hands on bytes, keeps deadlines, cancels.
 * Timers carry `{grpcCall: n}`.
 */
export class GrpcStreams {
  private readonly port: ActorPort;
  private readonly balance: StreamBalance;
  private readonly resolver: Resolver;
  private readonly onListed: (call: number, resolution: Resolution) => void;
  private readonly streams = new Map<number, Open>();
  private readonly byMessage = new Map<string, number>();
  private next = 0;

  /** `onListed` hears what `list` asked for, under its number. */
  constructor(
    port: ActorPort,
    balance: StreamBalance,
    onListed: (call: number, resolution: Resolution) => void = () => undefined,
  ) {
    this.port = port;
    this.balance = balance;
    this.onListed = onListed;
    this.resolver = new Resolver(port, 'grpc', (call, resolution) => this.resolved(call, resolution));
  }

  /** Returns a handle for `cancel` and `extend`. */
  open(stream: GrpcStream): number {
    const id = this.next++;
    const { to, request, timeoutUs } = stream;
    const target = this.targetOf(to);
    const timer = this.port.after(Math.max(1, Math.round(timeoutUs)), { grpcCall: id });
    const times = { timer, begunAt: this.port.now(), allowedUs: timeoutUs };
    this.streams.set(id, { stream, ...times, sent: null, arrived: new Set(), end: null, verdict: null });
    if (target === undefined || !this.resolver.canResolve(target))
      return this.failSoon(id, 'unavailable', `no address for ${to}: not linked`, 'connection_refused');
    if (timeoutUs < 1)
      return this.failSoon(id, 'deadline_exceeded', 'the deadline had passed before the call', 'timeout');
    if ('refused' in request) return this.failSoon(id, request.refused, request.message, null);
    const entry = this.balance.enter(to, id, stream.tried !== undefined);
    if (entry === 'go') this.begin(id);
    else if (entry === 'overflow') {
      const text = `${target.record.name} has as many requests as its limits permit`;
      this.failSoon(id, 'unavailable', text, 'upstream_overflow');
    }
    return id;
  }

  /** Sends calls that waited for a place. */
  admit(calls: readonly number[]): void {
    for (const call of calls) this.begin(call);
  }

  /** Gives a call up: the other side is told (RST_STREAM), its answer will be ignored. */
  cancel(id: number): void {
    const open = this.forget(id, 'cancelled');
    if (open?.sent) this.reset(open, open.sent);
  }

  /** The call may take so long from now on. µs */
  extend(id: number, timeoutUs: number): void {
    const open = this.streams.get(id);
    if (open === undefined) return;
    this.port.cancel(open.timer);
    open.allowedUs = this.port.now() - open.begunAt + timeoutUs;
    open.timer = this.port.after(Math.max(1, Math.round(timeoutUs)), { grpcCall: id });
  }

  /** Instances of a linked node, or null: a registry is asked. `call` is negative: none of a stream. */
  list(call: number, target: Peer): readonly InstanceId[] | null {
    return this.resolver.resolve(call, target);
  }

  canResolve(target: Peer): boolean {
    return this.resolver.canResolve(target);
  }

  /** True when the delivery was this client's alone. Every delivery must be shown, `peer.down` and registry answers too (false: others react as well). */
  handles(body: DeliveryBody): boolean {
    if (body.type === 'message') {
      this.resolver.message(body.message);
      return this.message(body.message);
    }
    if (body.type === 'refused') return this.refused(body);
    if (body.type === 'peer.down') this.peerDown(body.instance);
    return false;
  }

  timer(token: Json): boolean {
    if (this.resolver.timer(token)) return true;
    if (!isObject(token) || typeof token['grpcCall'] !== 'number') return false;
    const id = token['grpcCall'];
    const open = this.streams.get(id);
    if (open === undefined) return true;
    const name = this.targetOf(open.stream.to)?.record.name ?? open.stream.to;
    if (open.sent) this.reset(open, open.sent);
    const late = `no answer from ${name} within ${Math.round(open.allowedUs) / 1000} ms`;
    const { status, message, cause } = open.verdict ?? { status: 'deadline_exceeded', message: late, cause: 'timeout' };
    this.fail(id, status, message, cause);
    return true;
  }

  private targetOf(node: string): Peer | undefined {
    const { peers } = this.port.init;
    return peers.find((peer) => peer.kind === 'grpc' && peer.direction === 'out' && peer.node === node);
  }

  /** One tick later: `onLost` never runs inside `open`. */
  private failSoon(id: number, status: GrpcStatusName, message: string, cause: string | null): number {
    const open = this.streams.get(id);
    if (open !== undefined) {
      this.port.cancel(open.timer);
      open.verdict = { status, message, cause };
      open.timer = this.port.after(1, { grpcCall: id });
    }
    return id;
  }

  private begin(id: number): void {
    const to = this.streams.get(id)?.stream.to ?? '';
    const target = this.targetOf(to);
    const instances = target === undefined ? [] : this.resolver.resolve(id, target);
    if (target === undefined) this.failSoon(id, 'unavailable', `no address for ${to}`, 'connection_refused');
    else if (instances !== null) this.transmit(id, target, instances);
  }

  private resolved(id: number, resolution: Resolution): void {
    if (id < 0) return this.onListed(id, resolution);
    const target = this.targetOf(this.streams.get(id)?.stream.to ?? '');
    if (!resolution.ok) this.fail(id, 'unavailable', resolution.message, resolution.code);
    else if (target !== undefined) this.transmit(id, target, resolution.instances);
  }

  private transmit(id: number, target: Peer, instances: readonly InstanceId[]): void {
    const open = this.streams.get(id);
    if (open === undefined || 'refused' in open.stream.request) return;
    const { request, rpc, trace, tried = [] } = open.stream;
    const wanted = { request: { headers: request.metadata }, trace, tried };
    const instance = this.balance.choose(target.node, instances, wanted);
    if (instance === null) {
      const text = `no instance of ${target.record.name} is available`;
      return void this.failSoon(id, 'unavailable', text, 'no_healthy_host');
    }
    // What is left: a registry may have been asked, or a place waited for (RP2).
    const timeoutUs = Math.max(1, Math.round(open.allowedUs) - (this.port.now() - open.begunAt));
    const payload = request.timeoutUs === null ? request : { ...request, timeoutUs };
    const message = this.port.send({ to: instance, link: target.link, operation: rpc, trace, payload });
    open.sent = { message, instance, link: target.link };
    this.byMessage.set(message, id);
  }

  private reset({ stream }: Open, sent: NonNullable<Open['sent']>): void {
    this.port.send({
      to: sent.instance,
      link: sent.link,
      operation: `cancel ${stream.rpc}`,
      trace: stream.trace,
      payload: { kind: 'grpc.cancel', request: sent.message },
    });
  }

  /** Takes a call off every list and lets the next one go; `outcome` is what its instance did. */
  private forget(id: number, outcome: string | null): Open | undefined {
    const open = this.streams.get(id);
    if (open === undefined) return undefined;
    this.streams.delete(id);
    this.port.cancel(open.timer);
    this.resolver.forget(id);
    const { to } = open.stream;
    if (open.sent !== null) {
      this.byMessage.delete(open.sent.message);
      this.balance.settled(to, open.sent.instance, outcome);
    }
    this.admit(this.balance.leave(to, id));
    return open;
  }

  private fail(id: number, status: GrpcStatusName, message: string, cause: string | null): void {
    const instance = this.streams.get(id)?.sent?.instance ?? null;
    const outcome = cause ?? `grpc_${status}`;
    this.forget(id, outcome)?.stream.onLost({ status, message, cause, instance });
  }

  private message({ payload, inReplyTo }: Message): boolean {
    if (payload.kind !== 'grpc.reply' && payload.kind !== 'grpc.message') return false;
    const id = this.byMessage.get(inReplyTo ?? '');
    const open = id === undefined ? undefined : this.streams.get(id);
    if (id === undefined || open === undefined) return true;
    if (payload.kind === 'grpc.message') {
      const { index, bytes, json } = payload;
      open.arrived.add(index);
      open.stream.onMessage(index, { bytes, json }, open.sent?.instance ?? '');
    } else {
      const { kind: _, ...reply } = payload;
      open.end = reply;
    }
    this.settle(id);
    return true;
  }

  /** Ends the call once its trailers and every message before them are there. */
  private settle(id: number): void {
    const open = this.streams.get(id);
    if (open === undefined || open.end === null || open.arrived.size < open.end.sent) return;
    const instance = open.sent?.instance ?? '';
    this.forget(id, failureOf(open.end))?.stream.onEnd(open.end, instance);
  }

  private lost(id: number, cause: 'connection_refused' | 'connection_reset'): void {
    const open = this.streams.get(id);
    if (!open?.sent) return;
    const target = this.targetOf(open.stream.to);
    if (target !== undefined) this.resolver.drop(target);
    const what = cause === 'connection_refused' ? 'refused' : 'reset';
    this.fail(id, 'unavailable', `connection to ${open.sent.instance} ${what}`, cause);
  }

  private refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const id = this.byMessage.get(body.message);
    if (id === undefined) return this.resolver.refused(body);
    this.lost(id, body.reason);
    return true;
  }

  private peerDown(instance: InstanceId): void {
    const broken = [...this.streams].filter(([, open]) => open.sent?.instance === instance);
    const unanswered = this.resolver.unanswered(instance);
    for (const [id] of broken) this.lost(id, 'connection_reset');
    unanswered();
  }
}

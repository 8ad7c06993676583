import { isObject, type Json } from '../../base/json.ts';
import type { HttpReply, InstanceId, Message, Payload, TraceContext } from '../../fabric/message.ts';
import { injectedStatus } from '../../fabric/faults.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { grpcCodecOf } from '../../grpc/known-codecs.ts';
import type { RpcCodec } from '../../grpc/codec.ts';
import { HEALTH_CHECK, HEALTH_PROTO, HEALTH_WATCH, servingStatus } from '../../grpc/health.ts';
import { grpcSizes, MAX_MESSAGE_BYTES } from '../../grpc/sizes.ts';
import { grpcStatus, statusOfHttp } from '../../grpc/status.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ConfigOf, GrpcMethod } from '../../topology/schema/types.ts';
import { tooLarge } from '../caller/grpc-caller.ts';
import { GrpcExchange } from './grpc-exchange.ts';
import { parseBody } from './parse-body.ts';
import type { Serving } from './grpc-slot.ts';
import { handlerSpanId, type Work } from './work.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;
interface Active {
  exchange: GrpcExchange;
  /** Message that began it, and who sent that. */
  request: string;
  from: InstanceId;
  timer: number | null;
}
/** A call that no handler will see: its status and why. */
type Refusal = { status: number; message: string } | null;

/** The gRPC calls of one instance, from request to status. Timers carry `{grpcDeadline: span}`. */
export class GrpcInbound {
  private readonly port: ActorPort;
  private readonly active = new Map<string, Active>();
  /** Calls of `Health/Watch` with the service that they ask about, and what they were told last. */
  private readonly watchers = new Map<GrpcExchange, { service: string; told: string }>();

  constructor(port: ActorPort) {
    this.port = port;
  }

  /** The work of one call. The SERVER span ends with the status; `done` when the steps are over. */
  work(
    serving: Serving,
    message: Message,
    payload: Request,
    occurrence: (spanId: string) => number,
    done: () => void,
  ): Work {
    const { port } = this;
    const rpc = payload.path.slice(1);
    const method = serving.config.grpc?.methods.find((candidate) => candidate.rpc === rpc);
    const codec = codecOf(serving.config, rpc);
    const trace = message.trace ?? extractTrace(payload.metadata) ?? this.newTrace(message.id);
    const first = handlerSpanId(port, trace, 'server');
    const again = occurrence(first);
    const { init } = port;
    const spanId = again === 0 ? first : handlerSpanId(port, trace, 'server', init.instance, init.incarnation, again);
    const exchange = this.begin(message, payload, rpc, codec, { ...trace, spanId });
    const decoded = codec?.input.decode(payload.bytes);
    const injected = injectedStatus(port, spanId);
    const early = refusalOf(init.record.name, serving, injected, payload, method, decoded);
    const health = early === null && method === undefined;
    const [service = '', name = ''] = rpc.split('/');
    return {
      name: rpc,
      kind: 'SERVER',
      trace,
      parentSpanId: trace.spanId === '' ? null : trace.spanId,
      spanId,
      attempt: 0,
      attributes: {
        'rpc.system': 'grpc',
        'rpc.service': service,
        'rpc.method': name,
        ...(injected === null ? {} : { 'servarium.fault': 'error-rate' }),
      },
      handler: method?.id ?? '',
      saga: method?.saga,
      steps: early === null ? (method?.steps ?? []) : [],
      scope: {
        request: { path: payload.path, metadata: payload.metadata, body: decoded?.ok === true ? decoded.value : null },
      },
      exchange,
      // Whoever answers in HTTP's words (a full queue) is translated.
      respond: (reply) => exchange.fail(statusOfHttp(reply.status), detailOf(reply)),
      finished: (failure) => {
        if (early !== null) exchange.fail(early.status, early.message);
        else if (health && decoded?.ok === true) this.health(serving, rpc, decoded.value, exchange);
        else if (failure !== null && exchange.isOver && exchange.cancellation.failure === null)
          port.emit({ type: 'log', severity: 'ERROR', text: failure.message, traceId: trace.traceId, spanId });
        else exchange.ended(failure);
        done();
      },
    };
  }

  /** The caller reset the stream. */
  cancel(request: string): void {
    for (const one of this.calls()) if (one.request === request) one.exchange.giveUp('the caller cancelled the call');
  }

  /** A caller died: its connection is closed, and with it its calls. */
  peerDown(instance: InstanceId): void {
    for (const one of this.calls())
      if (one.from === instance) one.exchange.giveUp(`the connection of ${instance} is gone`);
  }

  /** True when the timer was the deadline of a call. */
  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['grpcDeadline'] !== 'string') return false;
    this.active.get(token['grpcDeadline'])?.exchange.expire();
    return true;
  }

  /** Tells everyone who watches the health that it changed, and ends those calls when the instance goes. */
  healthChanged(serving: Serving): void {
    for (const [exchange, watcher] of this.watchers) {
      this.tellHealth(serving, exchange, watcher);
      if (serving.draining) exchange.ended(null);
    }
  }

  private calls(): Active[] {
    return [...this.active.values()];
  }

  private newTrace(id: string): TraceContext {
    return { traceId: this.port.hexId('trace', 32, id), spanId: '' };
  }

  private begin(
    message: Message,
    payload: Request,
    rpc: string,
    codec: RpcCodec | null,
    trace: TraceContext,
  ): GrpcExchange {
    const { port } = this;
    const { timeoutUs } = payload;
    const exchange = new GrpcExchange({
      port,
      rpc,
      trace,
      origin: { to: message.from, link: message.link, inReplyTo: message.id },
      deadline: timeoutUs === null ? null : port.now() + timeoutUs,
      output: codec?.output ?? null,
      streaming: codec?.serverStreaming ?? false,
      onOver: () => {
        const timer = this.active.get(trace.spanId)?.timer ?? null;
        if (timer !== null) port.cancel(timer);
        this.active.delete(trace.spanId);
        this.watchers.delete(exchange);
      },
    });
    const timer = timeoutUs === null ? null : port.after(timeoutUs, { grpcDeadline: trace.spanId });
    this.active.set(trace.spanId, { exchange, request: message.id, from: message.from, timer });
    return exchange;
  }

  /** grpc.health.v1: Check answers or says NOT_FOUND, Watch tells every change (RP4). */
  private health(serving: Serving, rpc: string, request: Json, exchange: GrpcExchange): void {
    const asked = isObject(request) ? request['service'] : '';
    const service = typeof asked === 'string' ? asked : '';
    if (rpc === HEALTH_WATCH) {
      const watcher = { service, told: '' };
      this.watchers.set(exchange, watcher);
      this.tellHealth(serving, exchange, watcher);
      return;
    }
    const status = servingStatus(service, servicesOf(serving.config), !serving.draining);
    if (status === 'SERVICE_UNKNOWN') exchange.fail(grpcStatus('not_found'), `unknown service "${service}"`);
    else exchange.respond({ status }, {});
  }

  private tellHealth(serving: Serving, exchange: GrpcExchange, watcher: { service: string; told: string }): void {
    const status = servingStatus(watcher.service, servicesOf(serving.config), !serving.draining);
    if (status === watcher.told) return;
    watcher.told = status;
    exchange.send({ status });
  }
}

/** Words of an answer that was meant for HTTP. */
function detailOf({ status, body }: HttpReply): string {
  const problem = parseBody(body);
  const detail = isObject(problem) ? problem['detail'] : undefined;
  return typeof detail === 'string' ? detail : `HTTP ${status}`;
}

/** Full names of the services that the instance answers for. */
const servicesOf = (config: ConfigOf<'service'>): string[] => [
  ...new Set(config.grpc?.methods.map((method) => method.rpc.split('/')[0] ?? '')),
];

/** The codecs of a call: the service's own, or those of the health service that every server has. */
function codecOf(config: ConfigOf<'service'>, rpc: string): RpcCodec | null {
  if (config.grpc === undefined) return null;
  const codec = grpcCodecOf(rpc === HEALTH_CHECK || rpc === HEALTH_WATCH ? HEALTH_PROTO : config.grpc.proto);
  return codec.ok ? (codec.value.rpcs.get(rpc) ?? null) : null;
}

/** What ends a call before its handler: statuses of the library (RP1). */
function refusalOf(
  name: string,
  { closed }: Serving,
  injected: number | null,
  payload: Request,
  method: GrpcMethod | undefined,
  decoded: ReturnType<RpcCodec['input']['decode']> | undefined,
): Refusal {
  if (injected !== null) return { status: statusOfHttp(injected), message: `${name} answers ${injected} by fault` };
  if (closed === 'starting') return { status: grpcStatus('unavailable'), message: `${name} is starting` };
  if (closed === 'stopping') return { status: grpcStatus('unavailable'), message: `${name} has been drained and ends` };
  const isHealth = payload.path === `/${HEALTH_CHECK}` || payload.path === `/${HEALTH_WATCH}`;
  if (decoded === undefined || (method === undefined && !isHealth))
    return { status: grpcStatus('unimplemented'), message: `${name} has no method ${payload.path}` };
  const size = grpcSizes(payload)?.message ?? 0;
  if (size > MAX_MESSAGE_BYTES) return { status: grpcStatus('resource_exhausted'), message: tooLarge(size) };
  if (!decoded.ok) return { status: grpcStatus('internal'), message: `the request cannot be read: ${decoded.error}` };
  return null;
}

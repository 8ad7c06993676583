import { isObject, type Json } from '../../base/json.ts';
import { childSpanId, uuid } from '../../base/random.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache } from '../../behaviour/compiled.ts';
import {
  EDGE,
  type HttpReply,
  type HttpRequest,
  type InstanceId,
  type Message,
  type TraceContext,
} from '../../fabric/message.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { headerOf } from '../../http/headers.ts';
import { splitTarget } from '../../http/path.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ConfigOf } from '../../topology/types.ts';
import { createCaller, type HttpCaller } from '../caller/http-caller.ts';
import { START_DELAY_US } from '../infrastructure.ts';
import { aggregate, forward, type Exchange } from './exchange.ts';
import { problemReply } from './problem.ts';
import { chooseRoute, type RouteMatch } from './routing.ts';

/** Where a request came from and its reply goes. */
interface Origin {
  to: InstanceId;
  link: string | null;
  inReplyTo: string;
}
/** Incoming span ids remembered to tell a repeated `traceparent` from the first. */
const MAX_REMEMBERED = 10_000;

/** An API gateway: routes, forwards, aggregates; its SERVER span holds the CLIENT spans of its upstream calls. Inbound trace context is trusted (decision 12). */
class GatewayActor implements Actor {
  private readonly port: ActorPort;
  private readonly caller: HttpCaller;
  private readonly templates = new TemplateCache();
  private readonly repeats = new Map<string, number>();
  private ready = false;
  private draining = false;
  private inFlight = 0;

  constructor(port: ActorPort) {
    this.port = port;
    this.caller = createCaller(port, () => this.config);
  }

  private get config(): ConfigOf<'gateway'> {
    const { record } = this.port.init;
    assert(record.kind === 'gateway', `a gateway instance got a ${record.kind} record`);
    return record.config;
  }

  receive(body: DeliveryBody): void {
    if (this.caller.handles(body)) return;
    if (body.type === 'start') this.port.after(START_DELAY_US, { ready: true });
    else if (body.type === 'message') this.message(body.message);
    else if (body.type === 'input' && body.input.request !== undefined) {
      const { request } = body.input;
      const trace = extractTrace(request.headers);
      this.handle(request, trace, { to: EDGE, link: null, inReplyTo: `input:${body.seq}` });
    } else if (body.type === 'drain') {
      this.draining = true;
      this.stopWhenIdle();
    }
  }

  timer(token: Json): void {
    if (this.caller.timer(token) || !isObject(token) || token['ready'] !== true) return;
    this.ready = true;
    this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
  }

  inspect(): Json {
    return { ready: this.ready, draining: this.draining, inFlight: this.inFlight };
  }

  private stopWhenIdle(): void {
    if (this.draining && this.inFlight === 0) this.port.stop('drained');
  }

  private message({ id, from, link, trace, payload }: Message): void {
    if (payload.kind !== 'http.request') return;
    const { method, path, headers, body } = payload;
    this.handle({ method, path, headers, body }, trace ?? extractTrace(headers), { to: from, link, inReplyTo: id });
  }

  /** Id of the SERVER span, from the caller's span alone, so that tab and container agree; a repeated caller span is counted. */
  private serverSpan(incoming: TraceContext | null, traceId: string): string {
    const { seed } = this.port.init;
    if (incoming === null) return childSpanId(seed, traceId, 'server');
    const seen = this.repeats.get(incoming.spanId) ?? 0;
    this.repeats.set(incoming.spanId, seen + 1);
    const [oldest] = this.repeats.keys();
    if (this.repeats.size > MAX_REMEMBERED && oldest !== undefined) this.repeats.delete(oldest);
    return seen === 0
      ? childSpanId(seed, incoming.spanId, 'server')
      : childSpanId(seed, incoming.spanId, 'server', seen);
  }

  private handle(request: HttpRequest, incoming: TraceContext | null, origin: Origin): void {
    const { port } = this;
    const traceId = incoming?.traceId ?? port.hexId('trace', 32, origin.inReplyTo);
    const spanId = this.serverSpan(incoming, traceId);
    const trace: TraceContext = { ...incoming, traceId, spanId };
    const { path } = splitTarget(request.path);
    const match = chooseRoute(this.config.routes, request.method, request.path);
    const route = match.ok ? match.route : null;
    this.inFlight += 1;
    port.emit({
      type: 'span.started',
      traceId,
      spanId,
      parentSpanId: incoming?.spanId ?? null,
      kind: 'SERVER',
      name: `${request.method} ${route?.path ?? path}`,
      attributes: {
        'http.request.method': request.method,
        'url.path': path,
        ...(route === null ? {} : { 'http.route': route.path }),
      },
      links: [],
      saga: null,
    });
    const requestId = headerOf(request.headers, 'x-request-id') ?? uuid(port.init.seed, 'request-id', spanId);
    const reply = (given: HttpReply): void => this.reply(given, { request, path, trace, requestId, origin });
    if (!this.ready || !match.ok) return reply(this.refusal(match));
    const timeoutMs = match.route.timeoutMs ?? this.config.timeoutMs;
    const { caller, templates } = this;
    const deadline = port.now() + Math.max(1, Math.round(timeoutMs * 1000));
    const exchange: Exchange = { port, caller, templates, request, trace, requestId, deadline, reply };
    const { action } = match.route;
    if (action.kind === 'forward') forward(exchange, match.route, action);
    else aggregate(exchange, match.route, action);
  }

  private refusal(match: RouteMatch): HttpReply {
    const { name } = this.port.init.record;
    if (!this.ready) return problemReply(503, 'not_ready', `${name} is starting`);
    if (!match.ok && match.status === 405) {
      const allow = match.allow.join(', ');
      return problemReply(405, 'method_not_allowed', `${name} allows ${allow} here`, { headers: { allow } });
    }
    return problemReply(404, 'no_route', `${name} has no route for this path`);
  }

  private reply(
    { status, headers, body }: HttpReply,
    to: { request: HttpRequest; path: string; trace: TraceContext; requestId: string; origin: Origin },
  ): void {
    const { trace, requestId, origin } = to;
    this.port.send({
      ...origin,
      operation: `${status} ${to.request.method} ${to.path}`,
      trace,
      payload: { kind: 'http.reply', status, headers: { ...headers, 'x-request-id': requestId }, body },
    });
    const isError = status >= 500;
    this.port.emit({
      type: 'span.ended',
      traceId: trace.traceId,
      spanId: trace.spanId,
      status: isError ? 'error' : 'unset',
      description: isError ? `HTTP ${status}` : null,
      attributes: { 'http.response.status_code': status },
    });
    this.inFlight -= 1;
    this.stopWhenIdle();
  }
}

/** Makes the actor of one gateway instance. */
export const gatewayActor: ActorFactory = (port) => new GatewayActor(port);

import { isObject, type Json } from '../../base/json.ts';
import { childSpanId, uuid } from '../../base/random.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache } from '../../behaviour/compiled.ts';
import { injectedStatus } from '../../fabric/faults.ts';
import { EDGE, type HttpReply, type HttpRequest, type Message, type TraceContext } from '../../fabric/message.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { headerOf } from '../../http/headers.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { createCaller, type HttpCaller } from '../caller/http-caller.ts';
import { createPolicyCaller, type PolicyCaller } from '../caller/policy-caller.ts';
import { START_DELAY_US } from '../infrastructure.ts';
import { createGrpc, needsGrpc, type GrpcSide } from '../service/grpc-slot.ts';
import { SlowLane } from '../slow-lane.ts';
import { aggregate } from './aggregate-run.ts';
import { Authenticator } from './auth.ts';
import { clientAddress } from './client-address.ts';
import { answerPreflight } from './cors.ts';
import { evaluatorOf, scopeOf, type Asking, type Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { Limits } from './limits.ts';
import { retryPolicies } from './retry-policies.ts';
import type { Router } from './routing/route-decision.ts';
import { createRouter } from './routing/routing.ts';
import { ServerSide, type Origin } from './server-side.ts';
import { transformReply } from './transform.ts';

/** Incoming span ids remembered to tell a repeated `traceparent` from the first. */
const MAX_REMEMBERED = 10_000;

/** An API gateway: routes, forwards, aggregates; its SERVER span holds the CLIENT spans of its upstream calls. Inbound trace context is trusted (decision 12). */
class GatewayActor implements Actor {
  private readonly port: ActorPort;
  private readonly caller: HttpCaller;
  private readonly policies: PolicyCaller;
  private readonly limits: Limits;
  private readonly auth: Authenticator;
  private readonly lane: SlowLane<Message>;
  private readonly templates = new TemplateCache();
  private readonly repeats = new Map<string, number>();
  private ready = false;
  private draining = false;
  private inFlight = 0;
  private routing: { config: ConfigOf<'gateway'>; router: Router } | null = null;
  private proxy: ReturnType<GrpcSide['proxy']> | null = null;

  constructor(port: ActorPort) {
    this.port = port;
    this.caller = createCaller(port, () => this.config);
    this.policies = createPolicyCaller(port);
    this.limits = new Limits(port);
    this.auth = new Authenticator(port, this.caller);
    this.lane = new SlowLane(port, (message) => this.message(message));
  }

  private get config(): ConfigOf<'gateway'> {
    const { record } = this.port.init;
    assert(record.kind === 'gateway', `a gateway instance got a ${record.kind} record`);
    return record.config;
  }

  /** Where no link speaks gRPC it may not be there. */
  private get grpc(): GatewayActor['proxy'] {
    const { port, policies } = this;
    if (this.proxy !== null || !needsGrpc(port.init.record, port.init.peers)) return this.proxy;
    const proxy = createGrpc(port)?.proxy({
      port,
      policies,
      config: () => this.config,
      isReady: () => this.ready,
      serverSpan: (incoming, traceId) => this.serverSpan(incoming, traceId),
      admit: (asking, next) => this.admit(asking, next),
      begun: () => (this.inFlight += 1),
      over: () => this.leave(),
    });
    if (proxy !== undefined && this.ready) proxy.watchHealth();
    return (this.proxy = proxy ?? null);
  }

  receive(body: DeliveryBody): void {
    const isGrpc = this.grpc?.handles(body) === true;
    if (this.caller.handles(body) || isGrpc) return;
    if (body.type === 'start') this.port.after(START_DELAY_US, { ready: true });
    else if (body.type === 'message') this.lane.enter(body.message);
    else if (body.type === 'input' && body.input.request !== undefined) {
      const { request } = body.input;
      const trace = extractTrace(request.headers);
      this.handle(request, trace, { to: EDGE, link: null, inReplyTo: `input:${body.seq}`, address: null });
    } else if (body.type === 'reconfigure') this.policies.reconfigure(retryPolicies(this.config));
    else if (body.type === 'drain') {
      this.draining = true;
      this.stopWhenIdle();
    }
  }

  timer(token: Json): void {
    if (this.caller.timer(token) || this.policies.timer(token) || this.lane.timer(token)) return;
    if (this.auth.timer(token) || this.grpc?.timer(token) === true || !isObject(token) || token['ready'] !== true)
      return;
    this.ready = true;
    this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
    this.caller.watchHealth(() => upstreamsOf(this.config));
    this.grpc?.watchHealth();
  }

  inspect(): Json {
    return { ready: this.ready, draining: this.draining, inFlight: this.inFlight };
  }

  private stopWhenIdle(): void {
    if (this.draining && this.inFlight === 0) this.port.stop('drained');
  }

  private leave(): void {
    this.inFlight -= 1;
    this.stopWhenIdle();
  }

  private admit(asking: Asking, next: () => void): void {
    this.auth.admit(asking, () => {
      if (this.limits.admit(asking)) next();
    });
  }

  private message(message: Message): void {
    const { id, from, link, trace, payload, fromAddress } = message;
    if (payload.kind === 'grpc.request') this.grpc?.request(message, payload);
    else if (payload.kind === 'grpc.cancel') this.grpc?.cancel(payload.request);
    if (payload.kind !== 'http.request') return;
    const { method, path, headers, body } = payload;
    const origin = { to: from, link, inReplyTo: id, address: fromAddress ?? null };
    this.handle({ method, path, headers, body }, trace ?? extractTrace(headers), origin);
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

  /** Routes are read again only when the configuration is another one. */
  private router(): Router {
    const { config } = this;
    if (this.routing?.config !== config) this.routing = { config, router: createRouter(overHttp(config)) };
    return this.routing.router;
  }

  private handle(request: HttpRequest, incoming: TraceContext | null, origin: Origin): void {
    const { port, config, caller, policies, templates } = this;
    const traceId = incoming?.traceId ?? port.hexId('trace', 32, origin.inReplyTo);
    const spanId = this.serverSpan(incoming, traceId);
    const trace: TraceContext = { ...incoming, traceId, spanId };
    const decision = this.router()({ method: request.method, target: request.path, headers: request.headers });
    const given = config.requestId === 'replace' ? null : headerOf(request.headers, 'x-request-id');
    const requestId = given ?? uuid(port.init.seed, 'request-id', spanId);
    this.inFlight += 1;
    const server = new ServerSide({ port, request, trace, requestId, origin, decision, config });
    server.begin(incoming?.spanId ?? null, () => this.leave());
    const injected = injectedStatus(port, spanId);
    if (injected !== null)
      return server.refuse({
        status: injected,
        code: 'injected',
        detail: `${port.init.record.name} answers ${injected} by fault`,
        flag: 'FI',
      });
    if (!this.ready)
      return server.refuse({ status: 503, code: 'not_ready', detail: `${port.init.record.name} is starting` });
    const preflight = answerPreflight(config.cors, request);
    if (preflight !== null) return 'code' in preflight ? server.refuse(preflight) : server.reply(preflight);
    if (decision.kind !== 'route') return server.decide(decision);
    const { route, params, target } = decision;
    const timeoutMs = route.timeoutMs ?? config.timeoutMs;
    const exchange: Exchange = {
      port,
      caller,
      policies,
      templates,
      config,
      request,
      clientAddress: clientAddress(port.init.peers, origin.to, origin.address),
      route,
      params,
      target,
      consumer: null,
      trace,
      requestId,
      deadline: port.now() + Math.max(1, Math.round(timeoutMs * 1000)),
      attributes: server.attributes,
      headers: server.headers,
      reply: (reply) => passOn(exchange, server, reply),
      refuse: (problem) => server.refuse(problem),
    };
    this.admit(exchange, () => perform(exchange));
  }
}

/** An upstream's or an aggregate's reply as the transformations leave it; they do not see what the gateway says itself. */
function passOn(exchange: Exchange, server: ServerSide, reply: HttpReply): void {
  const { config, route } = exchange;
  const stages = [config.transform, route.transform];
  if (stages.every((stage) => stage?.response === undefined)) return server.reply(reply);
  const changed = transformReply(stages, reply, evaluatorOf(exchange, 'transform-reply'), scopeOf(exchange));
  if (changed.ok) server.reply(changed.value);
  else server.refuse({ status: 500, code: changed.failure.code, detail: changed.failure.message });
}

/** The gateway without its routes over gRPC, which have a listener of their own. */
const overHttp = (config: ConfigOf<'gateway'>): ConfigOf<'gateway'> => ({
  ...config,
  routes: config.routes.filter(({ protocol }) => protocol === undefined),
});

/** Nodes that routes over HTTP forward to or gather from. */
const upstreamsOf = (config: ConfigOf<'gateway'>): Set<string> =>
  new Set(
    overHttp(config).routes.flatMap(({ action }) =>
      action.kind === 'aggregate'
        ? action.parts.map(({ to }) => to)
        : [action.to, ...(action.split ?? []).map(({ to }) => to)],
    ),
  );

/** What the route does. */
function perform(exchange: Exchange): void {
  const { action } = exchange.route;
  if (action.kind === 'forward') forward(exchange, action);
  else aggregate(exchange, action);
}

/** Makes the actor of one gateway instance. */
export const gatewayActor: ActorFactory = (port) => new GatewayActor(port);

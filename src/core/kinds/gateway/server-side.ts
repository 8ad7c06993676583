import type { Json } from '../../base/json.ts';
import type { HttpReply, HttpRequest, InstanceId, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { splitTarget } from '../../http/path.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { withCors } from './cors.ts';
import { flagOf, problemReply, type GatewayProblem } from './problem.ts';
import type { RouteDecision } from './routing/route-decision.ts';
import { lifetimeHeaders } from './routing/versions.ts';

/** Where a request came from and its reply goes. */
export interface Origin {
  to: InstanceId;
  link: string | null;
  inReplyTo: string;
  /** Of the socket, where there is one. */
  address: string | null;
}
interface Inbound {
  port: ActorPort;
  config: ConfigOf<'gateway'>;
  request: HttpRequest;
  /** Its `spanId` is the SERVER span's. */
  trace: TraceContext;
  requestId: string;
  origin: Origin;
  decision: RouteDecision;
}

/** The side of a request that faces its sender: its SERVER span, its one answer, and what every answer carries. */
export class ServerSide {
  /** For the end of the span. */
  readonly attributes: Record<string, Json> = {};
  /** On every answer. */
  readonly headers: Record<string, string> = {};
  private readonly inbound: Inbound;
  private onOver: () => void = () => undefined;

  constructor(inbound: Inbound) {
    this.inbound = inbound;
  }

  /** Starts the SERVER span; `onOver` is called behind the answer. */
  begin(parentSpanId: string | null, onOver: () => void): void {
    this.onOver = onOver;
    const { port, request, trace, requestId, decision } = this.inbound;
    const { path } = splitTarget(request.path);
    const route = decision.kind === 'route' ? decision.route : null;
    port.emit({
      type: 'span.started',
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId,
      kind: 'SERVER',
      name: `${request.method} ${route?.path ?? path}`,
      attributes: {
        'http.request.method': request.method,
        'url.path': path,
        ...(route === null ? {} : { 'http.route': route.path, 'servarium.route': route.id }),
        'servarium.request_id': requestId,
      },
      links: [],
      saga: null,
    });
  }

  /** Answers what the router decided itself. */
  decide(decision: Exclude<RouteDecision, { kind: 'route' }>): void {
    if (decision.kind === 'redirect')
      return this.reply({ status: 301, headers: { location: decision.location }, body: null });
    const { status, code, detail, allow } = decision;
    this.refuse({ status, code, detail, ...(status === 405 ? { headers: { allow: allow.join(', ') } } : {}) });
  }

  /** Answers with a problem of the gateway's own, its flag in the body and on the span (GW3). */
  refuse(problem: GatewayProblem): void {
    const flag = flagOf(problem);
    if (flag !== null) this.attributes['servarium.flag'] = flag;
    this.reply(problemReply(problem, this.inbound.requestId));
  }

  reply({ status, headers, body }: HttpReply): void {
    const { port, config, request, trace, requestId, origin, decision } = this.inbound;
    const { to, link, inReplyTo } = origin;
    const version = decision.kind === 'route' ? decision.version : null;
    const lifetime = lifetimeHeaders(config.versioning, version);
    const own = { ...this.headers, ...headers, ...lifetime, 'x-request-id': requestId };
    const all = withCors(config.cors, request, own);
    port.send({
      to,
      link,
      inReplyTo,
      operation: `${status} ${request.method} ${splitTarget(request.path).path}`,
      trace,
      payload: { kind: 'http.reply', status, headers: all, body },
    });
    const isError = status >= 500;
    port.emit({
      type: 'span.ended',
      traceId: trace.traceId,
      spanId: trace.spanId,
      status: isError ? 'error' : 'unset',
      description: isError ? `HTTP ${status}` : null,
      attributes: { 'http.response.status_code': status, ...this.attributes },
    });
    this.onOver();
  }
}

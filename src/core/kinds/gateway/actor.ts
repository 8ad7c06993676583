import { isObject, type Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import { TemplateCache } from '../../behaviour/compiled.ts';
import { EDGE, type HttpReply, type HttpRequest, type TraceContext } from '../../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { splitTarget } from '../../http/path.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { createCaller } from '../caller/http-caller.ts';
import { Asker } from '../service/asker.ts';
import { startRun, type RunParts } from '../service/handler-run.ts';
import type { Origin } from '../service/http-inbound.ts';
import { handlerSpanId } from '../service/work.ts';
import { requestTimeoutMs, runGateway } from './handler.ts';
import { matchRoute } from './routes.ts';

/** Time from start to the first request. ms */
const STARTUP_MS = 20;

/** The single entry point: routes, forwards, aggregates; round robin over discovered instances. */
export const gatewayActor = (port: ActorPort): Actor => new GatewayActor(port);

class GatewayActor implements Actor {
  private readonly port: ActorPort;
  private readonly parts: RunParts;
  private templates = new TemplateCache();
  private ready = false;
  private draining = false;
  private inFlight = 0;

  constructor(port: ActorPort) {
    this.port = port;
    const none = (): void => assert(false, 'a gateway neither sleeps nor relays');
    this.parts = { port, asker: new Asker(port), caller: createCaller(port), sleep: none, relay: none };
  }

  receive(body: DeliveryBody): void {
    if (this.parts.caller.handles(body)) return;
    if (body.type === 'start') this.port.after(STARTUP_MS * 1000, { started: true });
    else if (body.type === 'reconfigure') this.templates = new TemplateCache();
    else if (body.type === 'drain') {
      this.draining = true;
      this.stopWhenIdle();
    } else if (body.type === 'message' && body.message.payload.kind === 'http.request') {
      const { message } = body;
      const { payload } = body.message;
      this.handle(message.trace ?? extractTrace(payload.headers), payload, {
        to: message.from,
        link: message.link,
        inReplyTo: message.id,
      });
    } else if (body.type === 'input' && body.input.request) {
      this.handle(extractTrace(body.input.request.headers), body.input.request, {
        to: EDGE,
        link: null,
        inReplyTo: `input:${body.seq}`,
      });
    }
  }

  timer(token: Json): void {
    if (this.parts.caller.timer(token) || !isObject(token) || token['started'] !== true) return;
    this.ready = true;
    this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
  }

  inspect(): Json {
    return { ready: this.ready, inFlight: this.inFlight };
  }

  private stopWhenIdle(): void {
    if (this.draining && this.inFlight === 0) this.port.stop('drained');
  }

  private handle(incoming: TraceContext | null, request: HttpRequest, origin: Origin): void {
    const { port } = this;
    const { record } = port.init;
    assert(record.kind === 'gateway', 'gateway actor runs a gateway');
    const { config } = record;
    const { method } = request;
    const { path } = splitTarget(request.path);
    const trace = incoming ?? { traceId: port.hexId('trace', 32, origin.inReplyTo), spanId: '' };
    const { traceId } = trace;
    const spanId = handlerSpanId(port, trace, 'server');
    const match = matchRoute(config.routes, method, path);
    const route = match.ok ? { 'http.route': match.route.path } : {};
    port.emit({
      type: 'span.started',
      traceId,
      spanId,
      parentSpanId: trace.spanId === '' ? null : trace.spanId,
      kind: 'SERVER',
      name: `${method} ${match.ok ? match.route.path : path}`,
      attributes: { 'http.request.method': method, 'url.path': path, ...route },
      links: [],
      saga: null,
    });
    this.inFlight += 1;
    const respond = (reply: HttpReply): void => {
      const error = reply.status >= 500;
      port.send({
        ...origin,
        operation: `${reply.status} ${method} ${path}`,
        trace: { ...trace, spanId },
        payload: { kind: 'http.reply', ...reply },
      });
      port.emit({
        type: 'span.ended',
        traceId,
        spanId,
        status: error ? 'error' : 'unset',
        description: error ? `HTTP ${reply.status}` : null,
        attributes: { 'http.response.status_code': reply.status },
      });
    };
    const finished = (): void => {
      this.inFlight -= 1;
      this.stopWhenIdle();
    };
    if (!this.ready) {
      respond({
        status: 503,
        headers: { 'content-type': 'application/problem+json' },
        body: '{"code":"not_ready","detail":"the gateway is starting","status":503}',
      });
      return finished();
    }
    const deadline = port.now() + requestTimeoutMs(config, request) * 1000;
    const remainingMs = (): number => Math.max(0.001, (deadline - port.now()) / 1000);
    const context = { trace, spanId, attempt: 0, respond };
    startRun(
      this.parts,
      context,
      (host) => runGateway({ config, request, host, templates: this.templates, remainingMs }),
      finished,
    );
  }
}

import { canonicalize } from '../../base/canonical.ts';
import { sampleUs } from '../../base/distribution.ts';
import { isoTime } from '../../base/iso-time.ts';
import { isObject, type Json } from '../../base/json.ts';
import { childSpanId, random, uuid } from '../../base/random.ts';
import { assert, err, type Result } from '../../base/result.ts';
import { TemplateCache } from '../../behaviour/compiled.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import type { Actor, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { splitTarget } from '../../http/path.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { ClientRequest, ConfigOf } from '../../topology/types.ts';
import { createCaller, type CallResult } from '../caller/http-caller.ts';

/** A source of traffic: open loop (arrivals do not wait for replies), seeded, and requests sent by hand. */
export const clientActor = (port: ActorPort): Actor => new ClientActor(port);

/** The request of the mix that draw `u` in [0,1) falls on, by weight; null when nothing has weight. */
export function pickRequest(requests: readonly ClientRequest[], u: number): ClientRequest | null {
  const total = requests.reduce((sum, r) => sum + r.weight, 0);
  let left = u * total;
  for (const request of requests) {
    left -= request.weight;
    if (left < 0) return request;
  }
  return null;
}

class ClientActor implements Actor {
  private readonly port: ActorPort;
  private readonly caller: ReturnType<typeof createCaller>;
  private templates = new TemplateCache();
  private arrivals = 0;
  private timerHandle: number | null = null;

  constructor(port: ActorPort) {
    this.port = port;
    this.caller = createCaller(port);
  }

  private get config(): ConfigOf<'client'> {
    const { record } = this.port.init;
    assert(record.kind === 'client', 'client actor runs a client');
    return record.config;
  }

  receive(body: DeliveryBody): void {
    if (this.caller.handles(body)) return;
    if (body.type === 'start') this.port.after(1000, { started: true });
    else if (body.type === 'drain') this.port.stop('drained');
    else if (body.type === 'reconfigure') {
      this.templates = new TemplateCache();
      this.schedule();
    } else if (body.type === 'input') {
      const { requestId, request } = body.input;
      const known = this.config.requests.find((r) => r.id === requestId);
      if (known) this.send(known, `input:${body.seq}`, null);
      else if (request) this.send(null, `input:${body.seq}`, request);
    }
  }

  timer(token: Json): void {
    if (this.caller.timer(token) || !isObject(token)) return;
    if (token['started'] === true) {
      this.port.emit({ type: 'instance.ready', instance: this.port.init.instance });
      this.schedule();
    } else if (token['arrival'] === this.arrivals) {
      this.timerHandle = null;
      const request = pickRequest(this.config.requests, this.port.random('pick', this.port.init.node, this.arrivals));
      if (request) this.send(request, `arrival:${this.arrivals}`, null);
      this.arrivals += 1;
      this.schedule();
    }
  }

  inspect(): Json {
    return { arrivals: this.arrivals, pending: this.caller.pending() };
  }

  /** Sets the timer of the next arrival, never before t = 0: boot has no traffic (decision 30). */
  private schedule(): void {
    const { load } = this.config;
    if (this.timerHandle !== null) this.port.cancel(this.timerHandle);
    this.timerHandle = null;
    if (load.model !== 'open' || load.ratePerSecond === 0) return;
    const meanMs = 1000 / load.ratePerSecond;
    const u = this.port.random('arrival', this.port.init.node, this.port.init.incarnation, this.arrivals);
    const gap = sampleUs(
      load.arrival === 'constant' ? { kind: 'constant', ms: meanMs } : { kind: 'exponential', meanMs },
      u,
    );
    this.timerHandle = this.port.after(gap + Math.max(0, -this.port.now()), { arrival: this.arrivals });
  }

  private send(mix: ClientRequest | null, occasion: string, given: HttpRequest | null): void {
    const { port } = this;
    const inbound = given ? extractTrace(given.headers) : null;
    const traceId = inbound?.traceId ?? port.hexId('trace', 32, occasion);
    const request = given ? { ok: true as const, value: given } : this.compose(mix, traceId);
    const to = mix?.to ?? this.config.requests[0]?.to;
    const spanId = childSpanId(port.init.seed, inbound?.spanId ?? traceId, 'client');
    const { path } = request.ok ? splitTarget(request.value.path) : { path: mix?.path ?? '/' };
    const method = request.ok ? request.value.method : (mix?.method ?? 'GET');
    port.emit({
      type: 'span.started',
      traceId,
      spanId,
      parentSpanId: inbound?.spanId ?? null,
      kind: 'CLIENT',
      name: `${method} ${path}`,
      attributes: { 'http.request.method': method, 'url.path': path, ...(mix ? { 'servarium.request': mix.id } : {}) },
      links: [],
      saga: null,
    });
    const end = (error: string | null, attributes: Record<string, Json>): void =>
      port.emit({
        type: 'span.ended',
        traceId,
        spanId,
        status: error === null ? 'unset' : 'error',
        description: error,
        attributes,
      });
    if (!request.ok || to === undefined) return end(request.ok ? 'not linked to anything' : request.error, {});
    this.caller.call({
      to,
      request: request.value,
      timeoutMs: this.config.timeoutMs,
      trace: { traceId, spanId },
      onDone: (result) => endOf(result, end),
    });
  }

  /** The request of the mix with its expressions evaluated; the reason in words when one fails. */
  private compose(mix: ClientRequest | null, traceId: string): Result<HttpRequest, string> {
    if (!mix) return err('the request is not in the mix');
    const { seed, node } = this.port.init;
    let counter = 0;
    const intrinsics = {
      now: () => isoTime(this.port.now()),
      random: () => random(seed, 'behaviour', traceId, node, mix.id, counter++),
      uuid: () => uuid(seed, traceId, node, mix.id, counter++),
    };
    const scope = { trace: { id: traceId }, node: { id: node, name: this.port.init.record.name } };
    const path = this.templates.of(mix.path).evaluate(scope, intrinsics);
    if (!path.ok) return err(path.error.message);
    const headers = this.templates.of(mix.headers ?? {}).evaluate(scope, intrinsics);
    if (!headers.ok) return err(headers.error.message);
    const body = mix.body === undefined ? null : this.templates.of(mix.body).evaluate(scope, intrinsics);
    if (body && !body.ok) return err(body.error.message);
    const text = body ? canonicalize(body.value) : null;
    const type = text === null ? {} : { 'content-type': 'application/json' };
    const client = { 'x-client-kind': this.config.clientKind };
    return {
      ok: true,
      value: {
        method: mix.method,
        path: String(path.value),
        headers: { ...type, ...client, ...(headers.value as Record<string, string>) },
        body: text,
      },
    };
  }
}

function endOf(result: CallResult, end: (error: string | null, attributes: Record<string, Json>) => void): void {
  if (!result.ok) return end(result.failure.message, { 'error.type': result.failure.code });
  const { status } = result.reply;
  end(status >= 400 ? `HTTP ${status}` : null, { 'http.response.status_code': status });
}

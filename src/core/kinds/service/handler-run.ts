import { canonicalize } from '../../base/canonical.ts';
import { isoTime } from '../../base/iso-time.ts';
import type { Json } from '../../base/json.ts';
import { childSpanId } from '../../base/random.ts';
import { drive, type Perform } from '../../behaviour/driver.ts';
import type { Behaviour, BehaviourHost, Effect, EffectResult, Failure } from '../../behaviour/effect.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import type { ActorPort, Peer } from '../../fabric/protocol.ts';
import type { DbOp, HttpReply, TraceContext } from '../../fabric/message.ts';
import { lastingHeaders } from '../../http/headers.ts';
import { injectTrace } from '../../http/trace-context.ts';
import type { Asker } from './asker.ts';

export interface RunParts {
  port: ActorPort;
  asker: Asker;
  caller: HttpCaller;
  /** Fires `resume` after so many ms. */
  sleep(ms: number, resume: () => void): void;
  /** Rows wait in the outbox of this store. */
  relay(store: string, ids: string[]): void;
}
export interface RunContext {
  trace: TraceContext;
  /** The handler's own span. */
  spanId: string;
  attempt: number;
  respond(reply: HttpReply): void;
}
type Of<D extends Effect['do']> = Extract<Effect, { do: D }>;
type Done = (result: EffectResult) => void;

const noPeer = (what: string): EffectResult => ({
  ok: false,
  failure: { code: 'not_linked', message: `not linked to ${what}`, retriable: false },
});

/** What a query is called on edges and spans. */
export const queryName = (query: DbOp): string =>
  'table' in query ? `${query.op.toUpperCase()} ${query.table}` : query.op.toUpperCase();

/** Performs the effects of one handler run as messages of the simulated network, with its spans. */
export function performer(parts: RunParts, context: RunContext): Perform {
  const { port } = parts;
  const saga = (compensates: boolean): Pick<TraceContext, 'saga'> => {
    const known = context.trace.saga;
    if (!known) return {};
    return { saga: compensates ? { name: known.name, direction: 'compensation' } : known };
  };
  const span = (
    kind: 'CLIENT' | 'PRODUCER',
    name: string,
    what: (string | number)[],
    attributes: Record<string, Json>,
    origin = context,
  ): { id: string; end(error: string | null, more?: Record<string, Json>): void } => {
    const id = childSpanId(port.init.seed, origin.spanId, ...what);
    const { traceId } = origin.trace;
    port.emit({
      type: 'span.started',
      traceId,
      spanId: id,
      parentSpanId: origin.spanId,
      kind,
      name,
      attributes,
      links: [],
      saga: null,
    });
    return {
      id,
      end: (error, more = {}) =>
        port.emit({
          type: 'span.ended',
          traceId,
          spanId: id,
          status: error === null ? 'unset' : 'error',
          description: error,
          attributes: more,
        }),
    };
  };

  const db = (effect: Of<'db'>, done: Done): void => {
    const peer = port.init.peers.find((p) => p.kind === 'owns' && p.direction === 'out' && p.node === effect.store);
    const to = peer?.instances[0]?.instance;
    if (!peer || to === undefined) return done(noPeer(effect.store));
    const operation = queryName(effect.query);
    const open = span('CLIENT', operation, ['db', effect.path, effect.query.op, context.attempt], {
      'db.system.name': engineOf(peer),
      'db.operation.name': effect.query.op,
      ...('table' in effect.query ? { 'db.collection.name': effect.query.table } : {}),
    });
    const trace: TraceContext = { traceId: context.trace.traceId, spanId: open.id, ...saga(false) };
    parts.asker.ask(
      { to, link: peer.link, operation, trace, payload: { kind: 'db.query', query: effect.query } },
      (answer) => {
        const result = dbResult(answer);
        open.end(result.ok ? null : result.failure.message);
        done(result);
      },
    );
  };

  const call = (effect: Of<'call'>, done: Done): void => {
    const { method, target, headers, body } = effect;
    const path = target.split('?')[0] ?? target;
    const open = span('CLIENT', `${method} ${path}`, ['call', effect.path, context.attempt], {
      'http.request.method': method,
      'url.path': path,
      'server.address': nameOf(port, effect.to),
    });
    const trace: TraceContext = { traceId: context.trace.traceId, spanId: open.id, ...saga(effect.compensates) };
    const request = { method, path: target, headers, body };
    parts.caller.call({
      to: effect.to,
      request,
      timeoutMs: effect.timeoutMs,
      trace,
      onDone(result) {
        if (!result.ok) {
          open.end(result.failure.message);
          return done(result);
        }
        const { status } = result.reply;
        open.end(status >= 400 ? `HTTP ${status}` : null, { 'http.response.status_code': status });
        done({ ok: true, value: replyValue(result.reply) });
      },
    });
  };

  const publish = (effect: Of<'publish'>, done: Done): void => {
    const peer = port.init.peers.find((p) => p.kind === 'publish' && p.direction === 'out' && p.node === effect.to);
    const to = peer?.instances[0]?.instance;
    if (!peer || to === undefined || peer.record.kind !== 'broker') return done(noPeer(effect.to));
    const origin = effect.origin
      ? { ...context, spanId: effect.origin.spanId, trace: { ...context.trace, traceId: effect.origin.traceId } }
      : context;
    const open = span(
      'PRODUCER',
      `publish ${effect.key}`,
      // The first attempt has the same id on every host; a repeated one is told apart by the relay pass that makes it.
      [
        'publish',
        effect.origin?.path ?? effect.path,
        effect.messageId,
        ...(effect.origin?.again ? [context.spanId] : []),
      ],
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': effect.key,
        'messaging.message.id': effect.messageId,
      },
      origin,
    );
    const named = effect.origin ? (effect.origin.saga ? { saga: effect.origin.saga } : {}) : saga(effect.compensates);
    const trace: TraceContext = {
      traceId: origin.trace.traceId,
      spanId: open.id,
      ...(named.saga ? { saga: named.saga } : {}),
    };
    const message = {
      messageId: effect.messageId,
      exchange: peer.record.config.exchange,
      key: effect.key,
      type: effect.type,
      headers: injectTrace({}, trace),
      body: canonicalize(effect.body),
    };
    parts.asker.ask(
      { to, link: peer.link, operation: `publish ${effect.key}`, trace, payload: { kind: 'amqp.publish', message } },
      (answer) => {
        const result = confirmResult(answer);
        open.end(result.ok ? null : result.failure.message);
        done(result);
      },
    );
  };

  return (effect, done) => {
    switch (effect.do) {
      case 'db':
        return db(effect, done);
      case 'call':
        return call(effect, done);
      case 'publish':
        return publish(effect, done);
      case 'wait':
        return parts.sleep(effect.ms, () => done({ ok: true, value: null }));
      case 'respond':
        context.respond(replyOf(effect));
        return done({ ok: true, value: null });
      case 'outbox':
        parts.relay(effect.store, effect.ids);
        return done({ ok: true, value: null });
      default:
        port.emit(told(effect, context));
        return done({ ok: true, value: null });
    }
  };
}

function told(effect: Of<'log' | 'failed' | 'limit'>, context: RunContext): Parameters<ActorPort['emit']>[0] {
  const { traceId } = context.trace;
  const { spanId } = context;
  if (effect.do === 'limit')
    return { type: 'limit.hit', limit: effect.limit, value: effect.value, message: effect.message };
  if (effect.do === 'failed') {
    const { code, message, byFault } = effect.failure;
    return { type: 'step.failed', traceId, spanId, step: effect.path, code, message, byFault: byFault === true };
  }
  const severity = ({ debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const)[effect.level];
  return { type: 'log', severity, text: effect.text, traceId, spanId };
}

const engineOf = (peer: Peer): string => (peer.record.kind === 'database' ? peer.record.config.engine : 'unknown');
const nameOf = (port: ActorPort, node: string): string =>
  port.init.peers.find((p) => p.node === node)?.record.name ?? node;

function dbResult(answer: Parameters<Parameters<Asker['ask']>[1]>[0]): EffectResult {
  if (!answer.ok) return answer;
  if (answer.payload.kind !== 'db.result')
    return { ok: false, failure: { code: 'protocol_error', message: `unexpected ${answer.payload.kind}` } };
  const { result } = answer.payload;
  return result.ok ? result : { ok: false, failure: { code: result.code, message: result.message } };
}

function confirmResult(answer: Parameters<Parameters<Asker['ask']>[1]>[0]): EffectResult {
  if (!answer.ok) return answer;
  if (answer.payload.kind === 'amqp.confirm' && answer.payload.ok) return { ok: true, value: null };
  const reason = answer.payload.kind === 'amqp.confirm' ? (answer.payload.reason ?? 'nacked') : answer.payload.kind;
  return {
    ok: false,
    failure: { code: 'publish_refused', message: `broker did not confirm: ${reason}`, retriable: true },
  };
}

const replyOf = (effect: Of<'respond'>): HttpReply =>
  effect.text === undefined
    ? {
        status: effect.status,
        headers: { 'content-type': 'application/json', ...effect.headers },
        body: canonicalize(effect.body),
      }
    : { status: effect.status, headers: effect.headers, body: effect.text };

/** What a `call` binds: status, the headers that do not depend on the transport, the parsed body, and the body as text. */
export const replyValue = (reply: HttpReply): Json => ({
  status: reply.status,
  headers: lastingHeaders(reply.headers),
  body: parseBody(reply.body),
  text: reply.body,
});

/** JSON when it is JSON, else the text itself; null stays null. */
export function parseBody(body: string | null): Json {
  if (body === null || body === '') return null;
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}

/** Starts a behaviour as a handler run of this instance. */
export function startRun(
  parts: RunParts,
  context: RunContext,
  behaviour: (host: BehaviourHost) => Behaviour,
  finished: (failure: Failure | null) => void,
): void {
  const { init } = parts.port;
  const host: BehaviourHost = {
    seed: init.seed,
    node: init.node,
    traceId: context.trace.traceId,
    spanId: context.spanId,
    saga: context.trace.saga ?? null,
    attempt: context.attempt,
    nowText: () => isoTime(parts.port.now()),
    faults: () => parts.port.init.faults,
  };
  drive(behaviour(host), performer(parts, context), finished);
}

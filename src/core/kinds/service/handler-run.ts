import { canonicalize } from '../../base/canonical.ts';
import { isoTime } from '../../base/iso-time.ts';
import { drive, type Perform } from '../../behaviour/driver.ts';
import type { Behaviour, BehaviourHost, EffectResult, Failure } from '../../behaviour/effect.ts';
import type { EventBody } from '../../fabric/event.ts';
import { wallUs } from '../../fabric/faults.ts';
import type { HttpReply } from '../../fabric/message.ts';
import { givenUp, untilCancelled } from './cancellation.ts';
import { performCall } from './perform-call.ts';
import { performPublish } from './perform-publish.ts';
import { performQuery } from './perform-query.ts';
import { performJwks, performToken } from './perform-token.ts';
import { notLinked, type EffectOf, type RunContext, type RunParts } from './run-context.ts';

const NO_STREAM: EffectResult = {
  ok: false,
  failure: { code: 'no_stream', message: 'this handler answers no stream', retriable: false },
};

/** Performs the effects of one handler run as messages of the simulated network, with its spans. */
function performer(parts: RunParts, context: RunContext): Perform {
  return (effect, done) => {
    switch (effect.do) {
      case 'db':
        return performQuery(parts, context, effect, done);
      case 'call':
        return givenUp(context.exchange?.cancellation, done, (finish) => performCall(parts, context, effect, finish));
      case 'grpc': {
        const grpc = parts.grpc();
        return grpc === null ? done(notLinked(effect.to)) : grpc.perform(parts, context, effect, done);
      }
      case 'publish':
        return performPublish(parts, context, effect, done);
      case 'token':
        return performToken(parts.port, effect, done);
      case 'jwks':
        return performJwks(parts.port, done);
      case 'wait':
        return parts.sleep(effect.ms, () => done({ ok: true, value: null }));
      case 'send':
        return done(context.exchange?.send(effect.body) ?? NO_STREAM);
      case 'respond':
        if (context.exchange !== undefined) return done(context.exchange.respond(effect.body, effect.headers));
        context.respond(replyOf(effect));
        break;
      case 'outbox':
        parts.relay(effect.store, effect.ids);
        break;
      default:
        parts.port.emit(told(effect, context));
    }
    done({ ok: true, value: null });
  };
}

const SEVERITY = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

function told(effect: EffectOf<'log' | 'failed' | 'limit'>, context: RunContext): EventBody {
  const { traceId } = context.trace;
  const { spanId } = context;
  if (effect.do === 'limit') {
    return { type: 'limit.hit', limit: effect.limit, value: effect.value, message: effect.message };
  }
  if (effect.do === 'failed') {
    const { code, message, byFault } = effect.failure;
    return { type: 'step.failed', traceId, spanId, step: effect.path, code, message, byFault: byFault === true };
  }
  return { type: 'log', severity: SEVERITY[effect.level], text: effect.text, traceId, spanId };
}

function replyOf({ status, headers, body, text }: EffectOf<'respond'>): HttpReply {
  if (text !== undefined) return { status, headers, body: text };
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: canonicalize(body) };
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
    nowText: () => isoTime(wallUs(parts.port)),
    faults: () => parts.port.init.faults.filter((fault) => fault.kind === 'step-error'),
  };
  const perform = performer(parts, context);
  const { exchange } = context;
  drive(behaviour(host), exchange === undefined ? perform : untilCancelled(perform, exchange.cancellation), finished);
}

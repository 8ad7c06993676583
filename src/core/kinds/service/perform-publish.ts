import { canonicalize } from '../../base/canonical.ts';
import type { EffectResult } from '../../behaviour/effect.ts';
import type { TraceContext } from '../../fabric/message.ts';
import { injectTrace } from '../../http/trace-context.ts';
import type { Answer } from './asker.ts';
import {
  notLinked,
  openSpan,
  passedOn,
  type Done,
  type EffectOf,
  type RunContext,
  type RunParts,
} from './run-context.ts';

function confirmOf(answer: Answer): EffectResult {
  if (!answer.ok) return answer;
  const { payload } = answer;
  if (payload.kind === 'amqp.confirm' && payload.ok) return { ok: true, value: null };
  const reason = payload.kind === 'amqp.confirm' ? (payload.reason ?? 'nacked') : payload.kind;
  const message = `broker did not confirm: ${reason}`;
  return { ok: false, failure: { code: 'publish_refused', message, retriable: true } };
}

/** Publishes and waits for the broker's confirm, under a PRODUCER span; a relay publishes in the name of the handler run that wrote the row. */
export function performPublish(parts: RunParts, context: RunContext, effect: EffectOf<'publish'>, done: Done): void {
  const { port, asker } = parts;
  const { origin, key, type, messageId } = effect;
  const peer = port.init.peers.find((p) => p.kind === 'publish' && p.direction === 'out' && p.node === effect.to);
  const to = peer?.instances[0]?.instance;
  if (!peer || to === undefined || peer.record.kind !== 'broker') return done(notLinked(effect.to));
  const operation = `publish ${key}`;
  const parent = origin ?? { traceId: context.trace.traceId, spanId: context.spanId, path: effect.path };
  // The first attempt has the same id on every host; a repeated one is told apart by the relay pass that makes it.
  const what = ['publish', parent.path, messageId, ...(origin?.again ? [context.spanId] : [])];
  const span = openSpan(port, parent, 'PRODUCER', operation, what, {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': key,
    'messaging.message.id': messageId,
  });
  const saga = origin ? (origin.saga ? { saga: origin.saga } : {}) : passedOn(context, effect.compensates);
  const trace: TraceContext = { traceId: parent.traceId, spanId: span.id, ...saga };
  const { exchange } = peer.record.config;
  const message = { messageId, exchange, key, type, headers: injectTrace({}, trace), body: canonicalize(effect.body) };
  asker.ask({ to, link: peer.link, operation, trace, payload: { kind: 'amqp.publish', message } }, (answer) => {
    const result = confirmOf(answer);
    span.end(result.ok ? null : result.failure.message);
    done(result);
  });
}

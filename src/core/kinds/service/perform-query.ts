import type { EffectResult } from '../../behaviour/effect.ts';
import type { DbOp, TraceContext } from '../../fabric/message.ts';
import type { Peer } from '../../fabric/protocol.ts';
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

/** What a query is called on edges and spans. */
export const queryName = (query: DbOp): string =>
  'table' in query ? `${query.op.toUpperCase()} ${query.table}` : query.op.toUpperCase();

const engineOf = (peer: Peer): string => (peer.record.kind === 'database' ? peer.record.config.engine : 'unknown');

function resultOf(answer: Answer): EffectResult {
  if (!answer.ok) return answer;
  const { payload } = answer;
  if (payload.kind !== 'db.result') {
    return { ok: false, failure: { code: 'protocol_error', message: `unexpected ${payload.kind}` } };
  }
  const { result } = payload;
  return result.ok ? result : { ok: false, failure: { code: result.code, message: result.message } };
}

/** Asks the owned database, under a CLIENT span. */
export function performQuery(parts: RunParts, context: RunContext, effect: EffectOf<'db'>, done: Done): void {
  const { port, asker } = parts;
  const { query } = effect;
  const peer = port.init.peers.find((p) => p.kind === 'owns' && p.direction === 'out' && p.node === effect.store);
  const to = peer?.instances[0]?.instance;
  if (!peer || to === undefined) return done(notLinked(effect.store));
  const operation = queryName(query);
  const { traceId } = context.trace;
  const what = ['db', effect.path, query.op, context.attempt];
  const span = openSpan(port, { traceId, spanId: context.spanId }, 'CLIENT', operation, what, {
    'db.system.name': engineOf(peer),
    'db.operation.name': query.op,
    ...('table' in query ? { 'db.collection.name': query.table } : {}),
  });
  const trace: TraceContext = { traceId, spanId: span.id, ...passedOn(context, false) };
  asker.ask({ to, link: peer.link, operation, trace, payload: { kind: 'db.query', query } }, (answer) => {
    const result = resultOf(answer);
    span.end(result.ok ? null : result.failure.message);
    done(result);
  });
}

import type { EventOf } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { ExecutableTopology } from '../topology/types.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry, trimOldest } from './own.ts';
import type { DeclaredStep, FoldContext, RunView, SagaView, SpanView } from './view.ts';

type SagaMark = NonNullable<EventOf<'span.started'>['saga']>;
const copySaga = (old: SagaView): SagaView => ({ ...old, steps: old.steps.map((step) => ({ ...step })) });

/** Steps that endpoints and subscriptions declare, by saga name; nodes by code unit, handlers in document order. */
export function declaredSteps(topology: ExecutableTopology): Map<string, DeclaredStep[]> {
  const sagas = new Map<string, DeclaredStep[]>();
  for (const node of Object.keys(topology.nodes).sort()) {
    const record = topology.nodes[node];
    if (record?.kind !== 'service') continue;
    for (const handler of [...record.config.endpoints, ...record.config.subscriptions]) {
      if (handler.saga === undefined) continue;
      const steps = sagas.get(handler.saga.name) ?? [];
      sagas.set(handler.saga.name, steps);
      const { step, compensation } = handler.saga;
      if (!steps.some((known) => known.step === step && known.node === node)) steps.push({ step, node, compensation });
    }
  }
  return sagas;
}

export function startSagaStep(view: RunView, event: EventOf<'span.started'>, mark: SagaMark): void {
  const sagas = ownCollection(view, 'sagas');
  let saga = ownEntry(view, sagas, event.traceId, copySaga);
  if (saga === undefined) {
    saga = putEntry(view, sagas, event.traceId, {
      traceId: event.traceId,
      name: mark.name,
      steps: [],
      state: 'running',
    });
    trimOldest(sagas, LIMITS.sagas);
  }
  const node = nodeOf(event.source);
  const again = saga.steps.find((step) => step.step === mark.step && step.node === node);
  if (again === undefined) {
    const { step, compensation } = mark;
    saga.steps.push({ step, node, compensation, state: 'running', t: event.t, reason: null });
  } else {
    // A redelivered message tries the same step again: one strip entry, the newest state.
    again.state = 'running';
    again.reason = null;
  }
  saga.state = 'running';
}

/** A step's span ended: its state, and what that says about the whole saga. */
export function settleSaga(view: RunView, span: SpanView, context: FoldContext): void {
  const mark = span.saga;
  if (mark === null || !view.sagas.has(span.traceId)) return;
  const saga = ownEntry(view, ownCollection(view, 'sagas'), span.traceId, copySaga);
  const node = nodeOf(span.source);
  const step = saga?.steps.find((candidate) => candidate.step === mark.step && candidate.node === node);
  if (saga === undefined || step === undefined) return;
  const failure = span.failures.at(-1);
  step.state = span.status === 'error' || failure !== undefined ? 'failed' : 'done';
  step.reason = failure?.message ?? (span.status === 'error' ? span.description : null);
  saga.state = sagaState(saga, context.sagas.get(saga.name) ?? []);
}

/** Compensated: an undo ran and nothing runs. Completed: every declared forward step is done. Failed: the first step failed, nothing to undo. */
function sagaState(saga: SagaView, declared: readonly DeclaredStep[]): SagaView['state'] {
  if (saga.steps.some((step) => step.state === 'running')) return 'running';
  if (saga.steps.some((step) => step.compensation && step.state === 'done')) return 'compensated';
  const forward = declared.filter((step) => !step.compensation);
  const isDone = (wanted: DeclaredStep): boolean =>
    saga.steps.some((step) => step.step === wanted.step && step.node === wanted.node && step.state === 'done');
  if (forward.length > 0 && forward.every(isDone)) return 'completed';
  const first = saga.steps[0];
  return saga.steps.length === 1 && first?.state === 'failed' ? 'failed' : 'running';
}

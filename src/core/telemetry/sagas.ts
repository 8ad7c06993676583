import type { EventOf } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { ExecutableTopology, Step } from '../topology/schema/types.ts';
import { LIMITS } from './limits.ts';
import { ownCollection, ownEntry, putEntry, trimOldest } from './own.ts';
import type { DeclaredStep, FoldContext, RunView, SagaView, SpanView } from './view.ts';

type SagaMark = NonNullable<EventOf<'span.started'>['saga']>;
const copySaga = (old: SagaView): SagaView => ({ ...old, steps: old.steps.map((step) => ({ ...step })) });

interface Handler {
  node: string;
  saga: SagaMark | null;
  /** Routing key that starts it; null for an endpoint. */
  key: string | null;
  publishes: string[];
}

/** Steps that endpoints and subscriptions declare, by saga name, in the order in which their events follow one another. */
export function declaredSteps(topology: ExecutableTopology): Map<string, DeclaredStep[]> {
  const handlers = handlersOf(topology);
  const sagas = new Map<string, DeclaredStep[]>();
  const waiting = [
    ...handlers.filter((handler) => handler.key === null),
    ...handlers.filter((handler) => handler.key !== null && !isPublished(handler.key, handlers)),
  ];
  const seen = new Set<Handler>(waiting);
  // Breadth first along published keys; what nothing leads to (a circle) comes last.
  for (const handler of waiting) {
    for (const next of handlers) {
      if (seen.has(next) || next.key === null) continue;
      const { key } = next;
      if (!handler.publishes.some((published) => matches(key, published))) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  for (const { node, saga } of [...waiting, ...handlers.filter((handler) => !seen.has(handler))]) {
    if (saga === null) continue;
    const steps = sagas.get(saga.name) ?? [];
    sagas.set(saga.name, steps);
    const { step, compensation } = saga;
    if (!steps.some((known) => known.step === step && known.node === node)) steps.push({ step, node, compensation });
  }
  return sagas;
}

function handlersOf(topology: ExecutableTopology): Handler[] {
  const handlers: Handler[] = [];
  for (const node of Object.keys(topology.nodes).sort()) {
    const record = topology.nodes[node];
    if (record?.kind !== 'service') continue;
    for (const { saga, steps } of record.config.endpoints) {
      handlers.push({ node, saga: saga ?? null, key: null, publishes: publishedKeys(steps) });
    }
    for (const { saga, steps, key } of record.config.subscriptions) {
      handlers.push({ node, saga: saga ?? null, key, publishes: publishedKeys(steps) });
    }
  }
  return handlers;
}

const isPublished = (key: string, handlers: readonly Handler[]): boolean =>
  handlers.some((handler) => handler.publishes.some((published) => matches(key, published)));

/** Topic match of a binding pattern with a routing key: `*` one word, `#` any number of words. */
function matches(pattern: string, key: string): boolean {
  const test = (words: string[], rest: string[]): boolean => {
    const [word, ...more] = words;
    if (word === undefined) return rest.length === 0;
    if (word === '#') return test(more, rest) || (rest.length > 0 && test(words, rest.slice(1)));
    return rest.length > 0 && (word === '*' || word === rest[0]) && test(more, rest.slice(1));
  };
  return test(pattern.split('.'), key.split('.'));
}

function publishedKeys(steps: readonly Step[]): string[] {
  return steps.flatMap((step): string[] => {
    switch (step.do) {
      case 'publish':
        return [step.key];
      case 'choose':
        return [...step.when.flatMap((branch) => publishedKeys(branch.steps)), ...publishedKeys(step.else ?? [])];
      case 'each':
      case 'transaction':
        return publishedKeys(step.steps);
      case 'parallel':
        return step.branches.flatMap((branch) => publishedKeys(branch.steps));
      case 'try':
        return [step.steps, ...step.catch.map((branch) => branch.steps), step.finally ?? []].flatMap(publishedKeys);
      default:
        return [];
    }
  });
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

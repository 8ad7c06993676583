import type { DeclaredStep, SagaView, SpanView, TraceView } from '../../core/telemetry/view.ts';

/** One box of the strip. */
export interface StripStep {
  key: string;
  step: string;
  node: string;
  state: 'waiting' | 'never' | 'running' | 'done' | 'failed';
  reason: string | null;
  durationUs: number | null;
  spanId: string | null;
}
/** What stands under a forward step in the row of compensations. */
export type StripUndo = { kind: 'none' } | { kind: 'nothing' } | { kind: 'step'; step: StripStep };
export interface Strip {
  forward: StripStep[];
  /** One per forward step, to be read from right to left; empty while nothing is undone. */
  backward: StripUndo[];
}

/** The strip of one saga: declared steps in order, what became of each, and under it what undid it (same node). */
export function sagaStrip(saga: SagaView, declared: readonly DeclaredStep[], trace: TraceView | undefined): Strip {
  const isOver = saga.state !== 'running';
  const spans = new Map<string, SpanView>();
  for (const span of trace?.spans.values() ?? []) {
    if (span.saga !== null) spans.set(`${span.source.slice(0, span.source.lastIndexOf('#'))}/${span.saga.step}`, span);
  }
  const box = (step: string, node: string): StripStep => {
    const key = `${node}/${step}`;
    const seen = saga.steps.find((candidate) => candidate.step === step && candidate.node === node);
    const span = spans.get(key);
    return {
      key,
      step,
      node,
      state: seen?.state ?? (isOver ? 'never' : 'waiting'),
      reason: seen?.reason ?? null,
      durationUs: span?.end === null || span === undefined ? null : span.end - span.start,
      spanId: span?.spanId ?? null,
    };
  };
  const forwardSteps = [
    ...declared.filter((step) => !step.compensation),
    // Steps of a handler that has been edited away since.
    ...saga.steps.filter(
      (step) => !step.compensation && !declared.some((known) => known.step === step.step && known.node === step.node),
    ),
  ];
  const forward = forwardSteps.map(({ step, node }) => box(step, node));
  const isUndoing = forward.some((step) => step.state === 'failed') || saga.steps.some((step) => step.compensation);
  if (!isUndoing) return { forward, backward: [] };
  const undos = [...declared.filter((step) => step.compensation), ...saga.steps.filter((step) => step.compensation)];
  const firstOf = new Set<string>();
  const backward = forward.map((step): StripUndo => {
    // A node's first step is what its compensation undoes.
    if (firstOf.has(step.node)) return { kind: 'none' };
    firstOf.add(step.node);
    const ran = undos.find(
      (undo) =>
        undo.node === step.node &&
        saga.steps.some((seen) => seen.compensation && seen.step === undo.step && seen.node === undo.node),
    );
    const undo = ran ?? undos.find((candidate) => candidate.node === step.node);
    if (step.state === 'failed' && ran === undefined) return { kind: 'nothing' };
    if (step.state !== 'done' && ran === undefined) return { kind: 'none' };
    return undo === undefined ? { kind: 'none' } : { kind: 'step', step: box(undo.step, undo.node) };
  });
  return { forward, backward };
}

import type { RunView } from '../../core/telemetry/view.ts';

/** One id ties all: what is selected names the same thing in every panel. Null = nothing of that kind. */
export interface Selection {
  traceId: string | null;
  spanId: string | null;
  messageId: string | null;
  row: { store: string; table: string; key: string } | null;
  queue: string | null;
}
export const NOTHING: Selection = { traceId: null, spanId: null, messageId: null, row: null, queue: null };

/** Completes a selection: a message brings its trace and span, a span its trace. */
export function resolveSelection(view: RunView, wanted: Partial<Selection>): Selection {
  const selection = { ...NOTHING, ...wanted };
  if (selection.messageId !== null) {
    const trace = view.messages.get(selection.messageId)?.event.trace ?? null;
    selection.traceId ??= trace?.traceId ?? null;
    selection.spanId ??= trace?.spanId ?? null;
  }
  return selection;
}

/** Whether a message belongs to what is selected. */
export function isMessageSelected(selection: Selection, id: string, traceId: string | null): boolean {
  if (selection.messageId !== null) return selection.messageId === id;
  return selection.traceId !== null && selection.traceId === traceId;
}

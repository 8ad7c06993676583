import type { TraceView } from '../../core/telemetry/view.ts';
import { formatDuration } from '../run/format.ts';
import { useRun } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';

/** Until when a trace is shown: its last event, or the playhead while something in it still runs (virtual µs). */
export const useTraceEnd = (trace: TraceView): number =>
  useRun(({ seekT, state }) => (trace.open > 0 ? Math.max(trace.end, seekT ?? state.now) : trace.end));

/** How long a trace took; how long it has been running up to the playhead, said so. */
export function useTraceTime(trace: TraceView): string {
  const texts = useText();
  const words = formatDuration(useTraceEnd(trace) - trace.start, texts);
  return trace.open > 0 ? texts.t('traces.running', { duration: words }) : words;
}

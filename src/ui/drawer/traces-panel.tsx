import { useMemo, useState } from 'react';
import type { TraceView } from '../../core/telemetry/view.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { Glyph } from '../run/glyph.tsx';
import { shortTrace } from '../run/format.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useDocument } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './drawer.module.css';
import { EmptyState } from './empty-state.tsx';
import own from './traces-panel.module.css';
import { useTraceTime } from './trace-time.ts';
import { VirtualList } from './virtual-list.tsx';
import { Waterfall } from './waterfall.tsx';

/** Outcome of a whole trace: undone, failed, still running, or good. */
export function traceOutcome(trace: TraceView): 'compensation' | 'error' | 'flight' | 'ok' {
  if (trace.compensated) return 'compensation';
  if (trace.error) return 'error';
  return trace.open > 0 ? 'flight' : 'ok';
}

/** Work that nobody asked for from outside: the outbox relay, health probes, keys that a gateway fetches. */
function isBackground(trace: TraceView, nodes: Document['nodes']): boolean {
  for (const { parentSpanId, kind, source } of trace.spans.values()) {
    if (parentSpanId !== null) continue;
    const node = nodes[source.slice(0, source.lastIndexOf('#'))]?.kind;
    if (kind === 'SERVER') return node === 'service';
    return kind === 'INTERNAL' || (kind === 'CLIENT' && node === 'gateway');
  }
  return false;
}

function TraceTime({ trace }: { trace: TraceView }) {
  return (
    <span className={styles.right} data-open={trace.open > 0}>
      {useTraceTime(trace)}
    </span>
  );
}

/** All traces at the left, the chosen one as a waterfall. */
export function TracesPanel() {
  const run = useRunStore();
  const { t } = useText();
  const traces = useRun(({ view }) => view.traces);
  const gone = useRun(({ view }) => view.dropped.traces);
  const chosen = useRun(({ selection }) => selection.traceId);
  const nodes = useDocument(({ document }) => document.nodes);
  const [isAll, setIsAll] = useState(false);
  const newest = useMemo(
    () =>
      [...traces.values()]
        .filter((trace) => isAll || trace.traceId === chosen || !isBackground(trace, nodes))
        .reverse(),
    [traces, isAll, chosen, nodes],
  );
  if (traces.size === 0) {
    return (
      <div className={styles.empty}>
        <EmptyState withDemo="traces.empty" plain="traces.emptyPlain" />
      </div>
    );
  }
  const shown = chosen === null ? undefined : traces.get(chosen);
  return (
    <div className={styles.split}>
      <div className={styles.side}>
        <VirtualList
          items={newest}
          idOf={(trace) => trace.traceId}
          row={26}
          label={t('traces.list')}
          selected={chosen}
          onSelect={(trace) => run.select({ traceId: trace.traceId })}
          empty={null}
          render={(trace) => (
            <span className={own.item}>
              <Glyph shape="http" outcome={traceOutcome(trace)} />
              <span className={styles.cut}>{trace.name}</span>
              <span className={`${styles.mono} ${styles.dim}`}>{shortTrace(trace.traceId)}</span>
              <TraceTime trace={trace} />
            </span>
          )}
        />
        <label className={`${styles.choice} ${own.note}`}>
          <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.target.checked)} />
          {t('traces.background')}
        </label>
        {gone > 0 && <p className={own.note}>{t('traces.dropped', { count: gone })}</p>}
      </div>
      {shown === undefined ? <div className={styles.empty}>{t('traces.pick')}</div> : <Waterfall trace={shown} />}
    </div>
  );
}

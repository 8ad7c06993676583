import { Undo2 } from 'lucide-react';
import { useMemo } from 'react';
import { spanRows, type SpanRow } from '../../core/telemetry/spans.ts';
import type { SpanView, TraceView } from '../../core/telemetry/view.ts';
import { nodeOf } from '../../core/fabric/message.ts';
import { Badge } from '../kit/badge.tsx';
import { SpanFacts } from '../message/message-parts.tsx';
import { formatDuration, formatTime, shortTrace } from '../run/format.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './drawer.module.css';
import own from './traces-panel.module.css';
import { niceTicks } from './ticks.ts';
import { useTraceEnd, useTraceTime } from './trace-time.ts';
import { VirtualList } from './virtual-list.tsx';

const tone = (span: SpanView): 'err' | 'amber' | 'plain' => {
  if (span.saga?.compensation === true) return 'amber';
  return span.status === 'error' || span.failures.length > 0 ? 'err' : 'plain';
};

/** What a status says of the answer alone: work that goes on after it may still fail. */
const statusTone = (status: number): 'ok' | 'amber' | 'err' => (status < 400 ? 'ok' : status < 500 ? 'amber' : 'err');

/** Spans of one trace over time; choosing one says everything it knows. */
export function Waterfall({ trace }: { trace: TraceView }) {
  const run = useRunStore();
  const texts = useText();
  const { t } = texts;
  const title = useTitles();
  const spanId = useRun(({ selection }) => selection.spanId);
  const rows = useMemo(() => spanRows(trace), [trace]);
  const components = useMemo(() => new Set(rows.map((row) => nodeOf(row.span.source))).size, [rows]);
  const end = useTraceEnd(trace);
  const total = Math.max(1, end - trace.start);
  const took = useTraceTime(trace);
  const failure = rows.flatMap(({ span }) => span.failures.map((one) => ({ ...one, node: span.source }))).at(0);
  const chosen = spanId === null ? undefined : trace.spans.get(spanId);
  return (
    <div className={styles.main}>
      <div className={styles.head}>
        <b>{trace.name}</b>
        <span className={styles.mono}>{shortTrace(trace.traceId)}</span>
        {trace.status !== null && <Badge tone={statusTone(trace.status)}>{trace.status}</Badge>}
        {failure !== undefined && (
          <Badge tone={failure.byFault || trace.error ? 'err' : 'amber'}>
            {t('traces.failed', { node: title(failure.node), reason: texts.reason(failure.message || failure.code) })}
          </Badge>
        )}
        {trace.compensated && (
          <Badge tone="amber">
            <Undo2 size={12} aria-hidden="true" />
            {t('traces.compensated')}
          </Badge>
        )}
        <span className={styles.grow} />
        <span>{took}</span>
        <span>{t('traces.spans', { count: trace.spans.size })}</span>
        <span>{t('traces.services', { count: components })}</span>
      </div>
      <div className={own.body} data-facts={chosen !== undefined}>
        <div className={own.fall}>
          <div className={own.scale} aria-hidden="true">
            {niceTicks(total).map((tick) => (
              <span key={tick} style={{ left: `${(tick / total) * 100}%` }} data-last={tick / total > 0.85}>
                {tick === 0 ? '0' : formatDuration(tick, texts)}
              </span>
            ))}
          </div>
          <VirtualList
            items={rows}
            idOf={(row) => row.span.spanId}
            row={18}
            label={t('traces.waterfall', { name: trace.name })}
            selected={spanId}
            onSelect={(row) => run.select({ traceId: trace.traceId, spanId: row.span.spanId })}
            empty={null}
            render={(row) => <SpanLine row={row} start={trace.start} total={total} name={title(row.span.source)} />}
          />
        </div>
        {chosen !== undefined && (
          <aside className={own.facts} aria-label={chosen.name}>
            <p className={styles.dim}>{formatTime(chosen.start)}</p>
            <SpanFacts span={chosen} />
          </aside>
        )}
      </div>
    </div>
  );
}

function SpanLine({ row, start, total, name }: { row: SpanRow; start: number; total: number; name: string }) {
  const texts = useText();
  const { span, depth } = row;
  const end = span.end ?? start + total;
  const left = ((span.start - start) / total) * 100;
  const width = Math.max(0.3, ((end - span.start) / total) * 100);
  const why = span.failures.at(-1)?.message ?? span.description;
  const reason = why === null ? null : texts.reason(why);
  return (
    <span className={own.span} data-tone={tone(span)} data-open={span.end === null}>
      <span className={own.label} style={{ paddingLeft: 12 + depth * 12 }} data-tip={reason ?? undefined}>
        <b>{name}</b> {span.name}
        {reason !== null && <i> · {reason}</i>}
      </span>
      <span className={own.track}>
        <span className={own.block} style={{ left: `${left}%`, width: `${width}%` }} />
      </span>
      <span className={own.time}>
        {formatDuration(end - span.start, texts)}
        {span.end === null && '…'}
      </span>
    </span>
  );
}

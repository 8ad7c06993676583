import { useMemo, useState } from 'react';
import type { LogLineView } from '../../core/telemetry/view.ts';
import { formatTime, shortTrace } from '../run/format.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { showDrawerTab } from './drawer-tab.ts';
import styles from './drawer.module.css';
import { FilterField } from './filter-field.tsx';
import own from './logs-panel.module.css';
import { VirtualList } from './virtual-list.tsx';

const LEVELS: readonly LogLineView['severity'][] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Newest first; from a level on, with the words of the filter. */
function filtered(lines: readonly LogLineView[], filter: string, level: LogLineView['severity']): LogLineView[] {
  const words = filter.toLocaleLowerCase();
  const from = LEVELS.indexOf(level);
  const matches = ({ text, source, traceId }: LogLineView): boolean =>
    words === '' || `${text} ${source} ${traceId ?? ''}`.toLocaleLowerCase().includes(words);
  return lines.filter((line) => LEVELS.indexOf(line.severity) >= from && matches(line)).reverse();
}

/** Log lines, newest first; opening one leads to its span. */
export function LogsPanel() {
  const run = useRunStore();
  const { view } = useServices();
  const { t } = useText();
  const title = useTitles();
  const lines = useRun((snapshot) => snapshot.view.logs);
  const selection = useRun((snapshot) => snapshot.selection);
  const [filter, setFilter] = useState('');
  const [level, setLevel] = useState<LogLineView['severity']>('DEBUG');
  const shown = useMemo(() => filtered(lines, filter, level), [lines, filter, level]);
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <div className={styles.main}>
      <div className={styles.head}>
        <FilterField label={t('logs.filter')} value={filter} onChange={setFilter} />
        <label className={styles.choice}>
          {t('logs.level')}
          <select
            className={styles.select}
            value={level}
            onChange={(event) => setLevel(LEVELS.find((known) => known === event.target.value) ?? 'DEBUG')}
          >
            {LEVELS.map((known) => (
              <option key={known}>{known}</option>
            ))}
          </select>
        </label>
      </div>
      <VirtualList
        items={shown}
        idOf={(line) => line.id}
        row={22}
        label={t('logs.list')}
        selected={chosen}
        onSelect={(line) => {
          setChosen(line.id);
          if (line.traceId !== null) run.select({ traceId: line.traceId, spanId: line.spanId });
        }}
        onOpen={(line) => {
          setChosen(line.id);
          if (line.traceId === null) return;
          run.select({ traceId: line.traceId, spanId: line.spanId });
          showDrawerTab('traces', view);
        }}
        empty={<p>{t(lines.length === 0 ? 'logs.empty' : 'logs.none')}</p>}
        render={(line) => (
          <div
            className={own.line}
            data-severity={line.severity}
            data-related={line.traceId !== null && line.traceId === selection.traceId}
          >
            <span className={styles.dim}>{formatTime(line.t)}</span>
            <b>{line.severity}</b>
            <span className={styles.cut}>{title(line.source)}</span>
            <span className={styles.cut}>{line.text}</span>
            <span className={own.trace}>{line.traceId === null ? '' : shortTrace(line.traceId)}</span>
          </div>
        )}
      />
    </div>
  );
}

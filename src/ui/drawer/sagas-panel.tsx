import { Check, CircleDashed, CircleX, LoaderCircle, Minus, Undo2 } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { declaredSteps } from '../../core/telemetry/sagas.ts';
import type { SagaView } from '../../core/telemetry/view.ts';
import { Badge } from '../kit/badge.tsx';
import { Button } from '../kit/button.tsx';
import { formatDuration, formatTime, shortTrace } from '../run/format.ts';
import { Glyph } from '../run/glyph.tsx';
import { useTitles, useTopology } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { setDrawerTab } from './drawer-tab.ts';
import styles from './drawer.module.css';
import { EmptyState } from './empty-state.tsx';
import { sagaStrip, type StripStep, type StripUndo } from './saga-strip.ts';
import own from './sagas-panel.module.css';
import { VirtualList } from './virtual-list.tsx';

const OUTCOME = { running: 'flight', completed: 'ok', compensated: 'compensation', failed: 'error' } as const;
const TONE = { running: 'plain', completed: 'ok', compensated: 'amber', failed: 'err' } as const;
const isCompensating = (saga: SagaView): boolean =>
  saga.state === 'running' && saga.steps.some((step) => step.compensation || step.state === 'failed');

/** All sagas at the left, the chosen one as a strip: forward from left to right, compensation below it from right to left. */
export function SagasPanel() {
  const run = useRunStore();
  const texts = useText();
  const { t } = texts;
  const sagas = useRun(({ view }) => view.sagas);
  const traces = useRun(({ view }) => view.traces);
  const selected = useRun(({ selection }) => selection.traceId);
  const newest = useMemo(() => [...sagas.values()].reverse(), [sagas]);
  if (newest.length === 0) {
    return (
      <div className={styles.empty}>
        <EmptyState withDemo="sagas.empty" plain="sagas.emptyPlain" />
      </div>
    );
  }
  const shown = (selected === null ? undefined : sagas.get(selected)) ?? newest[0];
  const words = (saga: SagaView): string => t(isCompensating(saga) ? 'sagas.compensating' : `sagas.${saga.state}`);
  return (
    <div className={styles.split}>
      <div className={styles.side}>
        <VirtualList
          items={newest}
          idOf={(saga) => saga.traceId}
          row={26}
          label={t('sagas.list')}
          selected={shown?.traceId ?? null}
          onSelect={(saga) => run.select({ traceId: saga.traceId })}
          empty={null}
          render={(saga) => {
            const trace = traces.get(saga.traceId);
            return (
              <span className={own.item}>
                <Glyph shape="http" outcome={isCompensating(saga) ? 'compensation' : OUTCOME[saga.state]} />
                <span className={styles.mono}>{shortTrace(saga.traceId)}</span>
                <span className={styles.cut} data-tone={isCompensating(saga) ? 'amber' : TONE[saga.state]}>
                  {words(saga)}
                </span>
                <span className={`${styles.right} ${styles.dim}`}>
                  {trace === undefined || saga.state === 'running'
                    ? ''
                    : formatDuration(trace.end - trace.start, texts)}
                </span>
              </span>
            );
          }}
        />
      </div>
      {shown !== undefined && <SagaDetail key={shown.traceId} saga={shown} words={words(shown)} />}
    </div>
  );
}

function SagaDetail({ saga, words }: { saga: SagaView; words: string }) {
  const run = useRunStore();
  const { view } = useServices();
  const { t } = useText();
  const { nodes } = useTopology();
  const trace = useRun((snapshot) => snapshot.view.traces.get(saga.traceId));
  const declared = useMemo(() => declaredSteps({ nodes, links: {} }).get(saga.name) ?? [], [nodes, saga.name]);
  const strip = useMemo(() => sagaStrip(saga, declared, trace), [saga, declared, trace]);
  const columns = { gridTemplateColumns: `repeat(${strip.forward.length}, minmax(112px, 196px))` };
  return (
    <div className={styles.main}>
      <div className={styles.head}>
        <b>{saga.name}</b>
        <span className={styles.mono}>{shortTrace(saga.traceId)}</span>
        <Badge tone={isCompensating(saga) ? 'amber' : TONE[saga.state]}>{words}</Badge>
        <span className={styles.grow} />
        {trace !== undefined && <span>{t('sagas.started', { time: formatTime(trace.start) })}</span>}
        <Button
          look="ghost"
          onClick={() => {
            run.select({ traceId: saga.traceId });
            setDrawerTab('traces');
            view.announce({ key: 'drawer.traces' });
          }}
        >
          {t('sagas.openTrace')}
        </Button>
      </div>
      <div className={own.strip}>
        <h3>{t('sagas.forward')}</h3>
        <ol className={own.line} style={columns}>
          {strip.forward.map((step) => (
            <li key={step.key} className={own.cell} data-direction="forward">
              <Box step={step} isUndo={false} />
            </li>
          ))}
        </ol>
        {strip.backward.length > 0 && (
          <>
            <h3>{t('sagas.backward')}</h3>
            <ol className={own.line} style={columns} data-testid="compensation">
              {strip.backward.map((undo, index) => (
                <li
                  key={strip.forward[index]?.key}
                  className={own.cell}
                  data-direction="backward"
                  data-kind={undo.kind}
                >
                  <Undo undo={undo} />
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </div>
  );
}

function Undo({ undo }: { undo: StripUndo }) {
  const { t } = useText();
  if (undo.kind === 'none') return null;
  if (undo.kind === 'step') return <Box step={undo.step} isUndo />;
  return (
    <div className={own.box} data-state="nothing">
      <Minus size={14} strokeWidth={1.75} aria-hidden="true" />
      <span>{t('sagas.nothingToUndo')}</span>
    </div>
  );
}

function Box({ step, isUndo }: { step: StripStep; isUndo: boolean }) {
  const texts = useText();
  const { t } = texts;
  const title = useTitles();
  const where = title(step.node);
  const took = step.durationUs === null ? '' : ` · ${formatDuration(step.durationUs, texts)}`;
  const state = isUndo && step.state === 'done' ? t('sagas.undone') : t(`sagas.step.${step.state}`);
  const isOver = step.state === 'done' || step.state === 'failed';
  const isBegun = isOver || step.state === 'running';
  return (
    <div className={own.box} data-state={step.state} data-undo={isUndo} data-testid={`step-${step.step}`}>
      <StateIcon step={step} isUndo={isUndo} />
      <b>{step.step}</b>
      <span className={own.words}>
        {(step.reason === null ? null : texts.reason(step.reason)) ??
          (isOver ? `${where}${took}` : isBegun ? `${where} · ${state}` : state)}
      </span>
      <span className="visually-hidden">{state}</span>
    </div>
  );
}

function StateIcon({ step, isUndo }: { step: StripStep; isUndo: boolean }): ReactNode {
  const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
  if (step.state === 'failed') return <CircleX {...icon} />;
  if (step.state === 'running') return <LoaderCircle {...icon} />;
  if (step.state === 'done') return isUndo ? <Undo2 {...icon} /> : <Check {...icon} />;
  return <CircleDashed {...icon} />;
}

import { useMemo, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import type { ViewStore } from '../../app/view/view-store.ts';
import type { Problem } from '../../core/base/result.ts';
import type { MarkView } from '../../core/telemetry/view.ts';
import { Button } from '../kit/button.tsx';
import { formatTime } from '../run/format.ts';
import { markWords } from '../run/mark-words.ts';
import { useTitles } from '../run/use-document-facts.ts';
import { useRun, useRunStore } from '../run/use-run.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { BASE_Y, barPaths, scaleEnd, scaleTicks, shownMarks, VIEW_WIDTH } from './scale.ts';
import styles from './timeline.module.css';

/** Virtual µs of one arrow key, and of one with Shift. */
const STEP_US = 100_000;
const PAGE_US = 1_000_000;

/** The run so far: traffic, faults and failures; drag or use the arrow keys to look at the past. Nothing before something has run. */
export function Timeline() {
  const hasRun = useRun(({ state }) => state.now > 0);
  return hasRun ? <Track /> : null;
}

/** Says why a moment cannot be shown; a dragged playhead asks for many of them and is told once. */
function tellLost(view: Pick<ViewStore, 'get' | 'notify'>, problems: readonly Problem[]): void {
  const key = 'timeline.lost';
  if (view.get().notices.some(({ words }) => words.key === key)) return;
  view.notify({ tone: 'error', words: { key }, problems });
}

/** Where a key moves the playhead from `shown`; infinity = live, null = no key of a timeline. */
function keyTarget({ key, shiftKey }: KeyboardEvent, shown: number): number | null {
  const step = shiftKey ? PAGE_US : STEP_US;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, shown - step);
    case 'ArrowRight':
    case 'ArrowUp':
      return shown + step;
    case 'PageDown':
      return Math.max(0, shown - PAGE_US);
    case 'PageUp':
      return shown + PAGE_US;
    case 'Home':
      return 0;
    case 'End':
      return Infinity;
    default:
      return null;
  }
}

function Track() {
  const run = useRunStore();
  const { view } = useServices();
  const { t, number } = useText();
  const track = useRef<HTMLDivElement>(null);
  const now = useRun(({ state }) => state.now);
  const shown = useRun(({ seekT, state }) => seekT ?? state.now);
  const isPast = useRun(({ seekT }) => seekT !== null);
  const activity = useRun(({ timeline }) => timeline.activity);
  const marks = useRun(({ timeline }) => timeline.marks);
  const end = scaleEnd(now);
  const paths = useMemo(() => barPaths(activity, end), [activity, end]);
  const flags = useMemo(() => shownMarks(marks, end), [marks, end]);

  const seekTo = (t: number): void => {
    if (t >= now) run.live();
    else void run.seek(t).then((shown) => shown.ok || tellLost(view, shown.error));
  };
  const atPointer = (event: PointerEvent): number => {
    const box = track.current?.getBoundingClientRect();
    return box === undefined ? 0 : ((event.clientX - box.left) / box.width) * end;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = keyTarget(event, shown);
    if (target === null) return;
    seekTo(target);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className={styles.timeline} aria-label={t('timeline.label')}>
      <div
        ref={track}
        className={styles.track}
        // A range input cannot hold bars and flags.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="slider"
        tabIndex={0}
        aria-label={t('timeline.playhead')}
        aria-valuemin={0}
        aria-valuemax={Math.round(now / 1000)}
        aria-valuenow={Math.round(shown / 1000)}
        aria-valuetext={t('timeline.value', { time: formatTime(shown), end: formatTime(now) })}
        data-testid="timeline"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(atPointer(event));
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(atPointer(event));
        }}
      >
        <svg className={styles.bars} viewBox={`0 0 ${VIEW_WIDTH} 28`} preserveAspectRatio="none" aria-hidden="true">
          <path
            className={styles.base}
            d={`M0 ${BASE_Y}H${(now / end) * VIEW_WIDTH}`}
            vectorEffect="non-scaling-stroke"
          />
          <path className={styles.messages} d={paths.messages} />
          <path className={styles.failures} d={paths.failures} />
        </svg>
        {scaleTicks(end).map((tick) => (
          <span
            key={tick}
            className={styles.tick}
            data-end={tick === 0 ? 'start' : tick === end ? 'end' : undefined}
            style={{ left: `${(tick / end) * 100}%` }}
          >
            {t('unit.s', { value: number(tick / 1e6, 1) })}
          </span>
        ))}
        {flags.map((mark, index) => (
          <Flag key={`${mark.t} ${index}`} mark={mark} end={end} />
        ))}
        {isPast && <span className={styles.known} style={{ left: `${(now / end) * 100}%` }} />}
        <span className={styles.head} style={{ left: `${(shown / end) * 100}%` }} />
      </div>
      {/* Always there, so that the track does not move under the pointer. */}
      <span className={styles.live} data-on={isPast}>
        <Button look="ghost" onClick={() => run.live()} data-testid="back-to-live">
          {t('run.live')}
        </Button>
      </span>
    </section>
  );
}

function Flag({ mark, end }: { mark: MarkView; end: number }) {
  const texts = useText();
  const title = useTitles();
  if (mark.kind === 'input') return null;
  const isHeal = mark.kind === 'fault' && mark.text.endsWith(' 0 %');
  return (
    <span
      className={styles.mark}
      data-kind={isHeal ? 'heal' : mark.kind}
      data-tip={`${formatTime(mark.t)} ${markWords(mark, title, texts)}`}
      style={{ left: `${(mark.t / end) * 100}%` }}
    />
  );
}

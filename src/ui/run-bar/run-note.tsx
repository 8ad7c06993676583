import { useRun, useRunStore } from '../run/use-run.ts';
import { useText } from '../text/use-text.tsx';
import styles from './run-bar.module.css';

/** From this lag in wall ms on the run says that it is late. */
const BEHIND_MS = 500;

/** One word about the run under its time: late, stalled, paused, past, failed; what the time is while it simply goes on. */
export function RunNote() {
  const run = useRunStore();
  const { t, number } = useText();
  const status = useRun(({ state }) => state.status);
  const isPast = useRun(({ seekT }) => seekT !== null);
  const behindSeconds = useRun(({ lateMs }) => (lateMs >= BEHIND_MS ? Math.round(lateMs / 100) / 10 : 0));
  const failure = useRun(({ state }) => state.failure);
  if (isPast) {
    return (
      <button
        type="button"
        className={styles.note}
        data-tone="amber"
        data-tip={t('run.live')}
        onClick={() => run.live()}
      >
        {t('run.past')}
      </button>
    );
  }
  if (status === 'failed') return <Note tone="err" text={t('run.failed')} tip={failure ?? t('run.failed')} />;
  if (status === 'stalled') return <Note tone="amber" text={t('run.stalled')} tip={t('run.stalledTip')} />;
  if (status === 'booting') return <Note text={t('run.booting')} />;
  if (status === 'paused') return <Note text={t('run.paused')} />;
  if (status === 'idle') return <Note text={t('run.idle')} />;
  if (behindSeconds > 0) {
    return <Note tone="amber" text={t('run.behind', { seconds: number(behindSeconds, 1) })} tip={t('run.behindTip')} />;
  }
  return <Note tone="none" text={t('run.timeWord')} />;
}

function Note({
  tone = 'plain',
  text,
  tip,
}: {
  tone?: 'none' | 'plain' | 'amber' | 'err';
  text: string;
  tip?: string;
}) {
  return (
    <span className={styles.note} data-tone={tone} data-tip={tip} data-testid="run-note">
      {text}
    </span>
  );
}

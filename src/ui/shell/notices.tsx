import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Notice } from '../../app/view/view-state.ts';
import type { Problem } from '../../core/base/result.ts';
import { Button, IconButton } from '../kit/button.tsx';
import { wordsOf } from '../kit/use-command.ts';
import { useServices, useView } from '../services.tsx';
import { useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import styles from './notices.module.css';

/** Wall ms that a notice stays; longer when there is something to decide. Hovering or focusing keeps it. */
const STAY_MS = { plain: 3500, action: 9000, error: 9000 };

/** Short messages: beside what they are about, or in the corner. */
export function Notices() {
  const { t } = useText();
  const notices = useView((view) => view.notices);
  return (
    <section className={styles.region} aria-label={t('app.region.notices')}>
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

/** At most this many problems in one notice; the Problems tab shows all of an open document. */
const LINES = 5;

function ProblemLines({ problems }: { problems: readonly Problem[] }) {
  const say = useProblemWords();
  // The same sentence is said once: lines are told apart by their text.
  const said = [...new Set(problems.map((problem) => say(problem).says))];
  return (
    <ul className={styles.lines}>
      {said.slice(0, LINES).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {said.length > LINES && <li>+ {said.length - LINES}</li>}
    </ul>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const { view } = useServices();
  const texts = useText();
  const [isHeld, setHeld] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const stayMs = notice.action ? STAY_MS.action : notice.tone === 'error' ? STAY_MS.error : STAY_MS.plain;
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => view.dismissNotice(notice.id), stayMs);
    return () => clearTimeout(timer);
  }, [isHeld, notice.id, stayMs, view]);
  useEffect(() => {
    const element = card.current;
    if (!element || !notice.near) return;
    // Beside the pointer, but always whole inside the window.
    element.style.left = `${Math.min(notice.near.x + 12, innerWidth - element.offsetWidth - 8)}px`;
    element.style.top = `${Math.min(notice.near.y + 14, innerHeight - element.offsetHeight - 8)}px`;
  }, [notice.near]);
  const { action } = notice;
  return (
    <div
      ref={card}
      className={styles.card}
      data-tone={notice.tone}
      data-near={notice.near !== undefined}
      data-testid="notice"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className={styles.words}>
        <p>{wordsOf(texts, notice.words.key, notice.words.values)}</p>
        {notice.detail && <p className={styles.detail}>{wordsOf(texts, notice.detail.key, notice.detail.values)}</p>}
        {notice.problems && <ProblemLines problems={notice.problems} />}
        {notice.lines && (
          <ul className={styles.lines}>
            {notice.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
      {action && (
        <Button
          onClick={() => {
            view.dismissNotice(notice.id);
            action.perform();
          }}
        >
          {wordsOf(texts, action.label.key, action.label.values)}
        </Button>
      )}
      <IconButton label={texts.t('app.dismiss')} onClick={() => view.dismissNotice(notice.id)}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

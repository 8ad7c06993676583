import { X } from 'lucide-react';
import { useEffect } from 'react';
import { IconButton } from '../kit/button.tsx';
import { useDemo } from '../run/use-document-facts.ts';
import { useRun } from '../run/use-run.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { doneHints, nextHint, type HintFacts } from './hint-order.ts';
import styles from './hints.module.css';

/** What has happened so far, as far as hints care. */
function useHintFacts(): HintFacts {
  const hasBreak = useDocument((state) => state.document.demo?.break !== undefined);
  const hasExported = useView((state) => state.dialog?.kind === 'export');
  const hasDots = useRun(({ view }) => view.packets.size > 0);
  const hasOpenedMessage = useRun(({ openMessage }) => openMessage !== null);
  const hasSent = useRun(({ view }) => view.sagas.size > 0);
  const wasBroken = useRun(({ faultsNow }) => faultsNow.size > 0);
  const hasUndone = useRun(({ view }) => {
    for (const saga of view.sagas.values()) if (saga.state === 'compensated') return true;
    return false;
  });
  return { hasDots, hasOpenedMessage, hasBreak, hasSent, wasBroken, hasUndone, hasExported };
}

/** One hint at a time, in the order of the first minute; what was done or dismissed never comes back. */
export function Hints() {
  const { view } = useServices();
  const { t } = useText();
  const dismissed = useView((state) => state.dismissedHints);
  const isReadOnly = useDocument((state) => state.saved === 'readonly');
  const label = useDemo()?.break?.label ?? '';
  const facts = useHintFacts();
  const done = doneHints(facts).join(' ');
  useEffect(() => {
    for (const id of done.split(' ')) if (id !== '') view.dismissHint(id);
  }, [done, view]);
  const hint = isReadOnly ? null : nextHint(dismissed, facts);
  if (hint === null) return null;
  return (
    <div className={styles.hint} role="note" data-testid={`hint-${hint}`}>
      {t(`hint.${hint}`, { label })}
      <IconButton label={t('hint.dismiss')} onClick={() => view.dismissHint(hint)}>
        <X size={13} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

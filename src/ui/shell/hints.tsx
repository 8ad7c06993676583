import { X } from 'lucide-react';
import { IconButton } from '../kit/button.tsx';
import { useRun } from '../run/use-run.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './hints.module.css';

/** One hint at a time, about what is happening now; dismissed once and for all. */
export function Hints() {
  const { view } = useServices();
  const { t } = useText();
  const dismissed = useView((state) => state.dismissedHints);
  const demo = useDocument((state) => state.document.demo);
  const hasPackets = useRun((snapshot) => snapshot.view.packets.size > 0);
  const hasOpened = useRun((snapshot) => snapshot.openMessage !== null);
  const wasBroken = useRun((snapshot) => snapshot.view.faults.size > 0);
  const hasTrace = useRun((snapshot) => snapshot.view.sagas.size > 0);
  const hint = (() => {
    if (hasPackets && !hasOpened && !dismissed.includes('dot')) return { id: 'dot', text: t('hint.dot') };
    if (demo?.break && hasTrace && !wasBroken && !dismissed.includes('break')) {
      return { id: 'break', text: t('hint.break', { label: demo.break.label }) };
    }
    return null;
  })();
  if (!hint) return null;
  return (
    <div className={styles.hint} role="note">
      {hint.text}
      <IconButton label={t('app.dismiss')} onClick={() => view.dismissHint(hint.id)}>
        <X size={13} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

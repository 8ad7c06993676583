import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { useText } from '../text/use-text.tsx';
import type { CrashReport } from './crash-boundary.tsx';
import styles from './crash-overlay.module.css';

interface CrashOverlayProps {
  report: CrashReport;
  seed: number;
  /** Downloads the event log of the run; rejects with the reason when it cannot be read. */
  onDownload: () => Promise<void>;
}

/** A bug: says so, keeps the way to repeat it. Simulated failures never come here. */
export function CrashOverlay({ report, seed, onDownload }: CrashOverlayProps) {
  const { t } = useText();
  const [refusal, setRefusal] = useState<string | null>(null);
  const download = (): void => {
    setRefusal(null);
    onDownload().catch((error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)));
  };
  return (
    <div className={styles.scrim}>
      <div className={styles.card} role="alertdialog" aria-labelledby="crash-title" aria-describedby="crash-body">
        <h2 id="crash-title">{t('crash.title')}</h2>
        <p id="crash-body">{t('crash.body')}</p>
        <p className={styles.message}>{report.message}</p>
        {refusal !== null && <p role="status">{t('crash.downloadFailed', { reason: refusal })}</p>}
        <details>
          <summary>{t('crash.details')}</summary>
          <pre>{report.details}</pre>
        </details>
        <div className={styles.actions}>
          <span className={styles.seed}>{t('crash.seed', { seed: String(seed) })}</span>
          <Button onClick={download}>{t('crash.download')}</Button>
          <Button look="primary" onClick={() => location.reload()}>
            {t('crash.reload')}
          </Button>
        </div>
      </div>
    </div>
  );
}

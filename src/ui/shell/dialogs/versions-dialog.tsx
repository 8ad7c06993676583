import { useEffect, useState } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { useDocument, useServices } from '../../services.tsx';
import { useProblemWords } from '../../text/problem-words.ts';
import { useText } from '../../text/use-text.tsx';
import styles from './library.module.css';
import { whenWords } from './when-words.ts';

/** Former states of the open document; each opens as a copy, the document itself stays. */
export function VersionsDialog() {
  const { files, view } = useServices();
  const { t, language } = useText();
  const name = useDocument((state) => state.document.name);
  const say = useProblemWords();
  const [listed, setListed] = useState<Awaited<ReturnType<typeof files.versions>> | null>(null);
  useEffect(() => void files.versions().then(setListed), [files]);
  return (
    <Dialog title={t('versions.title', { name })} width={560} onClose={() => view.openDialog(null)}>
      <p className={styles.about}>{t('versions.about')}</p>
      {listed === null && <p className={styles.about}>{t('documents.busy')}</p>}
      {listed?.ok === false && (
        <p className={styles.about}>
          {t('documents.unreadable', { reason: listed.error.map((problem) => say(problem).says).join('; ') })}
        </p>
      )}
      {listed?.ok && listed.value.length === 0 && <p className={styles.about}>{t('versions.none')}</p>}
      {listed?.ok && listed.value.length > 0 && (
        <ol className={styles.list} aria-label={t('versions.list')}>
          {listed.value.map(({ seq, at, edits, nodes }, index) => {
            const time = whenWords(at, language);
            return (
              <li key={seq} className={styles.row}>
                <span className={styles.name}>
                  <b>{time}</b>
                  <small>
                    {t('versions.edits', { count: edits })} · {t('versions.nodes', { count: nodes })}
                  </small>
                </span>
                {index === 0 && <Badge tone="plain">{t('versions.newest')}</Badge>}
                <Button
                  aria-label={t('versions.openAt', { time })}
                  onClick={() => {
                    view.openDialog(null);
                    void files.open({ kind: 'version', seq, name: `${name} (${time})` });
                  }}
                >
                  {t('versions.open')}
                </Button>
              </li>
            );
          })}
        </ol>
      )}
    </Dialog>
  );
}

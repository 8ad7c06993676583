import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { StoredDocument } from '../../../app/services.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { useServices } from '../../services.tsx';
import { useProblemWords } from '../../text/problem-words.ts';
import { useText } from '../../text/use-text.tsx';
import styles from './library.module.css';
import { whenWords } from './when-words.ts';

/** Every document of this browser: open it, or delete it with all that belongs to it. */
export function DocumentsDialog() {
  const { files, view } = useServices();
  const { t } = useText();
  const say = useProblemWords();
  const [listed, setListed] = useState<Awaited<ReturnType<typeof files.stored>> | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => void files.stored().then(setListed), [files]);
  const close = () => view.openDialog(null);
  const remove = async ({ id, name }: StoredDocument) => {
    const removed = await files.remove(id);
    setAsked(null);
    if (removed.ok) view.notify({ tone: 'ok', words: { key: 'documents.deleted', values: { name } } });
    else {
      const reason = removed.error.map((problem) => say(problem).says).join('; ');
      view.notify({ tone: 'error', words: { key: 'documents.failed', values: { name, reason } } });
    }
    setListed(await files.stored());
  };
  return (
    <Dialog title={t('documents.title')} width={560} onClose={close}>
      <p className={styles.about}>{t('documents.onlyHere')}</p>
      {listed === null && <p className={styles.about}>{t('documents.busy')}</p>}
      {listed?.ok === false && (
        <p className={styles.about}>
          {t('documents.unreadable', { reason: listed.error.map((problem) => say(problem).says).join('; ') })}
        </p>
      )}
      {listed?.ok && (
        <ul className={styles.list} aria-label={t('documents.list')}>
          {listed.value.map((stored) =>
            asked === stored.id ? (
              <Confirm
                key={stored.id}
                name={stored.name}
                onKeep={() => setAsked(null)}
                onDelete={() => void remove(stored)}
              />
            ) : (
              <Row
                key={stored.id}
                stored={stored}
                onOpen={() => {
                  close();
                  void files.open({ kind: 'stored', id: stored.id, name: stored.name });
                }}
                onDelete={() => setAsked(stored.id)}
              />
            ),
          )}
        </ul>
      )}
    </Dialog>
  );
}

function Row({ stored, onOpen, onDelete }: { stored: StoredDocument; onOpen: () => void; onDelete: () => void }) {
  const { t, language } = useText();
  const { name } = stored;
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        <b>{name}</b>
        <small>{t('documents.edited', { time: whenWords(stored.updatedAt, language) })}</small>
      </span>
      {stored.isHere ? (
        <Badge tone="plain">{t('documents.here')}</Badge>
      ) : (
        <>
          <Button aria-label={t('documents.openName', { name })} onClick={onOpen}>
            {t('documents.open')}
          </Button>
          <IconButton label={t('documents.delete', { name })} onClick={onDelete}>
            <Trash2 size={15} aria-hidden="true" />
          </IconButton>
        </>
      )}
    </li>
  );
}

function Confirm({ name, onKeep, onDelete }: { name: string; onKeep: () => void; onDelete: () => void }) {
  const { t } = useText();
  return (
    <li className={styles.row} data-asks="true">
      <span className={styles.name}>{t('documents.confirm', { name })}</span>
      {/* What keeps everything has the focus: a second Enter deletes nothing. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <Button autoFocus onClick={onKeep}>
        {t('documents.keep')}
      </Button>
      <Button look="danger" onClick={onDelete}>
        {t('documents.confirmDelete')}
      </Button>
    </li>
  );
}

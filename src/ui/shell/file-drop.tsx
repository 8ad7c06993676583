import { useEffect, useState } from 'react';
import { openFile } from '../../app/commands/document-actions.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './file-drop.module.css';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** A file dropped anywhere on the page is opened. */
export function FileDrop() {
  const services = useServices();
  const { t } = useText();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void openFile(services, file);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [services]);
  if (!isOver) return null;
  return <div className={styles.drop}>{t('open.drop')}</div>;
}

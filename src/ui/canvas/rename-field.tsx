import { useLayoutEffect, useRef } from 'react';
import { renameRecord } from '../../app/commands/edit-actions.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './canvas.module.css';

/** The name of a node or frame, edited in place: Enter keeps it, Escape does not. */
export function RenameField({ record, value }: { record: string; value: string }) {
  const services = useServices();
  const { t } = useText();
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useLayoutEffect(() => {
    const take = () => {
      if (document.activeElement === field.current) return;
      field.current?.focus();
      field.current?.select();
    };
    take();
    // Once more after the gesture that opened it: a double click gives the focus back to the canvas.
    const frame = requestAnimationFrame(take);
    return () => cancelAnimationFrame(frame);
  }, []);
  const finish = (keep: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    const text = field.current?.value.trim() ?? '';
    services.view.setRenaming(null);
    if (keep && text !== '' && text !== value) renameRecord(services, record, text);
  };
  return (
    <input
      ref={field}
      className={`nodrag ${styles.rename}`}
      aria-label={t('command.rename')}
      defaultValue={value}
      maxLength={80}
      spellCheck={false}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') finish(true);
        if (event.key === 'Escape') finish(false);
      }}
      onBlur={() => finish(true)}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}

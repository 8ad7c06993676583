import { Button } from '../kit/button.tsx';
import { useCommand } from '../kit/use-command.ts';
import { useDocument } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './read-only-bar.module.css';

/** Says that another tab writes the document, and how to go on: take it over, or open a copy. */
export function ReadOnlyBar() {
  const { t } = useText();
  const isReadOnly = useDocument((state) => state.saved === 'readonly');
  const takeOver = useCommand('document.takeOver');
  const copy = useCommand('document.copy');
  if (!isReadOnly || !takeOver || !copy) return null;
  return (
    <section className={styles.bar} aria-label={t('app.readOnly')} data-testid="read-only">
      <p>{t('readOnly.bar')}</p>
      <Button look="primary" tip={t('readOnly.tip')} onClick={takeOver.perform}>
        {takeOver.label}
      </Button>
      <Button onClick={copy.perform}>{copy.label}</Button>
    </section>
  );
}

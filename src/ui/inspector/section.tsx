import { ArrowDown, ArrowUp, ChevronRight, Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '../kit/button.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './inspector.module.css';

/** A titled part of the inspector. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h3>
        {title}
        {aside && <span className={styles.aside}>{aside}</span>}
      </h3>
      {children}
    </section>
  );
}

interface ItemCardProps {
  /** What it is, in a few words. */
  title: ReactNode;
  /** Name for screen readers and buttons. */
  name: string;
  startsOpen?: boolean;
  onRemove?: (() => void) | undefined;
  /** Moves it up (-1) or down (1) in its list; absent at the ends. */
  onMove?: ((by: -1 | 1) => void) | undefined;
  isFirst?: boolean;
  isLast?: boolean;
  children: ReactNode;
}

/** One item of a list that can be opened, moved and removed. */
export function ItemCard({ title, name, startsOpen, onRemove, onMove, isFirst, isLast, children }: ItemCardProps) {
  const [isOpen, setOpen] = useState(startsOpen ?? false);
  const { t } = useText();
  return (
    <li className={styles.item} data-open={isOpen}>
      <div className={styles.itemHead}>
        <button type="button" className={styles.itemTitle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <ChevronRight size={12} aria-hidden="true" />
          {title}
        </button>
        <span className={styles.itemTools}>
          {onMove && !isFirst && (
            <IconButton label={t('list.up', { name })} onClick={() => onMove(-1)}>
              <ArrowUp size={12} aria-hidden="true" />
            </IconButton>
          )}
          {onMove && !isLast && (
            <IconButton label={t('list.down', { name })} onClick={() => onMove(1)}>
              <ArrowDown size={12} aria-hidden="true" />
            </IconButton>
          )}
          {onRemove && (
            <IconButton label={t('list.remove', { name })} onClick={onRemove}>
              <Trash2 size={12} aria-hidden="true" />
            </IconButton>
          )}
        </span>
      </div>
      {isOpen && <div className={styles.itemBody}>{children}</div>}
    </li>
  );
}

/** The button under a list. */
export function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button look="ghost" onClick={onClick}>
      <Plus size={13} aria-hidden="true" />
      {label}
    </Button>
  );
}

/** A list with one item moved by one place. */
export function movedBy<T>(list: readonly T[], index: number, by: -1 | 1): T[] {
  const next = [...list];
  const [item] = next.splice(index, 1);
  if (item !== undefined) next.splice(index + by, 0, item);
  return next;
}

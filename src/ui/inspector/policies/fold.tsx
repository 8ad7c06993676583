import { ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SwitchField } from '../fields.tsx';
import styles from './policies.module.css';

/** Folded parts under each other. */
export function Folds({ children }: { children: ReactNode }) {
  return <div className={styles.folds}>{children}</div>;
}

interface FoldProps {
  title: string;
  /** What is set, in one line; null = nothing. */
  summary: string | null;
  /** One sentence that explains it, above the fields. */
  explain?: string | undefined;
  children: ReactNode;
}

/** A part that is closed until it is asked for, and says in one line what is set. */
export function Fold({ title, summary, explain, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false);
  const { t } = useText();
  return (
    <div className={styles.fold} data-open={isOpen}>
      <button type="button" aria-expanded={isOpen} data-tip={explain} onClick={() => setOpen(!isOpen)}>
        <ChevronRight size={12} aria-hidden="true" />
        <span>{title}</span>
        <span className={styles.summary} data-set={summary !== null}>
          {summary ?? t('policy.notSet')}
        </span>
      </button>
      {isOpen && (
        <div className={styles.body}>
          {explain !== undefined && <p className={styles.explain}>{explain}</p>}
          {children}
        </div>
      )}
    </div>
  );
}

interface OptionalFoldProps<T> {
  title: string;
  explain?: string;
  value: T | undefined;
  /** Taken when it is switched on. */
  fresh: T;
  summary: (value: T) => string;
  onCommit: Commit<T | undefined>;
  children: (value: T, change: Commit<T>) => ReactNode;
}

/** A policy that may be absent: folded, with a switch before its fields. */
export function OptionalFold<T>({ title, explain, value, fresh, summary, onCommit, children }: OptionalFoldProps<T>) {
  return (
    <Fold title={title} explain={explain} summary={value === undefined ? null : summary(value)}>
      <SwitchField label={title} value={value !== undefined} onCommit={(isOn) => onCommit(isOn ? fresh : undefined)} />
      {value !== undefined && children(value, onCommit)}
    </Fold>
  );
}

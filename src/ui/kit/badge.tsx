import type { ReactNode } from 'react';
import styles from './badge.module.css';

/** A small word about a state: tone says it by colour, the words say it too. */
export function Badge({ tone, children }: { tone: 'ok' | 'amber' | 'err' | 'plain'; children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {children}
    </span>
  );
}

import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

export interface TabItem {
  id: string;
  label: string;
  /** A number after the label; `tone` colours it. */
  count?: string;
  tone?: 'plain' | 'amber' | 'err';
  content: ReactNode;
}

/** Tabs with their panels; only the chosen panel is drawn. Load it lazily. */
export function Tabs({
  items,
  value,
  onChange,
  label,
}: {
  items: readonly TabItem[];
  value: string;
  onChange: (id: string) => void;
  label: string;
}) {
  return (
    <BaseTabs.Root className={styles.root} value={value} onValueChange={(next) => onChange(String(next))}>
      <BaseTabs.List className={styles.list} aria-label={label}>
        {items.map((item) => (
          <BaseTabs.Tab key={item.id} value={item.id} className={styles.tab}>
            {item.label}
            {item.count && (
              <span className={styles.count} data-tone={item.tone}>
                {item.count}
              </span>
            )}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {items.map((item) => (
        <BaseTabs.Panel key={item.id} value={item.id} className={styles.panel}>
          {item.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}

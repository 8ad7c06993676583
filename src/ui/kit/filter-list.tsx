import { Search } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { classes } from './classes.ts';
import { filterItems, type FilterItem } from './filter-items.ts';
import styles from './filter-list.module.css';
import { MenuIcon } from './menu-icon.tsx';
import { Kbd } from './kbd.tsx';

interface FilterListProps {
  items: readonly FilterItem[];
  placeholder: string;
  empty: string;
  label: string;
  onChoose: (id: string) => void;
}

/** A search field over a list: type, move with the arrow keys, choose with Enter. */
export function FilterList({ items, placeholder, empty, label, onChoose }: FilterListProps) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => filterItems(items, query), [items, query]);
  const current = Math.min(active, found.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, query]);

  const choose = (item: FilterItem | undefined) => {
    if (item && item.disabledReason == null) onChoose(item.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = found.length - 1;
    if (event.key === 'ArrowDown') setActive(current >= last ? 0 : current + 1);
    else if (event.key === 'ArrowUp') setActive(current <= 0 ? last : current - 1);
    else if (event.key === 'Home') setActive(0);
    else if (event.key === 'End') setActive(last);
    else if (event.key === 'Enter') choose(found[current]);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.root}>
      <div className={styles.field}>
        <Search size={16} aria-hidden="true" />
        <input
          // The list is opened to be typed into.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found[current] ? `${id}-${current}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={query}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
        />
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={styles.list}>
        {found.map((item, index) => (
          <div key={item.id} role="presentation">
            {item.section && item.section !== found[index - 1]?.section && query === '' && (
              <div className={styles.section} aria-hidden="true">
                {item.section}
              </div>
            )}
            {/* Options take no focus of their own: the field keeps it (combobox pattern). */}
            {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              aria-disabled={item.disabledReason != null || undefined}
              className={classes(styles.option, index === current && styles.active)}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(item)}
            >
              {item.icon && <MenuIcon name={item.icon} />}
              <span className={styles.label}>{item.label}</span>
              {(item.disabledReason ?? item.hint) && (
                <span className={styles.hint}>{item.disabledReason ?? item.hint}</span>
              )}
              {item.shortcut && <Kbd shortcut={item.shortcut} />}
            </div>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.empty}>{empty}</p>}
    </div>
  );
}

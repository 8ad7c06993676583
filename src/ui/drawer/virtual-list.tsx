import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import styles from './drawer.module.css';

interface VirtualListProps<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  /** px of one row. */
  row: number;
  label: string;
  selected: string | null;
  onSelect: (item: T) => void;
  /** Enter and a press, where that is more than selecting with the arrow keys. */
  onOpen?: (item: T) => void;
  render: (item: T) => ReactNode;
  /** Shown instead of rows when there are none. */
  empty: ReactNode;
}

const PAGE = 10;

/** The row that a key leads to, or null when it is no key of a list. */
function nextRow(key: string, from: number, last: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'PageDown':
      return Math.min(last, from + PAGE);
    case 'PageUp':
      return Math.max(0, from - PAGE);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** A list of any length: only what is visible is drawn. Arrow keys, Home and End select. */
export function VirtualList<T>({
  items,
  idOf,
  row,
  label,
  selected,
  onSelect,
  onOpen,
  render,
  empty,
}: VirtualListProps<T>) {
  const scroll = useRef<HTMLDivElement>(null);
  // Nothing here is memoized by a compiler, so functions that must not be are no trouble.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => row,
    overscan: 8,
  });
  const at = selected === null ? -1 : items.findIndex((item) => idOf(item) === selected);
  const wasSelected = useRef<string | null>(null);
  /** Where the keys are: a selection is shown only in the next frame, and the next key may come before it. */
  const cursor = useRef<string | null>(null);
  useEffect(() => {
    cursor.current = selected;
    // Follows a selection that was made elsewhere, but does not fight with scrolling.
    if (selected === wasSelected.current) return;
    wasSelected.current = selected;
    if (at >= 0) virtual.scrollToIndex(at);
  }, [selected, at, virtual]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const from = cursor.current === null ? -1 : items.findIndex((item) => idOf(item) === cursor.current);
    if (event.key === 'Enter' && from >= 0) {
      const item = items[from];
      if (item !== undefined) (onOpen ?? onSelect)(item);
      return;
    }
    const next = nextRow(event.key, from, items.length - 1);
    if (next === null) return;
    event.preventDefault();
    const item = items[next];
    if (item === undefined) return;
    cursor.current = idOf(item);
    onSelect(item);
  };
  if (items.length === 0) return <div className={styles.empty}>{empty}</div>;
  return (
    <div
      ref={scroll}
      className={styles.scroll}
      // A native list box can neither be virtual nor hold columns.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={at >= 0 ? `${label}-${selected}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((shown) => {
          const item = items[shown.index];
          if (item === undefined) return null;
          const id = idOf(item);
          return (
            // The list itself takes the keys: one tab stop, an active descendant.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div
              key={id}
              id={`${label}-${id}`}
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
              role="option"
              aria-selected={id === selected}
              aria-posinset={shown.index + 1}
              aria-setsize={items.length}
              className={styles.row}
              style={{ height: row, transform: `translateY(${shown.start}px)` }}
              onClick={() => (onOpen ?? onSelect)(item)}
            >
              {render(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

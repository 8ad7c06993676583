import { useState, type ReactNode } from 'react';
import type { Problem } from '../../core/base/result.ts';
import type { Commit } from './apply-edit.ts';
import { ProblemLine } from './fields.tsx';
import styles from './inspector.module.css';
import { withoutUndefined } from './record.ts';
import { AddButton, ItemCard, movedBy } from './section.tsx';

interface ListFieldProps<T extends object> {
  items: readonly T[];
  /** Tells items apart; an item that an edit of its fields renames stays open. */
  keyOf: (item: T) => string;
  /** Name for screen readers and buttons. */
  nameOf: (item: T) => string;
  /** What it is, in a few words. */
  titleOf: (item: T) => ReactNode;
  onChange: Commit<T[]>;
  /** Absent: nothing can be added; `missing` says why. */
  add?: { label: string; make: () => T } | undefined;
  missing?: string;
  /** False: the order means nothing, items are not moved. */
  isOrdered?: boolean;
  /** Replaces `onChange` where removing takes more along. */
  onRemove?: Commit<T>;
  /** The fields of one item; `change` takes the whole new item, emptied optional fields as undefined. */
  children: (item: T, change: Commit<T>, index: number) => ReactNode;
}

/** Keys of the cards of a list: each item keeps its own, also under another name. */
class CardKeys {
  private readonly known = new Map<string, number>();
  private next = 0;

  of(item: string): number {
    const key = this.known.get(item) ?? (this.next += 1);
    this.known.set(item, key);
    return key;
  }

  rename(from: string, to: string): void {
    if (from === to) return;
    this.known.set(to, this.of(from));
    this.known.delete(from);
  }
}

/** A list of records: each can be opened, edited, moved and removed, and one can be added. A refused change says why under the list. */
export function ListField<T extends object>(props: ListFieldProps<T>) {
  const { items, keyOf, nameOf, titleOf, onChange, add, missing, isOrdered = true, onRemove, children } = props;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [cards] = useState(() => new CardKeys());
  const changeAt = (index: number, next: T): Problem | null => {
    const from = keyOf(items[index] ?? next);
    // The name of another item will be refused.
    const to = items.some((known, at) => at !== index && keyOf(known) === keyOf(next)) ? from : keyOf(next);
    // Before the list is drawn anew.
    cards.rename(from, to);
    const found = onChange(items.map((known, at) => (at === index ? withoutUndefined(next) : known)));
    if (found !== null) cards.rename(to, from);
    return found;
  };
  const remove = (item: T) => (onRemove ? onRemove(item) : onChange(items.filter((known) => known !== item)));
  return (
    <>
      <ol className={styles.list}>
        {items.map((item, index) => (
          <ItemCard
            key={cards.of(keyOf(item))}
            name={nameOf(item)}
            title={titleOf(item)}
            isFirst={index === 0}
            isLast={index === items.length - 1}
            onMove={isOrdered ? (by) => setProblem(onChange(movedBy(items, index, by))) : undefined}
            onRemove={() => setProblem(remove(item))}
          >
            {children(item, (next) => changeAt(index, next), index)}
          </ItemCard>
        ))}
      </ol>
      <ProblemLine problem={problem} />
      {add ? (
        <AddButton label={add.label} onClick={() => setProblem(onChange([...items, add.make()]))} />
      ) : (
        missing !== undefined && <p className={styles.dim}>{missing}</p>
      )}
    </>
  );
}

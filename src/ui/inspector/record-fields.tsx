import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../core/base/result.ts';
import { freeId } from '../../core/topology/wiring/default-behaviour.ts';
import type { LinkKind } from '../../core/topology/schema/types.ts';
import { IconButton } from '../kit/button.tsx';
import { useDocument } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import type { Commit } from './apply-edit.ts';
import { ProblemLine, SwitchField, TextField } from './fields.tsx';
import styles from './inspector.module.css';
import { AddButton } from './section.tsx';

interface OptionalFieldsProps<T> {
  /** What is switched on or off. */
  label: string;
  tip?: string;
  value: T | undefined;
  /** Taken when it is switched on. */
  fresh: T;
  onCommit: Commit<T | undefined>;
  children: (value: T, change: Commit<T>) => ReactNode;
}

/** A part of a record that may be absent: a switch, and its fields while it is there. */
export function OptionalFields<T>({ label, tip, value, fresh, onCommit, children }: OptionalFieldsProps<T>) {
  return (
    <>
      <SwitchField
        label={label}
        {...(tip !== undefined && { tip })}
        value={value !== undefined}
        onCommit={(isOn) => onCommit(isOn ? fresh : undefined)}
      />
      {value !== undefined && children(value, onCommit)}
    </>
  );
}

interface WordsFieldProps {
  label: string;
  tip?: string;
  value: readonly string[] | undefined;
  /** Undefined when the field was emptied. */
  onCommit: Commit<string[] | undefined>;
  /** How each word is written. */
  spell?: (word: string) => string;
}

/** Several words in one line, separated by commas or blanks. */
export function WordsField({ label, tip, value, onCommit, spell = (word) => word }: WordsFieldProps) {
  return (
    <TextField
      label={label}
      {...(tip !== undefined && { tip })}
      value={value?.join(', ') ?? ''}
      isMono
      onCommit={(text) => {
        const words = text.split(/[\s,]+/).filter(Boolean);
        return onCommit(words.length > 0 ? words.map(spell) : undefined);
      }}
    />
  );
}

interface PairsFieldProps {
  label: string;
  value: Readonly<Record<string, string>> | undefined;
  /** Undefined when the last pair is gone. */
  onCommit: Commit<Record<string, string> | undefined>;
  addLabel: string;
  /** Name of a new pair; a number follows when it is taken. */
  freshName: string;
  /** Its text, where an empty one would be refused. */
  freshText?: string;
}

/** Names with a text each: headers, query parameters, labels. */
export function PairsField({ label, value = {}, onCommit, addLabel, freshName, freshText = '' }: PairsFieldProps) {
  const { t } = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const pairs = Object.entries(value);
  const commit = (next: readonly (readonly [string, string])[]) =>
    setProblem(onCommit(next.length === 0 ? undefined : Object.fromEntries(next)));
  const replace = (index: number, pair: readonly [string, string]) =>
    commit(pairs.map((known, at) => (at === index ? pair : known)));
  return (
    <div className={styles.pairs} role="group" aria-label={label}>
      <span>{label}</span>
      {pairs.map(([name, text], index) => (
        <div key={name} className={styles.pair}>
          <Cell label={t('field.name')} value={name} onCommit={(next) => replace(index, [next, text])} />
          <Cell label={t('steps.value')} value={text} onCommit={(next) => replace(index, [name, next])} />
          <IconButton label={t('list.remove', { name })} onClick={() => commit(pairs.filter((_, at) => at !== index))}>
            <X size={12} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <ProblemLine problem={problem} />
      <AddButton
        label={addLabel}
        onClick={() => commit([...pairs, [freeId(freshName, new Set(Object.keys(value))), freshText]])}
      />
    </div>
  );
}

/** One cell of a row: applied when it is left or with Enter. */
export function Cell({ label, value, onCommit }: { label: string; value: string; onCommit: (next: string) => void }) {
  return (
    <input
      type="text"
      className={styles.mono}
      aria-label={label}
      spellCheck={false}
      defaultValue={value}
      onBlur={(event) => event.target.value !== value && onCommit(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') event.currentTarget.value = value;
      }}
    />
  );
}

/** Nodes that links of a kind lead to, or come from, as options of a choice. */
export function useLinked(
  node: string,
  kind: LinkKind,
  end: 'to' | 'from' = 'to',
): readonly { value: string; label: string }[] {
  const document = useDocument((state) => state.document);
  const start = end === 'to' ? 'from' : 'to';
  return Object.values(document.links)
    .filter((link) => link.kind === kind && link[start].node === node)
    .map((link) => link[end].node)
    .map((id) => ({ value: id, label: document.nodes[id]?.title ?? id }));
}

import type { KeyboardEvent } from 'react';
import type { Problem } from '../../core/base/result.ts';
import { useText } from '../text/use-text.tsx';
import { localProblem, type Commit } from './apply-edit.ts';
import { useDraft } from './draft.ts';
import { Field, SwitchField } from './fields.tsx';
import styles from './fields.module.css';

interface NumberFieldProps {
  label: string;
  tip?: string;
  value: number | null;
  onCommit: Commit<number>;
  /** What an emptied field does; without it a number is needed. */
  onEmpty?: () => Problem | null;
  unit?: string;
  min?: number;
  max?: number;
  /** What an arrow key adds; ten times as much with Shift. */
  step?: number;
}

/** The number that a text means, or null: digits with a point or a comma, nothing else. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replaceAll(/[\s ]/g, '').replace(',', '.').replace('−', '-');
  return /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(plain) ? Number(plain) : null;
}

/** A number; applied when the field is left or with Enter, put back with Escape. What is outside of its range stays in the field and says so. */
export function NumberField({ label, tip, value, onCommit, onEmpty, unit, min, max, step = 1 }: NumberFieldProps) {
  const { t, number, language } = useText();
  const print = (shown: number) => new Intl.NumberFormat(language, PLAIN).format(shown);
  const judge = (text: string): Problem | number => {
    const found = readNumber(text);
    if (found === null) return localProblem('NUMBER_INVALID', t('field.needsNumber', { found: text.trim() }));
    const isBelow = min !== undefined && found < min;
    if (!isBelow && !(max !== undefined && found > max)) return found;
    const range = { min: number(min ?? 0, 6), max: number(max ?? 0, 6), found: number(found, 6) };
    const key = max === undefined ? 'field.atLeast' : min === undefined ? 'field.atMost' : 'field.between';
    return localProblem('NUMBER_RANGE', t(key, range));
  };
  const draft = useDraft(value === null ? '' : print(value), (text) => {
    if (text.trim() === '' && onEmpty) return onEmpty();
    const judged = judge(text);
    if (typeof judged !== 'number') return judged;
    return judged === value ? null : onCommit(judged);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') draft.finish();
    if (event.key === 'Escape') draft.reset();
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    const by = (event.key === 'ArrowUp' ? step : -step) * (event.shiftKey ? 10 : 1);
    const next = (readNumber(draft.shown) ?? value ?? 0) + by;
    // Steps end at the bounds; only what is typed can be outside.
    draft.take(print(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, next))));
  };
  return (
    <Field label={label} tip={tip} problem={draft.problem}>
      {(id, describedBy) => (
        <span className={styles.number}>
          <input
            id={id}
            className={styles.input}
            role="spinbutton"
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            value={draft.shown}
            aria-valuenow={value ?? undefined}
            aria-valuemin={min}
            aria-valuemax={max}
            aria-invalid={draft.problem !== null}
            aria-describedby={describedBy}
            onChange={(event) => draft.setDraft(event.target.value)}
            onBlur={draft.finish}
            onKeyDown={onKeyDown}
          />
          {unit && <span className={styles.unit}>{unit}</span>}
        </span>
      )}
    </Field>
  );
}

/** As it is typed: no groups, no exponent, at most six digits after the point. */
const PLAIN = { useGrouping: false, maximumFractionDigits: 6 } as const;

/** A span of time in milliseconds. */
export function DurationField(props: Omit<NumberFieldProps, 'unit'>) {
  const { t } = useText();
  return <NumberField min={0} {...props} unit={t('units.ms')} />;
}

interface NullableNumberProps extends Omit<NumberFieldProps, 'value' | 'onCommit'> {
  value: number | null;
  /** What null means, in words. */
  nullLabel: string;
  /** Taken when null is switched off. */
  fallback: number;
  onCommit: Commit<number | null>;
}

/** A number, or nothing with a meaning of its own (never, unlimited). */
export function NullableNumberField({ value, nullLabel, fallback, onCommit, ...rest }: NullableNumberProps) {
  return (
    <>
      <SwitchField label={nullLabel} value={value === null} onCommit={(isNull) => onCommit(isNull ? null : fallback)} />
      {value !== null && <NumberField {...rest} value={value} onCommit={onCommit} />}
    </>
  );
}

/** When a crashed instance starts again; the same for every kind that restarts. */
export function RestartField({
  value,
  fallback = 2000,
  onCommit,
}: {
  value: number | null;
  fallback?: number;
  onCommit: Commit<number | null>;
}) {
  const { t } = useText();
  return (
    <NullableNumberField
      label={t('field.restart')}
      tip={t('field.restart.tip')}
      nullLabel={t('field.restart.never')}
      value={value}
      fallback={fallback}
      min={0}
      unit={t('units.ms')}
      onCommit={onCommit}
    />
  );
}

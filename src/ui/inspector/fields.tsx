import { Switch } from '@base-ui/react/switch';
import { useId, useState, type ReactNode } from 'react';
import type { Json } from '../../core/base/json.ts';
import type { Problem } from '../../core/base/result.ts';
import { classes } from '../kit/classes.ts';
import { useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import { localProblem, parseLoose, printLoose, type Commit } from './apply-edit.ts';
import { useDraft } from './draft.ts';
import styles from './fields.module.css';

interface FieldProps {
  label: string;
  /** One sentence shown on hover. */
  tip?: string | undefined;
  problem: Problem | null;
  /** Above the control instead of beside it. */
  isTall?: boolean;
  children: (id: string, describedBy: string | undefined) => ReactNode;
}

/** A label, its control, and under it what is wrong with the value. */
export function Field({ label, tip, problem, isTall, children }: FieldProps) {
  const id = useId();
  const say = useProblemWords();
  const said = problem && say(problem);
  return (
    <div className={classes(styles.field, isTall && styles.tall)} data-problem={problem !== null}>
      <label htmlFor={id} data-tip={tip}>
        {label}
      </label>
      <div className={styles.control}>{children(id, problem ? `${id}-problem` : undefined)}</div>
      {said && (
        <p id={`${id}-problem`} className={styles.problem} role="alert">
          {said.fix ? `${said.says.replace(/\.$/, '')}. ${said.fix}` : said.says}
        </p>
      )}
    </div>
  );
}

/** Why a change was refused that has no field of its own, such as a removal. */
export function ProblemLine({ problem }: { problem: Problem | null }) {
  const say = useProblemWords();
  return (
    problem && (
      <p className={styles.problem} role="alert">
        {say(problem).says}
      </p>
    )
  );
}

interface TextFieldProps {
  label: string;
  tip?: string;
  value: string;
  onCommit: Commit<string>;
  isMono?: boolean;
  lines?: number;
  placeholder?: string;
}

/** Text; applied when the field is left or with Enter, put back with Escape. */
export function TextField({ label, tip, value, onCommit, isMono, lines = 1, placeholder }: TextFieldProps) {
  const draft = useDraft(value, onCommit);
  return (
    <Field label={label} tip={tip} problem={draft.problem} isTall={lines > 1}>
      {(id, describedBy) => {
        const props = {
          id,
          value: draft.shown,
          placeholder,
          spellCheck: false,
          autoComplete: 'off',
          className: classes(styles.input, isMono && styles.mono),
          'aria-invalid': draft.problem !== null,
          'aria-describedby': describedBy,
          onBlur: draft.finish,
        };
        if (lines > 1) {
          return <textarea {...props} rows={lines} onChange={(event) => draft.setDraft(event.target.value)} />;
        }
        return (
          <input
            {...props}
            onChange={(event) => draft.setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') draft.finish();
              if (event.key === 'Escape') draft.reset();
            }}
          />
        );
      }}
    </Field>
  );
}

interface JsonFieldProps {
  label: string;
  tip?: string;
  value: Json | undefined;
  /** Undefined when the field was emptied and may be. */
  onCommit: Commit<Json | undefined>;
  isOptional?: boolean;
  /** Only an object is taken. */
  isObject?: boolean;
}

/** JSON with expressions; a whole `${ … }` may stand without quotes. */
export function JsonField({ label, tip, value, onCommit, isOptional, isObject }: JsonFieldProps) {
  const { t } = useText();
  const text = printLoose(value);
  return (
    <TextField
      label={label}
      {...(tip && { tip })}
      value={text}
      isMono
      lines={Math.min(14, Math.max(2, text.split('\n').length))}
      onCommit={(next) => {
        if (next.trim() === '' && isOptional) return onCommit(undefined);
        const parsed = parseLoose(next);
        if (!parsed.ok) return parsed.problem;
        const isRecord = typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value);
        if (isObject && !isRecord) return localProblem('JSON_NOT_OBJECT', t('field.needsObject'));
        return onCommit(parsed.value);
      }}
    />
  );
}

interface SelectFieldProps<T extends string> {
  label: string;
  tip?: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onCommit: Commit<T>;
  /** Options are long: the list has the whole line under its label. */
  isTall?: boolean;
}

/** One of several. The browser's own list: it works with every keyboard, screen reader and finger. */
export function SelectField<T extends string>({
  label,
  tip,
  value,
  options,
  onCommit,
  isTall = false,
}: SelectFieldProps<T>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const isKnown = options.some((option) => option.value === value);
  return (
    <Field label={label} tip={tip} problem={problem} isTall={isTall}>
      {(id, describedBy) => (
        <select
          id={id}
          className={styles.select}
          value={value}
          aria-describedby={describedBy}
          onChange={(event) => setProblem(onCommit(event.target.value as T))}
        >
          {!isKnown && <option value={value}>{value || '–'}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface SwitchFieldProps {
  label: string;
  tip?: string;
  value: boolean;
  onCommit: Commit<boolean>;
}

/** On or off. */
export function SwitchField({ label, tip, value, onCommit }: SwitchFieldProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Field label={label} tip={tip} problem={problem}>
      {(id) => (
        <Switch.Root
          id={id}
          aria-label={label}
          className={styles.switch}
          checked={value}
          onCheckedChange={(next) => setProblem(onCommit(next))}
        >
          <Switch.Thumb className={styles.thumb} />
        </Switch.Root>
      )}
    </Field>
  );
}

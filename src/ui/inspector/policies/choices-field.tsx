import { useState } from 'react';
import type { Problem } from '../../../core/base/result.ts';
import type { Commit } from '../apply-edit.ts';
import { ProblemLine } from '../fields.tsx';
import styles from './policies.module.css';

interface ChoicesFieldProps {
  label: string;
  tip?: string;
  value: readonly string[];
  options: readonly { value: string; label: string }[];
  onCommit: Commit<string[]>;
}

/** Any of several, each with a box; kept in the order of the options. */
export function ChoicesField({ label, tip, value, options, onCommit }: ChoicesFieldProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const chosen = (option: string, isOn: boolean) =>
    options.map((one) => one.value).filter((known) => (known === option ? isOn : value.includes(known)));
  return (
    <div className={styles.choices} role="group" aria-label={label}>
      <span data-tip={tip}>{label}</span>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="checkbox"
              checked={value.includes(option.value)}
              onChange={(event) => setProblem(onCommit(chosen(option.value, event.target.checked)))}
            />
            {option.label}
          </label>
        ))}
      </div>
      <ProblemLine problem={problem} />
    </div>
  );
}

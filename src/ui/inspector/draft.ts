import { useState } from 'react';
import type { Problem } from '../../core/base/result.ts';
import type { Commit } from './apply-edit.ts';

/** Draft of a field: kept while it is wrong, thrown away when the value changes elsewhere (undo). */
export function useDraft(value: string, commit: Commit<string>) {
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setDraft(null);
    setProblem(null);
  }
  const take = (next: string) => {
    const found = next === value ? null : commit(next);
    setProblem(found);
    setDraft(found ? next : null);
  };
  return {
    shown: draft ?? value,
    problem,
    setDraft,
    /** Applies a value at once. */
    take,
    /** Applies what was typed. */
    finish: () => draft !== null && take(draft),
    /** Puts the value back. */
    reset: () => {
      setDraft(null);
      setProblem(null);
    },
  };
}

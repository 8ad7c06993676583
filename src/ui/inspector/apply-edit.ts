import { readDocument, validateDocument } from '../../core/topology/check/validate.ts';
import type { Json } from '../../core/base/json.ts';
import type { Problem, Result } from '../../core/base/result.ts';
import { applyDiff } from '../../core/topology/edit/diff.ts';
import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';
import { appProblem } from '../../app/app-texts.ts';
import { refuseWhenReadOnly } from '../../app/commands/edit-actions.ts';
import type { Services } from '../../app/services.ts';

/** What a field does with a new value: applies it, or says why not. */
export type Commit<T> = (value: T) => Problem | null;

/** Applies an edit when it brings no new error; otherwise changes nothing and returns the first new problem. */
export function applyEdit(
  services: Pick<Services, 'documents' | 'view'>,
  plan: (document: Document) => Result<TopologyDiff>,
): Problem | null {
  if (refuseWhenReadOnly(services)) return appProblem('READ_ONLY', '', {});
  const { documents } = services;
  const before = documents.get().document;
  const planned = plan(before);
  if (!planned.ok) return planned.error[0] ?? null;
  const after = applyDiff(before, planned.value);
  const problem = firstNewError(before, after);
  if (problem) return problem;
  documents.edit('edit.configure', () => planned);
  return null;
}

/** A problem of what was typed, before any document is concerned. */
export const localProblem = (code: string, message: string): Problem => ({ code, message, at: '', severity: 'error' });

function firstNewError(before: Document, after: Document): Problem | null {
  const shape = readDocument(after as unknown as Json);
  if (!shape.ok) return shape.error[0] ?? null;
  const known = new Set(errorsOf(before).map(keyOf));
  return errorsOf(after).find((problem) => !known.has(keyOf(problem))) ?? null;
}
const errorsOf = (document: Document) => validateDocument(document).filter(({ severity }) => severity === 'error');
const keyOf = ({ code, at, message }: Problem) => `${code} ${at} ${message}`;

/** JSON as people type it: a whole `${ expression }` needs no quotes. */
export function parseLoose(text: string): { ok: true; value: Json } | { ok: false; problem: Problem } {
  const trimmed = text.trim();
  if (/^\$\{[\s\S]*\}$/.test(trimmed)) return { ok: true, value: trimmed };
  try {
    return { ok: true, value: JSON.parse(trimmed) as Json };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: localProblem('JSON_SYNTAX', `Failed to read the JSON: ${reason}`) };
  }
}

/** The reverse of `parseLoose`. */
export function printLoose(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^\$\{[\s\S]*\}$/.test(value.trim())) return value;
  return JSON.stringify(value, null, 2);
}

import { applyDiff, invertDiff, isEmptyDiff, mergeDiffs } from './diff.ts';
import type { Document, TopologyDiff } from '../schema/types.ts';

/** Undo steps that are kept; the oldest go first. */
export const HISTORY_LIMIT = 1_000;

/** One undo step: what it changed, what it is called, and which gesture it belongs to. */
export interface HistoryEntry {
  diff: TopologyDiff;
  /** Name of the command, such as `move` or `connect`. */
  label: string;
  /** Steps with the same key that follow each other become one (a drag, typing into one field). */
  coalesce: string | null;
}
/** A place in the past with a name: the number of steps before it. */
export interface HistoryMark {
  name: string;
  at: number;
}
/** Plain, immutable data; kept by the document store beside the document. */
export interface History {
  past: readonly HistoryEntry[];
  future: readonly HistoryEntry[];
  marks: readonly HistoryMark[];
  /** Open transaction: steps from this index on become one when it ends; null when none is open. */
  transactionAt: number | null;
}
/** A document together with its history after a move in time, and the diff that was applied. */
export interface TimeTravel {
  document: Document;
  history: History;
  diff: TopologyDiff;
}

export const emptyHistory: History = { past: [], future: [], marks: [], transactionAt: null };

/** Drops steps beyond the limit and marks that lost their place. */
function trim(history: History): History {
  const excess = history.past.length - HISTORY_LIMIT;
  if (excess <= 0) return history;
  return {
    ...history,
    past: history.past.slice(excess),
    marks: history.marks.filter((mark) => mark.at >= excess).map((mark) => ({ ...mark, at: mark.at - excess })),
    transactionAt: history.transactionAt === null ? null : Math.max(0, history.transactionAt - excess),
  };
}

function append(history: History, entry: HistoryEntry): History {
  const last = history.past[history.past.length - 1];
  const marks = history.marks.filter((mark) => mark.at <= history.past.length);
  const isOpen = !marks.some((mark) => mark.at === history.past.length);
  const mayJoin =
    last !== undefined &&
    entry.coalesce !== null &&
    last.coalesce === entry.coalesce &&
    history.future.length === 0 &&
    isOpen;
  if (!mayJoin) return trim({ ...history, past: [...history.past, entry], future: [], marks });
  const diff = mergeDiffs(last.diff, entry.diff);
  const earlier = history.past.slice(0, -1);
  // A gesture that ends where it began leaves no step.
  return { ...history, past: isEmptyDiff(diff) ? earlier : [...earlier, { ...last, diff }], future: [], marks };
}

/** History after an edit; an edit that changes nothing leaves no step. A new edit forgets what was undone. */
export function record(history: History, diff: TopologyDiff, label: string, coalesce: string | null = null): History {
  return isEmptyDiff(diff) ? history : append(history, { diff, label, coalesce });
}

/** Ends a gesture: the next edit starts a step of its own even with the same key. */
export function seal(history: History): History {
  const last = history.past[history.past.length - 1];
  return last === undefined || last.coalesce === null
    ? history
    : { ...history, past: [...history.past.slice(0, -1), { ...last, coalesce: null }] };
}

/** Opens a transaction: everything until `commit` is one step. Nested ones belong to the outer one. */
export const begin = (history: History): History =>
  history.transactionAt === null ? { ...seal(history), transactionAt: history.past.length } : history;

/** Closes the transaction and makes its steps one. */
export function commit(history: History, label: string): History {
  const at = history.transactionAt;
  if (at === null) return history;
  const steps = history.past.slice(at);
  const past = history.past.slice(0, at);
  const marks = history.marks.filter((mark) => mark.at <= at);
  const diff = steps
    .map((step) => step.diff)
    .reduce<TopologyDiff | null>((all, step) => (all === null ? step : mergeDiffs(all, step)), null);
  const joined = diff === null || isEmptyDiff(diff) ? past : [...past, { diff, label, coalesce: null }];
  return { ...history, past: joined, marks, transactionAt: null };
}

/** Gives the present place a name, replacing an older mark of that name. */
export const mark = (history: History, name: string): History => ({
  ...history,
  marks: [...history.marks.filter((known) => known.name !== name), { name, at: history.past.length }],
});

/** One step back, or null when there is none (or a transaction is open). */
export function undo(document: Document, history: History): TimeTravel | null {
  const entry = history.past[history.past.length - 1];
  if (entry === undefined || history.transactionAt !== null) return null;
  const diff = invertDiff(entry.diff);
  return {
    document: applyDiff(document, diff),
    diff,
    history: { ...history, past: history.past.slice(0, -1), future: [{ ...entry, coalesce: null }, ...history.future] },
  };
}

/** One step forward again, or null when nothing was undone. */
export function redo(document: Document, history: History): TimeTravel | null {
  const [entry, ...future] = history.future;
  if (entry === undefined || history.transactionAt !== null) return null;
  return {
    document: applyDiff(document, entry.diff),
    diff: entry.diff,
    history: { ...history, past: [...history.past, entry], future },
  };
}

/** Back (or forward) to a mark, as one diff; null when the mark is gone. */
export function travelTo(document: Document, history: History, name: string): TimeTravel | null {
  const target = history.marks.find((known) => known.name === name);
  if (target === undefined || target.at > history.past.length + history.future.length) return null;
  let here: TimeTravel | null = null;
  let state = { document, history };
  while (state.history.past.length !== target.at) {
    const step: TimeTravel | null =
      state.history.past.length > target.at ? undo(state.document, state.history) : redo(state.document, state.history);
    if (step === null) return null;
    here = { ...step, diff: here === null ? step.diff : mergeDiffs(here.diff, step.diff) };
    state = step;
  }
  return here;
}

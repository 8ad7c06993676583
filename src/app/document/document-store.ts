import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Problem, Result } from '../../core/base/result.ts';
import { applyDiff, isEmptyDiff } from '../../core/topology/edit/diff.ts';
import {
  emptyHistory,
  record,
  redo,
  seal,
  undo,
  type History,
  type TimeTravel,
} from '../../core/topology/edit/history.ts';
import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';
import { appProblem } from '../app-texts.ts';

/** Where the document stands between this tab and its storage. */
export type SavedState = 'saved' | 'saving' | 'unsaved' | 'failed' | 'readonly';

export interface DocumentState {
  readonly document: Document;
  /** The last document without errors: what runs. Problems of the newer one say why it does not run yet. */
  readonly valid: Document | null;
  readonly problems: readonly Problem[];
  readonly history: History;
  readonly saved: SavedState;
}

/** An edit as it reaches autosave: what changed and the document after it. */
export interface DocumentChange {
  readonly diff: TopologyDiff;
  readonly document: Document;
  /** Name of the edit (a text key). */
  readonly label: string;
}
export interface EditOptions {
  /** Edits with the same key that follow each other are one undo step. */
  readonly coalesce?: string;
}

/** The document and its history. Every edit is pure, is one undo step and returns what it changed. */
export interface DocumentStore {
  readonly store: StoreApi<DocumentState>;
  get(): DocumentState;
  /** Applies a pure edit; a refused one changes nothing (code READ_ONLY: another tab writes the document). `label` is a text key for the history. */
  edit(label: string, plan: (document: Document) => Result<TopologyDiff>, options?: EditOptions): Result<TopologyDiff>;
  /** Ends a gesture: the next edit is an undo step of its own. */
  seal(): void;
  undo(): TopologyDiff | null;
  redo(): TopologyDiff | null;
  /** Another document: history and selection start anew. Settles when it is checked and, if it is valid, whoever waits for that was told. */
  replace(document: Document, saved: SavedState): Promise<void>;
  setSaved(saved: SavedState): void;
  /** Every edit, undo and redo, as it happens (not `replace`). */
  onChange(listener: (change: DocumentChange) => void): () => void;
  /** A new valid document; `before` is the last valid one of the same document, null after `replace`. */
  onValid(listener: (document: Document, before: Document | null) => void): () => void;
}

const READ_ONLY: Result<never> = {
  ok: false,
  error: [appProblem('READ_ONLY', '', {})],
};

interface Options {
  document: Document;
  saved: SavedState;
  /** The document is known to have no errors: it is valid at once, what `validate` says of it comes later. */
  isKnownValid?: boolean;
  /** Problems of a document. Asynchronous because its code loads lazily; called once per change, answers in order. */
  validate: (document: Document) => Promise<readonly Problem[]>;
}

/** Creates the store around a document. */
export function createDocumentStore({ document, saved, isKnownValid = false, validate }: Options): DocumentStore {
  const store = createStore<DocumentState>(() => ({
    document,
    valid: isKnownValid ? document : null,
    problems: [],
    history: emptyHistory,
    saved,
  }));
  const changes = new Set<(change: DocumentChange) => void>();
  const valids = new Set<(document: Document, before: Document | null) => void>();

  const check = async () => {
    const checked = store.getState().document;
    const problems = await validate(checked);
    // A newer edit is being checked already; its answer counts.
    if (store.getState().document !== checked) return;
    const before = store.getState().valid;
    const hasErrors = problems.some((problem) => problem.severity === 'error');
    store.setState({ problems, ...(!hasErrors && { valid: checked }) });
    if (!hasErrors && before !== checked) for (const listener of valids) listener(checked, before);
  };
  const settle = (next: { document: Document; history: History }, diff: TopologyDiff, label: string) => {
    store.setState({ ...next, ...(store.getState().saved === 'saved' && { saved: 'saving' as const }) });
    for (const listener of changes) listener({ diff, document: next.document, label });
    void check();
  };
  const travel = (move: typeof undo, label: string): TopologyDiff | null => {
    const { document: now, history, saved: state } = store.getState();
    if (state === 'readonly') return null;
    const moved: TimeTravel | null = move(now, history);
    if (!moved) return null;
    settle(moved, moved.diff, label);
    return moved.diff;
  };
  void check();
  if (isKnownValid) queueMicrotask(() => valids.forEach((listener) => listener(document, null)));

  return {
    store,
    get: store.getState,
    edit(label, plan, options) {
      if (store.getState().saved === 'readonly') return READ_ONLY;
      const { document: now, history } = store.getState();
      const planned = plan(now);
      if (!planned.ok || isEmptyDiff(planned.value)) return planned;
      const next = applyDiff(now, planned.value);
      settle(
        { document: next, history: record(history, planned.value, label, options?.coalesce ?? null) },
        planned.value,
        label,
      );
      return planned;
    },
    seal: () => store.setState({ history: seal(store.getState().history) }),
    undo: () => travel(undo, 'command.undo'),
    redo: () => travel(redo, 'command.redo'),
    replace(next, nextSaved) {
      store.setState({ document: next, valid: null, problems: [], history: emptyHistory, saved: nextSaved });
      return check();
    },
    setSaved: (next) => {
      if (store.getState().saved !== next) store.setState({ saved: next });
    },
    onChange(listener) {
      changes.add(listener);
      return () => changes.delete(listener);
    },
    onValid(listener) {
      valids.add(listener);
      return () => valids.delete(listener);
    },
  };
}

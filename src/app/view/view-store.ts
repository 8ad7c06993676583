import { createStore, type StoreApi } from 'zustand/vanilla';
import { readPreferences, writePreferences, type PreferenceStorage } from './preferences.ts';
import {
  NOTHING,
  type CanvasPort,
  type CanvasTool,
  type DialogState,
  type LanguageChoice,
  type Notice,
  type Panels,
  type Selection,
  type ThemeChoice,
  type ViewState,
  type Words,
} from './view-state.ts';

/** At most this many notices at once; the oldest goes first. */
const NOTICE_LIMIT = 4;

/** What the person looks at: selection, panels, dialogs, notices. Never part of the document or of a run. */
export interface ViewStore {
  readonly store: StoreApi<ViewState>;
  get(): ViewState;
  select(selection: Partial<Selection>): void;
  setTheme(theme: ThemeChoice): void;
  setLanguage(language: LanguageChoice): void;
  setPanels(change: Partial<Panels>): void;
  dismissHint(hint: string): void;
  setTool(tool: CanvasTool): void;
  setFocus(focus: ViewState['focus']): void;
  setRenaming(record: string | null): void;
  openDialog(dialog: DialogState | null): void;
  /** Shows a notice and tells it to screen readers; returns its id. */
  notify(notice: Omit<Notice, 'id'>): number;
  dismissNotice(id: number): void;
  /** The document has moved on: notices that offer to undo the edit before go, since Undo would now take back another one. */
  retireUndo(): void;
  /** Tells screen readers only. */
  announce(words: Words): void;
  /** Set by the canvas while it is mounted; null otherwise. */
  canvas: CanvasPort | null;
}

/** Creates the view store; preferences come from and go to `storage` (null = not remembered). `isTall`: the window has room for the drawer. */
export function createViewStore(
  storage: PreferenceStorage | null,
  languages: readonly string[],
  isTall: boolean,
): ViewStore {
  const store = createStore<ViewState>(() => ({
    ...readPreferences(storage, languages, isTall),
    tool: 'select',
    selection: NOTHING,
    focus: null,
    renaming: null,
    dialog: null,
    notices: [],
    announcement: null,
  }));
  let noticeId = 0;
  let spoken = 0;
  const prefer = (change: Partial<ViewState>) => {
    store.setState(change);
    writePreferences(storage, store.getState());
  };
  const announce = (words: Words) => store.setState({ announcement: { words, n: ++spoken } });
  return {
    store,
    get: store.getState,
    select: (selection) => {
      const next = { ...NOTHING, ...selection };
      if (!sameSelection(store.getState().selection, next)) store.setState({ selection: next });
    },
    setTheme: (theme) => prefer({ theme }),
    setLanguage: (language) => prefer({ language }),
    setPanels: (change) => prefer({ panels: { ...store.getState().panels, ...change } }),
    dismissHint: (hint) => {
      const { dismissedHints } = store.getState();
      if (!dismissedHints.includes(hint)) prefer({ dismissedHints: [...dismissedHints, hint] });
    },
    setTool: (tool) => store.setState({ tool }),
    setFocus: (focus) => store.setState({ focus }),
    setRenaming: (renaming) => store.setState({ renaming }),
    openDialog: (dialog) => store.setState({ dialog }),
    notify: (notice) => {
      const id = ++noticeId;
      store.setState({ notices: [...store.getState().notices, { ...notice, id }].slice(-NOTICE_LIMIT) });
      announce(notice.words);
      return id;
    },
    dismissNotice: (id) => store.setState({ notices: store.getState().notices.filter((notice) => notice.id !== id) }),
    retireUndo: () => {
      const { notices } = store.getState();
      const kept = notices.filter((notice) => notice.action?.label.key !== 'app.undo');
      if (kept.length < notices.length) store.setState({ notices: kept });
    },
    announce,
    canvas: null,
  };
}

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, index) => item === b[index]);
const sameSelection = (a: Selection, b: Selection) =>
  sameList(a.nodes, b.nodes) && sameList(a.links, b.links) && sameList(a.groups, b.groups);

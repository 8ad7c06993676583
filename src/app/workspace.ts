import type { Problem, Result } from '../core/base/result.ts';
import { executableDiff, isEmptyExecutable } from '../core/topology/edit/diff.ts';
import { emptyDocument } from '../core/topology/edit/edit.ts';
import type { Document } from '../core/topology/schema/types.ts';
import { createDocumentStore, type DocumentStore } from './document/document-store.ts';
import { newId } from './document/new-id.ts';
import { readExample, readTemplate, readText } from './document/read-text.ts';
import { FIRST_EXAMPLE, readLast, remember } from './last-document.ts';
import type { RunStore } from './run/run-store.ts';
import { startRun, type StartOptions } from './run/start-run.ts';
import type { FileAccess, OpenSource } from './services.ts';
import {
  deleteDocument,
  listDocuments,
  listVersions,
  openSession,
  readVersion,
  type OpenRequest,
  type Session,
} from './session/index.ts';
import type { PreferenceStorage } from './view/preferences.ts';
import type { ViewStore } from './view/view-store.ts';

/** Other documents that the menu offers. */
const RECENT = 6;

interface Deps {
  view: ViewStore;
  run: RunStore;
  /** Remembers which document was open last. */
  storage: PreferenceStorage | null;
  /** The site's own address. */
  base: URL;
  /** The answer with the example that a first visit opens, if it was asked for already. */
  example: Promise<Response> | null;
  /** Settles when the first run moves and the page has nothing to do, or after some seconds without one. */
  firstDots: () => Promise<void>;
  validate: (document: Document) => Promise<readonly Problem[]>;
  /** Name of a new document in the language of the interface. */
  untitled: () => string;
  /** Shows every problem of the open document. */
  showProblems: () => void;
}
/** The open document with its storage and its run. Opening tells its problems to the person. */
export interface Workspace extends Omit<FileAccess, 'pick' | 'download'> {
  readonly documents: DocumentStore;
  /** The same for scripts: problems are returned, and it settles when the first run has started as the options say, or cannot. */
  readonly load: (document: unknown, options?: StartOptions) => Promise<Result<Document>>;
  /** True in a tab that only reads. */
  isReadOnly(): boolean;
}

/** Opens the last document of this browser, or the first template, and keeps document, storage and run together. */
export async function openWorkspace(given: Deps): Promise<Workspace> {
  const { view, run, storage } = given;
  const first = await firstSession(given);
  const deps = { ...given, validate: checkOf(given, first.shipped) };
  let { session } = first;
  const documents = createDocumentStore({
    document: session?.document ?? emptyDocument(newId(), deps.untitled()),
    saved: 'saved',
    isKnownValid: first.shipped !== null,
    validate: deps.validate,
  });
  let stopWatching = watch(deps, session, documents);
  /** How the open document's first run starts, as soon as it can. */
  let firstRun: StartOptions = {};
  /** Settles when the open document is checked; then the first start is under way, if there is one. */
  let checked: Promise<void> = Promise.resolve();
  /** Settles when the first run has started or was refused. */
  let firstStart: Promise<void> = Promise.resolve();
  remember(storage, documents.get().document.id);

  documents.onChange(({ diff, label }) => session?.append(diff, label));
  documents.onChange(() => view.retireUndo());
  documents.onValid((document, before) => {
    if (session?.readOnly.get()) return;
    if (before === null) firstStart = start(run, view, document, firstRun);
    else {
      const diff = executableDiff(before, document);
      if (!isEmptyExecutable(diff) && run.get().definition !== null) {
        void run.inject({ kind: 'topology.apply', diff }).then((done) => done.ok || tellProblems(view, done.error));
      }
    }
  });

  // What this browser kept, or a shipped example, must not fall silent when it cannot be read or cannot run.
  if (first.refused) tellRefused(deps, first.refused.file, first.refused.problems);
  else void tellNotRunning(deps, documents.get().document);

  const replace = async (request: OpenRequest, options: StartOptions = {}): Promise<Result<Document>> => {
    const opened = await openSession(request);
    if (!opened.ok) return opened;
    await run.close();
    stopWatching();
    const former = session;
    session = opened.value;
    stopWatching = watch(deps, session, documents);
    view.select({});
    firstRun = options;
    checked = documents.replace(session.document, savedOf(session));
    remember(storage, session.document.id);
    void former?.close();
    return { ok: true, value: session.document };
  };
  const openSource = async (source: OpenSource): Promise<Result<Document>> => {
    if (source.kind === 'stored') return replace({ documentId: source.id });
    const read = await readSource(deps, source, documents.get().document);
    return read.ok ? replace({ document: read.value }) : read;
  };
  return {
    documents,
    async recent() {
      const listed = await listDocuments();
      if (!listed.ok) return [];
      const { id } = documents.get().document;
      return listed.value.filter((info) => info.id !== id).slice(0, RECENT);
    },
    async stored() {
      const listed = await listDocuments();
      const here = documents.get().document.id;
      return listed.ok
        ? { ok: true, value: listed.value.map((info) => ({ ...info, isHere: info.id === here })) }
        : listed;
    },
    remove: (id) => deleteDocument(id),
    async versions() {
      await session?.flush();
      return listVersions(documents.get().document.id);
    },
    takeOver: async () => session?.takeOver(),
    isReadOnly: () => session?.readOnly.get() ?? false,
    async open(source) {
      const opened = await openSource(source);
      if (opened.ok) {
        view.announce({ key: 'open.done', values: { name: opened.value.name } });
        // After the new nodes are drawn.
        setTimeout(() => view.canvas?.fit(), 60);
        return tellNotRunning(deps, opened.value);
      }
      tellRefused(deps, source.kind === 'new' ? deps.untitled() : source.name, opened.error);
    },
    async load(value, options) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const read = await readText('document.json', text);
      const opened = read.ok ? await replace({ document: read.value }, options) : read;
      if (!opened.ok) tellRefused(deps, deps.untitled(), opened.error);
      else {
        await Promise.all([tellNotRunning(deps, opened.value), checked]);
        await firstStart;
      }
      return opened;
    },
  };
}

const savedOf = (session: Session) => (session.readOnly.get() ? 'readonly' : session.saved.get());

function watch({ run, view }: Deps, session: Session | null, documents: DocumentStore): () => void {
  if (!session) {
    documents.setSaved('failed');
    return () => undefined;
  }
  const follow = () => documents.setSaved(savedOf(session));
  follow();
  const stops = [
    session.saved.subscribe(follow),
    session.readOnly.subscribe((isReadOnly) => {
      follow();
      // One tab edits and runs a document: the rows belong to the one that took it over.
      if (isReadOnly) void run.close();
      view.notify({
        tone: isReadOnly ? 'error' : 'ok',
        words: {
          key: isReadOnly ? 'readOnly.lost' : 'readOnly.gained',
          values: { name: documents.get().document.name },
        },
      });
    }),
    session.external.subscribe((document) => void documents.replace(document, savedOf(session))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

interface First {
  session: Session | null;
  /** What should have been opened, and why it was not; it stays in the storage as it is. */
  refused: { file: string; problems: readonly Problem[] } | null;
  /** The shipped example, if it was opened as it is: it is known to be valid. */
  shipped: Document | null;
}

/** Problems of a document. The shipped example is read and checked, too, but its first dots do not wait for that. */
function checkOf({ firstDots, validate }: Deps, shipped: Document | null): Deps['validate'] {
  return async (document) => {
    if (document !== shipped) return validate(document);
    await firstDots();
    const read = await readText(`${FIRST_EXAMPLE}.json`, JSON.stringify(document));
    return read.ok ? validate(document) : read.error;
  };
}

async function firstSession({ storage, base, example }: Deps): Promise<First> {
  const last = readLast(storage);
  let refused: First['refused'] = null;
  if (last !== null) {
    const opened = await openSession({ documentId: last });
    if (opened.ok) return { session: opened.value, refused, shipped: null };
    // A document that another tab or the person has deleted is no news.
    const problems = opened.error.filter(({ code }) => code !== 'DOCUMENT_NOT_FOUND');
    if (problems.length > 0) refused = { file: await storedName(last), problems };
  }
  const template = await (example ? readExample(FIRST_EXAMPLE, example) : readTemplate(base, FIRST_EXAMPLE));
  if (!template.ok) {
    refused ??= { file: FIRST_EXAMPLE, problems: template.error };
    return { session: null, refused, shipped: null };
  }
  const opened = await openSession({ document: template.value, ifStored: 'open' });
  if (opened.ok) {
    const isAsShipped = example !== null && opened.value.document === template.value;
    return { session: opened.value, refused, shipped: isAsShipped ? template.value : null };
  }
  // Its stored state cannot be read: a fresh copy beside it.
  refused ??= { file: template.value.name, problems: opened.error };
  const copy = await openSession({ document: template.value });
  return { session: copy.ok ? copy.value : null, refused, shipped: null };
}

async function storedName(id: string): Promise<string> {
  const listed = await listDocuments();
  return (listed.ok && listed.value.find((info) => info.id === id)?.name) || id;
}

async function readSource(
  deps: Deps,
  source: Exclude<OpenSource, { kind: 'stored' }>,
  open: Document,
): Promise<Result<Document>> {
  if (source.kind === 'copy') return { ok: true, value: { ...open, id: newId(), name: source.name } };
  if (source.kind === 'version') {
    const stored = await readVersion(open.id, source.seq);
    const read = stored.ok ? await readText('document.json', JSON.stringify(stored.value)) : stored;
    return read.ok ? { ok: true, value: { ...read.value, id: newId(), name: source.name } } : read;
  }
  if (source.kind === 'new') return { ok: true, value: emptyDocument(newId(), deps.untitled()) };
  if (source.kind === 'template') return readTemplate(deps.base, source.name);
  return readText(source.name, source.text);
}

async function start(run: RunStore, view: ViewStore, document: Document, options: StartOptions): Promise<void> {
  const opened = await startRun(run, document, options);
  if (!opened.ok) tellProblems(view, opened.error);
}

/** A file or document that cannot be opened says why; what is open stays. */
function tellRefused({ view }: Deps, file: string, problems: readonly Problem[]): void {
  view.notify({ tone: 'error', words: { key: 'open.problems', values: { count: problems.length, file } }, problems });
}

/** A document that opens but cannot run says why at once. */
async function tellNotRunning({ view, validate, showProblems }: Deps, document: Document): Promise<void> {
  const errors = (await validate(document)).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  view.notify({
    tone: 'error',
    words: { key: 'open.notRunning', values: { count: errors.length } },
    problems: errors,
    action: { label: { key: 'problems.show' }, perform: showProblems },
  });
  showProblems();
}

function tellProblems(view: ViewStore, problems: readonly Problem[]): void {
  view.notify({
    tone: 'error',
    words: { key: 'problems.notApplied', values: { count: problems.length } },
    problems,
  });
}

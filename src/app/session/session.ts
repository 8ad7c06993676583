import { err, ok, type Problem, type Result } from '../../core/base/result.ts';
import { applyDiff } from '../../core/topology/edit/diff.ts';
import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';
import { holdDocument, type DocumentLock, type Locks } from './document-lock.ts';
import { openDocumentStore, type DocumentInfo, type DocumentStore, type LoadedDocument } from './document-store.ts';
import { createEditWriter, type EditWriter, type SavedState } from './edit-writer.ts';
import { createSource, type Observable, type Source } from './observable.ts';
import { appProblem } from '../app-texts.ts';

/** `ifStored`: what to do when a local document with this id exists; `copy` (default) never touches it. */
export type OpenRequest = { documentId: string } | { document: Document; ifStored?: 'copy' | 'open' };

export interface SessionOptions {
  /** Validates what comes out of the storage; default: the core's reader, loaded on demand. */
  read?: (value: unknown) => Promise<Result<Document>>;
  locks?: Locks | undefined;
}

/** One open document: every committed gesture is in IndexedDB within 50 ms, or `saved` says that it is not. */
export interface Session {
  /** The newest content: own edits and, in a reading tab, those of the writer. */
  readonly document: Document;
  /** True while another tab writes this document. */
  readonly readOnly: Observable<boolean>;
  readonly saved: Observable<SavedState>;
  /** Why saving fails; null while it works. Editing goes on in memory. */
  readonly problem: Observable<Problem | null>;
  /** Changes that did not come from this session's `append` or `replace`: edits of the writing tab, a take-over. */
  readonly external: Observable<Document>;
  /** Edits found after an end that nobody saw (crash, closed without warning); null after a clean one. */
  readonly recovered: { edits: number; at: string } | null;
  /** Adds a committed gesture. Ignored in a reading tab (the commands are disabled there). */
  append(diff: TopologyDiff, label: string): void;
  /** The whole content is new. */
  replace(document: Document): void;
  /** Makes this tab the writer. */
  takeOver(): Promise<void>;
  /** Settles when everything is written or failed. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const readWithCore = async (value: unknown): Promise<Result<Document>> =>
  (await import('../../core/topology/parse.ts')).readDocument(value);

/** Opens a local document, or stores a given one and opens it. Codes: DOCUMENT_NOT_FOUND, or those of the reader. */
export async function openSession(request: OpenRequest, options: SessionOptions = {}): Promise<Result<Session>> {
  const read = options.read ?? readWithCore;
  const locks = 'locks' in options ? options.locks : globalThis.navigator?.locks;
  let store: DocumentStore | null = null;
  let storageProblem: Problem | null = null;
  try {
    store = await openDocumentStore();
  } catch (error) {
    storageProblem = failed(String(error));
  }
  const found = await find(store, request, read);
  if (!found.ok) {
    store?.close();
    return found;
  }
  const session = new OpenSession(store, found.value, storageProblem);
  await session.hold(locks);
  return ok(session);
}

interface Found {
  info: DocumentInfo;
  content: Document;
  seq: number;
  edits: number;
  isNew: boolean;
}

async function find(
  store: DocumentStore | null,
  request: OpenRequest,
  read: (value: unknown) => Promise<Result<Document>>,
): Promise<Result<Found>> {
  const wanted = 'documentId' in request ? request.documentId : request.document.id;
  let stored: LoadedDocument | null = null;
  try {
    stored = (await store?.load(wanted)) ?? null;
  } catch (error) {
    return err([appProblem('STORAGE_FAILED.open', '', { reason: String(error), id: wanted })]);
  }
  if (stored !== null && ('documentId' in request || request.ifStored === 'open')) {
    const content = await read(stored.content);
    return content.ok ? ok({ ...stored, content: content.value, isNew: false }) : content;
  }
  if ('documentId' in request) {
    return err([appProblem('DOCUMENT_NOT_FOUND.open', '', { id: wanted })]);
  }
  const content = stored === null ? request.document : { ...request.document, id: newId() };
  return ok({ info: infoOf(content), content, seq: 0, edits: 0, isNew: true });
}

/** Ten characters, drawn by the browser (decision 17); never used by a simulation. */
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => (byte % 36).toString(36)).join('');

export function infoOf(content: Document): DocumentInfo {
  const at = new Date().toISOString();
  return { id: content.id, name: content.name, createdAt: at, updatedAt: at, isOpen: true };
}

const failed = (reason: string): Problem => appProblem('STORAGE_FAILED.save', '', { reason });

type Told = { edit: TopologyDiff } | { content: Document };

class OpenSession implements Session {
  readonly readOnly: Source<boolean> = createSource(false);
  readonly saved: Source<SavedState> = createSource<SavedState>('saved');
  readonly problem: Source<Problem | null>;
  readonly external: Source<Document>;
  readonly recovered: Session['recovered'];
  private readonly store: DocumentStore | null;
  private readonly channel: BroadcastChannel | null;
  private found: Found;
  private content: Document;
  private writer: EditWriter | null = null;
  private lock: DocumentLock | null = null;

  constructor(store: DocumentStore | null, found: Found, problem: Problem | null) {
    this.store = store;
    this.found = found;
    this.content = found.content;
    this.problem = createSource(problem);
    this.external = createSource(found.content);
    const wasCut = !found.isNew && found.info.isOpen && found.edits > 0;
    this.recovered = wasCut ? { edits: found.edits, at: found.info.updatedAt } : null;
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`servarium/${found.info.id}`);
    this.channel?.addEventListener('message', ({ data }: MessageEvent<Told>) => this.hear(data));
  }

  get document(): Document {
    return this.content;
  }

  async hold(locks: Locks | undefined): Promise<void> {
    this.lock = await holdDocument(locks, this.found.info.id, (isHeld) => void this.handOver(isHeld));
    if (this.lock.isHeld) this.startWriting();
    else this.readOnly.set(true);
    if (this.store === null) this.saved.set('failed');
  }

  append(diff: TopologyDiff, label: string): void {
    if (this.readOnly.get()) return;
    this.content = applyDiff(this.content, diff);
    this.writer?.append(diff, label, this.content);
    this.channel?.postMessage({ edit: diff } satisfies Told);
  }
  replace(document: Document): void {
    if (this.readOnly.get()) return;
    // The id is the place in the storage: an imported content keeps the open document's.
    this.content = { ...document, id: this.found.info.id };
    this.writer?.replace(this.content);
    this.channel?.postMessage({ content: this.content } satisfies Told);
  }
  async takeOver(): Promise<void> {
    await this.lock?.takeOver();
  }
  async flush(): Promise<void> {
    await this.writer?.flush();
  }
  async close(): Promise<void> {
    await this.writer?.close();
    this.lock?.release();
    this.channel?.close();
    this.store?.close();
  }

  private startWriting(): void {
    if (this.store === null) return;
    const { seq, edits, isNew } = this.found;
    const info = { ...this.found.info, isOpen: true };
    this.writer = createEditWriter({
      store: this.store,
      info,
      content: this.content,
      seq,
      edits,
      saved: (state, reason) => {
        this.saved.set(state);
        if (state !== 'saving') this.problem.set(reason === null ? null : failed(reason));
      },
    });
    if (isNew) this.writer.replace(this.content);
    else this.store.mark(info).catch((error: unknown) => this.problem.set(failed(String(error))));
  }

  /** Became the writer (the other tab was closed), or lost the lock to a take-over. */
  private async handOver(isHeld: boolean): Promise<void> {
    if (!isHeld) {
      this.writer?.abandon();
      this.writer = null;
      this.readOnly.set(true);
      return;
    }
    const stored = await this.store?.load(this.found.info.id).catch(() => null);
    if (stored) {
      this.found = { ...stored, isNew: false };
      this.content = stored.content;
    }
    this.startWriting();
    this.readOnly.set(false);
    this.external.set(this.content);
  }

  private hear(told: Told): void {
    if (!this.readOnly.get()) return;
    this.content = 'edit' in told ? applyDiff(this.content, told.edit) : told.content;
    this.external.set(this.content);
  }
}

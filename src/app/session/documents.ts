import { err, ok, type Result } from '../../core/base/result.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { databasesOf, logDatabase } from '../../hosts/browser/storage/names.ts';
import { openRunRecords, type RunRecord } from '../../hosts/browser/storage/run-records.ts';
import { holdDocument, type DocumentLock, type Locks } from './document-lock.ts';
import { openDocumentStore, type DocumentInfo, type DocumentStore } from './document-store.ts';
import { infoOf, newId } from './session.ts';
import { appProblem } from '../app-texts.ts';

async function withStore<T>(act: (store: DocumentStore) => Promise<Result<T>>): Promise<Result<T>> {
  let store: DocumentStore | null = null;
  try {
    store = await openDocumentStore();
    return await act(store);
  } catch (error) {
    return err([appProblem('STORAGE_FAILED.list', '', { reason: String(error) })]);
  } finally {
    store?.close();
  }
}
const notFound = (id: string): Result<never> => err([appProblem('DOCUMENT_NOT_FOUND.find', '', { id })]);

/** Local documents, last edited first. */
export const listDocuments = (): Promise<Result<DocumentInfo[]>> => withStore(async (store) => ok(await store.list()));

/** Renames a document that no tab has open; the open one is renamed by an edit. */
export const renameDocument = (id: string, name: string): Promise<Result<DocumentInfo>> =>
  withStore(async (store) => {
    const stored = await store.load(id);
    if (stored === null) return notFound(id);
    const info = { ...stored.info, name, updatedAt: new Date().toISOString() };
    const content = { ...stored.content, name };
    await store.compact(info, { document: id, seq: stored.seq + 1, at: info.updatedAt, content });
    return ok(info);
  });

/** A former state of a document as lists show it. */
export interface DocumentVersion {
  /** Names it within its document. */
  readonly seq: number;
  /** Wall time, ISO 8601. */
  readonly at: string;
  /** Edits since the version before it; of the oldest that is kept, all edits up to it. */
  readonly edits: number;
  /** Components that it has. */
  readonly nodes: number;
}

/** Former states that are kept, newest first. Editing goes on while one looks at them. */
export const listVersions = (id: string): Promise<Result<DocumentVersion[]>> =>
  withStore(async (store) => {
    const kept = await store.snapshots(id);
    return ok(
      kept.map(({ seq, at, content }, index) => ({
        seq,
        at,
        edits: seq - (kept[index + 1]?.seq ?? 0),
        nodes: Object.keys(content.nodes).length,
      })),
    );
  });

/** The content of a former state as it was stored; whoever opens it checks it. */
export const readVersion = (id: string, seq: number): Promise<Result<Document>> =>
  withStore(async (store) => {
    const found = (await store.snapshots(id)).find((snapshot) => snapshot.seq === seq);
    return found === undefined ? notFound(`${id}, version ${seq}`) : ok(found.content);
  });

/** A copy under a new id; runs and rows are not copied. */
export const duplicateDocument = (id: string, name: string): Promise<Result<DocumentInfo>> =>
  withStore(async (store) => {
    const stored = await store.load(id);
    if (stored === null) return notFound(id);
    const content: Document = { ...stored.content, id: newId(), name };
    const info = { ...infoOf(content), isOpen: false };
    await store.compact(info, { document: info.id, seq: 1, at: info.createdAt, content });
    return ok(info);
  });

/** Deletes a document with its runs and rows. Code DOCUMENT_IN_OTHER_TAB while another tab has it open. */
export async function deleteDocument(
  id: string,
  locks: Locks | undefined = globalThis.navigator?.locks,
): Promise<Result<null>> {
  let lock: DocumentLock | null = null;
  try {
    lock = await holdDocument(locks, id, () => undefined);
    if (!lock.isHeld) return inOtherTab(id);
    return await withStore(async (store) => {
      await store.remove(id);
      for (const name of await databasesOf(id)) await deleteDatabase(name);
      return ok(null);
    });
  } finally {
    lock?.release();
  }
}
const inOtherTab = (id: string): Result<never> => err([appProblem('DOCUMENT_IN_OTHER_TAB', '', { id })]);

/** Runs of a document, newest first; one that a reload ended says at which virtual time. Empty when it never ran. */
export async function listRuns(documentId: string): Promise<Result<RunRecord[]>> {
  try {
    if (!(await databasesOf(documentId)).includes(logDatabase(documentId))) return ok([]);
    const records = await openRunRecords(documentId);
    const runs = await records.list();
    records.close();
    return ok(runs);
  } catch (error) {
    return err([appProblem('STORAGE_FAILED.runs', '', { reason: String(error) })]);
  }
}

/** Settles also when another tab still holds it: the browser deletes it when that one is gone. */
const deleteDatabase = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => resolve());
    request.addEventListener('blocked', () => resolve());
    request.addEventListener('error', () => reject(request.error ?? new Error(`Failed to delete ${name}`)));
  });

/** Documents of this browser: autosave, one writer per document, lists of documents and runs. */
export { openSession, type OpenRequest, type Session, type SessionOptions } from './session.ts';
export type { SavedState } from './edit-writer.ts';
export type { DocumentInfo, SnapshotEntry } from './document-store.ts';
export type { Observable } from './observable.ts';
export {
  deleteDocument,
  documentSnapshots,
  duplicateDocument,
  listDocuments,
  listRuns,
  renameDocument,
} from './documents.ts';

/** Documents of this browser: autosave, one writer per document, lists of documents and runs. */
export { openSession, type OpenRequest, type Session } from './session.ts';
export {
  deleteDocument,
  duplicateDocument,
  listDocuments,
  listRuns,
  listVersions,
  readVersion,
  renameDocument,
  type DocumentVersion,
} from './documents.ts';

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { applyDiff } from '../../core/topology/edit/diff.ts';
import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';

/** One committed gesture. */
export interface EditEntry {
  document: string;
  seq: number;
  label: string;
  /** Wall time, ISO 8601. */
  at: string;
  diff: TopologyDiff;
}
export interface SnapshotEntry {
  document: string;
  /** The content includes all edits up to this one. */
  seq: number;
  at: string;
  content: Document;
}
/** A local document as lists show it. */
export interface DocumentInfo {
  id: string;
  name: string;
  createdAt: string;
  updatedAt: string;
  /** True while a tab has it open for writing, or when that tab ended without closing it. */
  isOpen: boolean;
}
interface Schema extends DBSchema {
  documents: { key: string; value: DocumentInfo };
  snapshots: { key: [string, number]; value: SnapshotEntry };
  edits: { key: [string, number]; value: EditEntry };
}

/** Older snapshots kept for a return by hand: at most this many, at least this far apart. */
const SNAPSHOTS_KEPT = 20;
const SNAPSHOT_SPACING_MS = 5 * 60_000;
const NAME = 'servarium/documents';

export interface LoadedDocument {
  info: DocumentInfo;
  content: Document;
  /** Number of the last edit; the next one is one more. */
  seq: number;
  /** Edits after the last snapshot. */
  edits: number;
}

/** All local documents of this origin: `documents`, their `snapshots`, and the `edits` after them. Methods reject with what IndexedDB says. */
export interface DocumentStore {
  list(): Promise<DocumentInfo[]>;
  /** null when there is none; a snapshot plus the edits after it. */
  load(id: string): Promise<LoadedDocument | null>;
  /** One transaction: the edits and the time in the list. */
  append(info: DocumentInfo, edits: readonly EditEntry[]): Promise<void>;
  /** One transaction: a snapshot, its edits dropped, old snapshots thinned out. */
  compact(info: DocumentInfo, snapshot: SnapshotEntry): Promise<void>;
  mark(info: DocumentInfo): Promise<void>;
  /** Snapshots that are kept of one document, newest first. */
  snapshots(id: string): Promise<SnapshotEntry[]>;
  remove(id: string): Promise<void>;
  close(): void;
}

/** Opens or creates the database; rejects when IndexedDB is absent or forbidden. */
export async function openDocumentStore(): Promise<DocumentStore> {
  const database = await openDB<Schema>(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('documents', { keyPath: 'id' });
      fresh.createObjectStore('snapshots', { keyPath: ['document', 'seq'] });
      fresh.createObjectStore('edits', { keyPath: ['document', 'seq'] });
    },
    // A newer build in another tab wants to upgrade: it must not wait for this one.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });
  return {
    list: async () => (await database.getAll('documents')).sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)),
    load: (id) => load(database, id),
    async append(info, edits) {
      const tx = database.transaction(['documents', 'edits'], 'readwrite');
      const work: Promise<unknown>[] = edits.map((edit) => tx.objectStore('edits').put(edit));
      await Promise.all([...work, tx.objectStore('documents').put(info), tx.done]);
    },
    compact: (info, snapshot) => compact(database, info, snapshot),
    mark: async (info) => void (await database.put('documents', info)),
    snapshots: async (id) => (await database.getAll('snapshots', rangeOf(id))).reverse(),
    async remove(id) {
      const tx = database.transaction(['documents', 'snapshots', 'edits'], 'readwrite');
      await Promise.all([
        tx.objectStore('documents').delete(id),
        tx.objectStore('snapshots').delete(rangeOf(id)),
        tx.objectStore('edits').delete(rangeOf(id)),
        tx.done,
      ]);
    },
    close: () => database.close(),
  };
}

const rangeOf = (id: string, after = -Infinity, upTo = Infinity): IDBKeyRange =>
  IDBKeyRange.bound([id, after], [id, upTo], true);

async function load(database: IDBPDatabase<Schema>, id: string): Promise<LoadedDocument | null> {
  const tx = database.transaction(['documents', 'snapshots', 'edits']);
  const info = await tx.objectStore('documents').get(id);
  const newest = await tx.objectStore('snapshots').openCursor(rangeOf(id), 'prev');
  if (info === undefined || newest === null) return null;
  const { content, seq } = newest.value;
  const edits = await tx.objectStore('edits').getAll(rangeOf(id, seq));
  return {
    info,
    content: edits.reduce((document, edit) => applyDiff(document, edit.diff), content),
    seq: edits.at(-1)?.seq ?? seq,
    edits: edits.length,
  };
}

async function compact(database: IDBPDatabase<Schema>, info: DocumentInfo, snapshot: SnapshotEntry): Promise<void> {
  const tx = database.transaction(['documents', 'snapshots', 'edits'], 'readwrite');
  const older = (await tx.objectStore('snapshots').getAll(rangeOf(info.id))).reverse();
  const work: Promise<unknown>[] = [
    tx.objectStore('documents').put(info),
    tx.objectStore('snapshots').put(snapshot),
    tx.objectStore('edits').delete(rangeOf(info.id, -Infinity, snapshot.seq)),
  ];
  let [kept, last] = [0, Date.parse(snapshot.at)];
  for (const { seq, at } of older) {
    if (seq === snapshot.seq) continue;
    const isFarEnough = last - Date.parse(at) >= SNAPSHOT_SPACING_MS;
    if (isFarEnough && kept < SNAPSHOTS_KEPT) [kept, last] = [kept + 1, Date.parse(at)];
    else work.push(tx.objectStore('snapshots').delete([info.id, seq]));
  }
  await Promise.all([...work, tx.done]);
}

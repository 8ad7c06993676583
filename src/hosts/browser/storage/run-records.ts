import { openDB, type DBSchema } from 'idb';
import type { VirtualTime } from '../../../core/base/order.ts';
import type { Input } from '../../../core/fabric/input.ts';
import type { StoredRow } from '../../../core/storage/types.ts';
import type { ExecutableTopology } from '../../../core/topology/schema/types.ts';
import { logDatabase } from './names.ts';

export type InitialData = Record<string, StoredRow[]>;

/** How a run ended; null while it runs, or when nobody was there to see its end. */
export type RunEnd = { how: 'closed' | 'reload'; at: VirtualTime };

/** What is kept of a run: enough to list it, to replay it (topology, initial data, seed, inputs) and to cut its stores. */
export interface RunRecord {
  id: string;
  /** Wall time, ISO 8601; only shown, never read by the simulation. */
  startedAt: string;
  seed: number;
  topology: ExecutableTopology;
  /** sha256 of the canonical initial data that replaced the document's rows; null = the document's own. */
  initialDataHash: string | null;
  /** Nodes whose rows are kept in a database of their own. */
  stores: string[];
  /** Everything at or before this time is in IndexedDB, in every store; null until the first store said so. */
  cut: VirtualTime | null;
  /** Virtual time that the run had reached, at most a second old. */
  reached: VirtualTime;
  ended: RunEnd | null;
}

interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  inputs: { key: [string, number]; value: Input & { run: string } };
  snapshots: { key: string; value: { hash: string; data: InitialData } };
  segments: { key: [string, number]; value: { run: string; index: number; text: string } };
}

/** Listed runs per document; the oldest beyond it are forgotten with their snapshots. */
export const RUNS_KEPT = 20;

/** The document's runs in IndexedDB (`servarium/<documentId>/log`). Methods reject with what IndexedDB says. */
export interface RunRecords {
  /** Newest first. */
  list(): Promise<RunRecord[]>;
  /** Adds a run with its snapshot, forgets the oldest ones and all spilled logs of other runs (they can be replayed). */
  begin(record: RunRecord, initialData: InitialData | null): Promise<void>;
  update(id: string, change: Partial<Pick<RunRecord, 'cut' | 'reached' | 'ended' | 'stores'>>): Promise<void>;
  addInputs(id: string, inputs: readonly Input[]): Promise<void>;
  inputs(id: string): Promise<Input[]>;
  snapshot(hash: string): Promise<InitialData | null>;
  segments(id: string): {
    put(index: number, text: string): Promise<void>;
    get(index: number): Promise<string | undefined>;
    drop(index: number): Promise<void>;
  };
  close(): void;
}

/** Opens or creates the database of runs; rejects when IndexedDB is absent or forbidden. */
export async function openRunRecords(documentId: string): Promise<RunRecords> {
  const database = await openDB<Schema>(logDatabase(documentId), 1, {
    upgrade(fresh) {
      fresh.createObjectStore('runs', { keyPath: 'id' });
      fresh.createObjectStore('inputs', { keyPath: ['run', 'seq'] });
      fresh.createObjectStore('snapshots', { keyPath: 'hash' });
      fresh.createObjectStore('segments', { keyPath: ['run', 'index'] });
    },
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });
  const list = async (): Promise<RunRecord[]> =>
    (await database.getAll('runs')).sort((a, b) =>
      a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0,
    );
  const ofRun = (id: string): IDBKeyRange => IDBKeyRange.bound([id, -Infinity], [id, Infinity]);
  return {
    list,
    async begin(record, initialData) {
      const forgotten = (await list()).slice(RUNS_KEPT - 1);
      const kept = new Set([
        record.initialDataHash,
        ...(await list()).slice(0, RUNS_KEPT - 1).map((r) => r.initialDataHash),
      ]);
      const tx = database.transaction(['runs', 'inputs', 'snapshots', 'segments'], 'readwrite');
      const work: Promise<unknown>[] = [tx.objectStore('runs').put(record), tx.objectStore('segments').clear()];
      for (const { id } of forgotten)
        work.push(tx.objectStore('runs').delete(id), tx.objectStore('inputs').delete(ofRun(id)));
      for (const hash of await tx.objectStore('snapshots').getAllKeys()) {
        if (!kept.has(hash)) work.push(tx.objectStore('snapshots').delete(hash));
      }
      if (record.initialDataHash !== null && initialData !== null) {
        work.push(tx.objectStore('snapshots').put({ hash: record.initialDataHash, data: initialData }));
      }
      await Promise.all([...work, tx.done]);
    },
    async update(id, change) {
      const tx = database.transaction('runs', 'readwrite');
      const record = await tx.store.get(id);
      if (record !== undefined) await tx.store.put({ ...record, ...change });
      await tx.done;
    },
    async addInputs(id, inputs) {
      const tx = database.transaction('inputs', 'readwrite');
      await Promise.all([...inputs.map((input) => tx.store.put({ ...input, run: id })), tx.done]);
    },
    async inputs(id) {
      return (await database.getAll('inputs', ofRun(id))).map(({ at, seq, body }) => ({ at, seq, body }));
    },
    snapshot: async (hash) => (await database.get('snapshots', hash))?.data ?? null,
    segments: (id) => ({
      put: async (index, text) => void (await database.put('segments', { run: id, index, text })),
      get: async (index) => (await database.get('segments', [id, index]))?.text,
      drop: (index) => database.delete('segments', [id, index]),
    }),
    close: () => database.close(),
  };
}

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { VirtualTime } from '../../../core/base/order.ts';
import type { EventOf } from '../../../core/fabric/event.ts';
import type { StoredRow, TableRow } from '../../../core/storage/types.ts';

/** One row image of the log, ordered as it happened. */
export interface StoreWrite {
  t: VirtualTime;
  table: string;
  key: string;
  before: TableRow | null;
  after: TableRow | null;
}
export const writeOf = (event: EventOf<'store.applied'>): StoreWrite => ({
  t: event.t,
  table: event.table,
  key: event.key,
  before: event.before,
  after: event.after,
});

/**
 * Layout: `rows` holds the newest state (what DevTools shows), `writes` the newest changes with the image before each
 * of them, kept until the cut has passed them, so that any time between the cut and now can be gone back to.
 */
interface Schema extends DBSchema {
  rows: { key: [string, string]; value: StoredRow };
  writes: { key: number; value: StoreWrite & { seq: number } };
  meta: { key: string; value: { name: 'run'; run: string } };
}

/** One node's durable rows in IndexedDB. Methods reject with what IndexedDB says (quota, closed, blocked). */
export interface NodeStore {
  /** Incarnation 0 of a run: the content becomes exactly `rows`. */
  reset(run: string, rows: StoredRow[]): Promise<void>;
  /** Back to the state before `from`, then `tail` applied (what was acknowledged and not written yet). */
  recover(from: VirtualTime, tail: StoreWrite[]): Promise<StoredRow[]>;
  /** One transaction. Changes at or before `cut` will never be undone and lose their images. */
  append(writes: StoreWrite[], cut: VirtualTime): Promise<void>;
  /** All rows by table, then key, in code unit order. */
  rows(): Promise<StoredRow[]>;
  /** The run that this content belongs to; null when no run has begun with it. */
  run(): Promise<string | null>;
  close(): void;
}

type Database = IDBPDatabase<Schema>;

/** Opens or creates the database; rejects when IndexedDB is absent, forbidden, or blocked for 5 s. */
export async function openNodeStore(name: string): Promise<NodeStore> {
  const database = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('rows', { keyPath: ['table', 'key'] });
      fresh.createObjectStore('writes', { keyPath: 'seq' });
      fresh.createObjectStore('meta', { keyPath: 'name' });
    },
    // Deleting the document or a newer build wants it: a store that is open would hold them up for ever.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });
  const log = await database.getAll('writes');
  const kept = log.map(({ seq, t }) => ({ seq, t }));
  return {
    reset: (run, rows) => reset(database, kept, run, rows),
    recover: (from, tail) => recover(database, kept, from, tail),
    append: (writes, cut) => append(database, kept, writes, cut),
    rows: () => database.getAll('rows'),
    run: async () => (await database.get('meta', 'run'))?.run ?? null,
    close: () => database.close(),
  };
}

type Kept = { seq: number; t: VirtualTime }[];
const ALL = ['rows', 'writes', 'meta'] as const;

async function reset(database: Database, kept: Kept, run: string, rows: StoredRow[]): Promise<void> {
  const tx = database.transaction(ALL, 'readwrite');
  const work: Promise<unknown>[] = [tx.objectStore('rows').clear(), tx.objectStore('writes').clear()];
  work.push(tx.objectStore('meta').put({ name: 'run', run }));
  for (const row of rows) work.push(tx.objectStore('rows').put(row));
  await Promise.all([...work, tx.done]);
  kept.length = 0;
}

async function recover(database: Database, kept: Kept, from: VirtualTime, tail: StoreWrite[]): Promise<StoredRow[]> {
  const tx = database.transaction(ALL, 'readwrite');
  const writes = await tx.objectStore('writes').getAll();
  const work: Promise<unknown>[] = [];
  for (const write of writes.reverse()) {
    if (write.t < from) continue;
    work.push(putImage(tx.objectStore('rows'), write, write.before), tx.objectStore('writes').delete(write.seq));
  }
  const left = kept.filter((entry) => entry.t < from);
  const next = left.concat(numbered(left, tail));
  tail.forEach((write, i) => {
    work.push(putImage(tx.objectStore('rows'), write, write.after));
    work.push(tx.objectStore('writes').put({ ...write, seq: (next[left.length + i] as Kept[number]).seq }));
  });
  await Promise.all([...work, tx.done]);
  kept.splice(0, kept.length, ...next);
  return database.getAll('rows');
}

async function append(database: Database, kept: Kept, writes: StoreWrite[], cut: VirtualTime): Promise<void> {
  const tx = database.transaction(['rows', 'writes'], 'readwrite');
  const rows = tx.objectStore('rows');
  const log = tx.objectStore('writes');
  const added = numbered(kept, writes);
  const work: Promise<unknown>[] = [];
  writes.forEach((write, i) => {
    work.push(putImage(rows, write, write.after), log.put({ ...write, seq: (added[i] as Kept[number]).seq }));
  });
  const drop = kept.findIndex((entry) => entry.t > cut);
  const dropped = drop === -1 ? kept.length : drop;
  const last = kept[dropped - 1];
  if (last !== undefined) work.push(log.delete(IDBKeyRange.upperBound(last.seq)));
  await Promise.all([...work, tx.done]);
  kept.splice(0, dropped);
  kept.push(...added);
}

function numbered(kept: Kept, writes: StoreWrite[]): Kept {
  const first = (kept[kept.length - 1]?.seq ?? 0) + 1;
  return writes.map((write, i) => ({ seq: first + i, t: write.t }));
}

interface RowStore {
  put(row: StoredRow): Promise<unknown>;
  delete(key: [string, string]): Promise<unknown>;
}
const putImage = (rows: RowStore, at: { table: string; key: string }, image: TableRow | null): Promise<unknown> =>
  image === null ? rows.delete([at.table, at.key]) : rows.put({ table: at.table, key: at.key, row: image });

import type { Json } from '../../../core/base/json.ts';
import type { VirtualTime } from '../../../core/base/order.ts';
import type { Result } from '../../../core/base/result.ts';
import type { InstanceInit } from '../../../core/fabric/protocol.ts';
import type { StoredRow } from '../../../core/storage/types.ts';
import type { StoreWrite } from '../storage/node-store.ts';

/** Where the durable rows of an instance are kept, and how it gets them when it starts. */
export interface StoreAssignment {
  database: string;
  run: string;
  /** Changes at or after this time belong to a window that never happened: they are undone. */
  recoverFrom: VirtualTime;
}
export interface Assignment {
  init: InstanceInit;
  /** False: the store becomes exactly `init.stored`. True: `init.stored` is filled from the store. */
  recover: boolean;
  /** Rows acknowledged by earlier incarnations that may not be in IndexedDB yet. */
  tail: StoreWrite[];
  store: StoreAssignment | null;
}
/** Sent along with a window: what the write-behind of a store has to know of the others. */
export interface StoreHint {
  /** Another store has rows to write: IndexedDB is one queue for the whole origin. */
  contended: boolean;
  /** Everything at or before this is durable in every store and will never be undone. */
  cut: VirtualTime;
}

/** What the worker of one instance serves beside its windows (decision 16); plain data only. */
export interface InstanceWorkerApi {
  start(assignment: Assignment): Promise<Result<null, string>>;
  /** Settles when all acknowledged rows are in IndexedDB. */
  flush(): Promise<Result<null, string>>;
  /** The rows as IndexedDB has them, after a flush. */
  rows(): Promise<Result<StoredRow[], string>>;
  inspect(query: string): Promise<Result<Json, string>>;
}

/** What the worker of an instance says unasked. It has no `id`, so Comlink passes over it. */
export type InstanceNotice =
  | { notice: 'persisted'; through: VirtualTime }
  /** IndexedDB refuses (null: it works again). The run goes on; rows wait in memory. */
  | { notice: 'storage'; reason: string | null }
  | { notice: 'crashed'; reason: string }
  /** It holds this Web Lock as long as it lives: whoever gets the lock knows that it is dead. */
  | { notice: 'alive'; lock: string };
export const isNotice = (data: unknown): data is InstanceNotice =>
  typeof data === 'object' && data !== null && 'notice' in data;

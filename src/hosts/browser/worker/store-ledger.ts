import type { VirtualTime } from '../../../core/base/order.ts';
import type { StoredRow, TableRow } from '../../../core/storage/types.ts';
import type { StoreWrite } from '../storage/node-store.ts';

/** Unwritten changes of one store above which only the last change of each row is kept. */
const COMPACT_AT = 10_000;

/**
 * What the fabric knows of rows that were acknowledged and may not be in IndexedDB yet. A store that dies loses its
 * memory but no acknowledged row: its next incarnation gets this tail, so the log does not depend on how far the disk was.
 */
export interface StoreLedger {
  /** The store begins (again) with these rows. */
  begin(node: string, t: VirtualTime, rows: readonly StoredRow[]): void;
  add(node: string, writes: readonly StoreWrite[]): void;
  persisted(node: string, through: VirtualTime): void;
  tail(node: string): StoreWrite[];
  /** Highest time at or before which every store is durable, given that the log is final before `reached`. */
  cut(reached: VirtualTime): VirtualTime;
  /** Another store than `node` has rows to write. */
  isContended(node: string): boolean;
  /** Changes not yet durable, over all stores. */
  readonly pending: number;
}

/** An empty ledger. */
export function createStoreLedger(): StoreLedger {
  const tails = new Map<string, StoreWrite[]>();
  return {
    begin(node, t, rows) {
      const writes = rows.map(({ table, key, row }) => ({ t, table, key, before: null, after: row as TableRow }));
      tails.set(node, writes);
    },
    add(node, writes) {
      if (writes.length === 0) return;
      const tail = (tails.get(node) ?? []).concat(writes);
      tails.set(node, tail.length > COMPACT_AT ? compact(tail) : tail);
    },
    persisted(node, through) {
      const tail = tails.get(node) ?? [];
      const first = tail.findIndex((write) => write.t > through);
      tails.set(node, first === -1 ? [] : tail.slice(first));
    },
    tail: (node) => tails.get(node) ?? [],
    cut(reached) {
      let cut = reached - 1;
      for (const tail of tails.values()) {
        for (const write of tail) cut = Math.min(cut, write.t - 1);
      }
      return cut;
    },
    isContended(node) {
      for (const [other, tail] of tails) if (other !== node && tail.length > 0) return true;
      return false;
    },
    get pending() {
      let pending = 0;
      for (const tail of tails.values()) pending += tail.length;
      return pending;
    },
  };
}

/** One change per row: the image before the first and after the last, in the order of the last. */
function compact(tail: StoreWrite[]): StoreWrite[] {
  const rows = new Map<string, StoreWrite>();
  for (const write of tail) {
    const id = `${write.table}\u0000${write.key}`;
    const first = rows.get(id);
    rows.delete(id);
    rows.set(id, first === undefined ? write : { ...write, before: first.before });
  }
  return [...rows.values()];
}

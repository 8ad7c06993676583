import type { VirtualTime } from '../../../core/base/order.ts';
import type { NodeStore, StoreWrite } from './node-store.ts';

/** Wall ms that a write waits for company before its group goes to IndexedDB. With the transaction: at most about 50. */
const COLLECT_MS = 15;
/** Rows per transaction: small while other stores wait (IndexedDB is one queue for the whole origin), else larger. */
const GROUP_CONTENDED = 10;
const GROUP_ALONE = 100;
/** Above this backlog falling behind is worse than making others wait. */
const BACKLOG_LARGE = 1_000;
const RETRY_MS = 1_000;

export interface WriteBehind {
  push(writes: StoreWrite[], contended: boolean, cut: VirtualTime): void;
  /** Settles when everything pushed so far is in IndexedDB; rejects with the first failure. */
  flush(): Promise<void>;
  readonly pending: number;
}

export interface WriteBehindEvents {
  /** Everything at or before `through` is in IndexedDB. */
  persisted(through: VirtualTime): void;
  /** IndexedDB refused (quota, closed): nothing is lost, it is tried again every second. */
  failed(reason: string): void;
}

/** Orders the writes of one store into transactions, one at a time, in the order in which they were acknowledged. */
export function createWriteBehind(store: Pick<NodeStore, 'append'>, events: WriteBehindEvents): WriteBehind {
  let queue: StoreWrite[] = [];
  let contended = false;
  let cut: VirtualTime = Number.MIN_SAFE_INTEGER;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | null = null;

  const writeGroup = async (): Promise<void> => {
    const limit = contended && queue.length < BACKLOG_LARGE ? GROUP_CONTENDED : GROUP_ALONE;
    const group = queue.slice(0, limit);
    await store.append(group, cut);
    queue = queue.slice(group.length);
    const oldest = queue[0];
    const newest = group[group.length - 1] as StoreWrite;
    // Writes of one instant can fall into two groups: that instant is durable only with the last of them.
    events.persisted(oldest === undefined ? newest.t : Math.min(newest.t, oldest.t - 1));
  };
  const drain = (): Promise<void> => {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    writing ??= (async () => {
      try {
        while (queue.length > 0) await writeGroup();
      } finally {
        writing = null;
      }
    })();
    return writing;
  };
  const schedule = (delayMs: number): void => {
    timer ??= setTimeout(() => {
      drain().catch((error: unknown) => {
        events.failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        schedule(RETRY_MS);
      });
    }, delayMs);
  };
  return {
    get pending() {
      return queue.length;
    },
    push(writes, othersWait, newCut) {
      contended = othersWait;
      cut = newCut;
      if (writes.length === 0) return;
      queue.push(...writes);
      if (writing === null) schedule(COLLECT_MS);
    },
    async flush() {
      while (queue.length > 0) await drain();
    },
  };
}

import type { Document, TopologyDiff } from '../../core/topology/schema/types.ts';
import type { DocumentInfo, DocumentStore } from './document-store.ts';

export type SavedState = 'saved' | 'saving' | 'failed';

/** A snapshot replaces the log after this many edits, or when nothing was edited for this long. */
export const COMPACT_EDITS = 200;
export const COMPACT_IDLE_MS = 10_000;
/** After a failed write it is tried again this often; edits wait in memory meanwhile. */
const RETRY_MS = 10_000;

export interface EditWriter {
  append(diff: TopologyDiff, label: string, now: Document): void;
  /** The whole content is new (import, undo of an import, restored snapshot). */
  replace(content: Document): void;
  /** Settles when everything so far is written, or failed. */
  flush(): Promise<void>;
  /** Another tab writes now: nothing is written any more, also not later. */
  abandon(): void;
  /** Writes what is open and marks the document as closed. */
  close(): Promise<void>;
}

export interface WriterOptions {
  store: Pick<DocumentStore, 'append' | 'compact' | 'mark'>;
  info: DocumentInfo;
  content: Document;
  seq: number;
  /** Edits already in the log after its last snapshot. */
  edits: number;
  saved(state: SavedState, reason: string | null): void;
}

interface Pending {
  diff: TopologyDiff;
  label: string;
  at: string;
  seq: number;
}

/** Append-only autosave (A1 of the reliability page): a committed gesture is one transaction, begun at once; never a debounce. */
export function createEditWriter(options: WriterOptions): EditWriter {
  const { store } = options;
  let { info, content, seq } = options;
  let logged = options.edits;
  let queue: Pending[] = [];
  let isSnapshotDue = false;
  let isAbandoned = false;
  let writing: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const later = (delayMs: number): void => {
    clearTimeout(timer);
    if (!isAbandoned) timer = setTimeout(() => void write(), delayMs);
  };
  const stamp = (): string => {
    const at = new Date().toISOString();
    info = { ...info, name: content.name, updatedAt: at };
    return at;
  };
  const writeOnce = async (): Promise<void> => {
    const taken = [...queue];
    if (taken.length > 0 && !isSnapshotDue) {
      await store.append(
        info,
        taken.map((edit) => ({ ...edit, document: info.id })),
      );
    } else {
      await store.compact(info, { document: info.id, seq, at: info.updatedAt, content });
      isSnapshotDue = false;
      logged = -taken.length;
    }
    logged += taken.length;
    queue = queue.slice(taken.length);
  };
  const write = (): Promise<void> => {
    writing ??= (async () => {
      // Not before `writing` is set: what has nothing to do would end first and leave it set for ever.
      await Promise.resolve();
      try {
        isSnapshotDue ||= logged + queue.length >= COMPACT_EDITS || (queue.length === 0 && logged > 0);
        while (queue.length > 0 || isSnapshotDue) await writeOnce();
        options.saved('saved', null);
        if (logged > 0) later(COMPACT_IDLE_MS);
      } catch (error) {
        options.saved('failed', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        later(RETRY_MS);
      } finally {
        writing = null;
      }
    })();
    return writing;
  };
  const begin = (): void => {
    options.saved('saving', null);
    if (writing === null) void write();
  };
  const settled = async (isLast: boolean): Promise<void> => {
    await writing;
    if (queue.length > 0 || isSnapshotDue) await write();
    if (isLast && logged > 0) await write();
  };
  return {
    append(diff, label, now) {
      content = now;
      seq += 1;
      queue.push({ diff, label, at: stamp(), seq });
      begin();
    },
    replace(next) {
      content = next;
      seq += 1;
      stamp();
      // The snapshot holds what still waits, and everything before it.
      isSnapshotDue = true;
      begin();
    },
    async flush() {
      await settled(false);
    },
    abandon() {
      isAbandoned = true;
      queue = [];
      clearTimeout(timer);
    },
    async close() {
      await settled(true);
      clearTimeout(timer);
      try {
        await store.mark({ ...info, isOpen: false });
      } catch {
        // The edits are written or reported as failed; the mark only decides whether the next start says "restored".
      }
    },
  };
}

import type { VirtualTime } from '../../../core/base/order.ts';
import type { RunState } from '../../../core/fabric/run-api.ts';
import type { TextBatch } from './fabric-protocol.ts';
import type { LogLine } from './run-log.ts';

/** Wall ms between batches: one frame; a hidden page gets one a second (decision 6). */
const FRAME_MS = 16;
const HIDDEN_MS = 1_000;
/** Events on their way to the page, posted or waiting, above which the run stalls visibly. */
export const CREDIT_EVENTS = 50_000;
/** Events per batch: what the page can take in without missing a frame. */
const BATCH_EVENTS = 4_000;

export interface BatchSender {
  offer(lines: readonly LogLine[]): void;
  /** The state changed; a batch goes out even without events. */
  touch(): void;
  /** A batch goes out now, not with the next frame: what is answered after it finds the page knowing the state. */
  flush(): void;
  /** The page has worked off this many events. */
  acknowledge(events: number): void;
  hidden(isHidden: boolean): void;
  readonly isFull: boolean;
  /** Settles when there is room again. */
  room(): Promise<void>;
  close(): void;
}

/** At most one message per frame to the page, and never more than it can digest. */
export function createBatchSender(
  post: (batch: TextBatch) => void,
  state: () => RunState,
  options: { frameMs?: number; hiddenMs?: number; credit?: number; batchEvents?: number } = {},
): BatchSender {
  const { frameMs = FRAME_MS, hiddenMs = HIDDEN_MS, credit = CREDIT_EVENTS, batchEvents = BATCH_EVENTS } = options;
  let queue: LogLine[] = [];
  let posted = 0;
  let intervalMs = frameMs;
  let lastSent = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: (() => void)[] = [];
  let isClosed = false;
  const isFull = (): boolean => posted + queue.length > credit;

  const send = (): void => {
    timer = undefined;
    lastSent = performance.now();
    const lines = queue.length > batchEvents ? queue.slice(0, batchEvents) : queue;
    queue = queue.length > batchEvents ? queue.slice(batchEvents) : [];
    posted += lines.length;
    const now = state();
    const events = `[${lines.map(({ text }) => text).join(',')}]`;
    post({ state: { ...now, now: drawable(queue, now.now) }, events });
    if (queue.length > 0) schedule();
  };
  const schedule = (): void => {
    // Never longer than one interval, whatever happened to the clock.
    const left = Math.min(intervalMs, lastSent + intervalMs - performance.now());
    timer ??= setTimeout(send, Math.max(0, left));
  };
  return {
    offer(lines) {
      if (lines.length === 0) return;
      for (const line of lines) queue.push(line);
      schedule();
    },
    touch: schedule,
    flush() {
      clearTimeout(timer);
      if (!isClosed) send();
    },
    acknowledge(events) {
      posted -= events;
      if (isFull()) return;
      for (const go of waiting.splice(0)) go();
    },
    hidden(isHidden) {
      intervalMs = isHidden ? hiddenMs : frameMs;
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      schedule();
    },
    get isFull() {
      return isFull();
    },
    room: () => (isFull() ? new Promise((go) => void waiting.push(go)) : Promise.resolve()),
    close() {
      isClosed = true;
      clearTimeout(timer);
      timer = undefined;
      const open = waiting;
      waiting = [];
      for (const go of open) go();
    },
  };
}

/** The page may draw up to here: nothing later than the first event that it does not have yet. */
function drawable(queue: readonly LogLine[], now: VirtualTime): VirtualTime {
  return Math.min(now, queue[0]?.event.t ?? now);
}

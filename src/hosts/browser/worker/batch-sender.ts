import type { VirtualTime } from '../../../core/base/order.ts';
import type { RunState } from '../../../core/fabric/run-api.ts';
import type { TextBatch } from './fabric-protocol.ts';

/** Wall ms between batches: one frame; a hidden page gets one a second (decision 6). */
const FRAME_MS = 16;
const HIDDEN_MS = 1_000;
/** Events on their way to the page, posted or waiting, above which the run stalls visibly. */
export const CREDIT_EVENTS = 50_000;
/** Events per batch: what the page can take in without missing a frame. */
const BATCH_EVENTS = 4_000;

/** Final events in their order: lines of the log in one text, a newline behind each. */
export interface LogPiece {
  text: string;
  events: number;
  /** Time of the first one. µs */
  from: VirtualTime;
}

export interface BatchSender {
  offer(piece: LogPiece): void;
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
  let queue: LogPiece[] = [];
  /** Events in the queue. */
  let queued = 0;
  let posted = 0;
  let intervalMs = frameMs;
  let lastSent = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: (() => void)[] = [];
  let isClosed = false;
  const isFull = (): boolean => posted + queued > credit;

  const send = (): void => {
    timer = undefined;
    lastSent = performance.now();
    const { taken, left } = takeEvents(queue, batchEvents);
    queue = left;
    const events = sum(taken);
    queued -= events;
    posted += events;
    const now = state();
    post({ state: { ...now, now: drawable(queue, now.now) }, events: taken.map(({ text }) => text).join('') });
    if (queue.length > 0) schedule();
  };
  const schedule = (): void => {
    // Never longer than one interval, whatever happened to the clock.
    const left = Math.min(intervalMs, lastSent + intervalMs - performance.now());
    timer ??= setTimeout(send, Math.max(0, left));
  };
  return {
    offer(piece) {
      if (piece.events === 0) return;
      queue.push(piece);
      queued += piece.events;
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
function drawable(queue: readonly LogPiece[], now: VirtualTime): VirtualTime {
  return Math.min(now, queue[0]?.from ?? now);
}

const sum = (pieces: readonly LogPiece[]): number => pieces.reduce((events, piece) => events + piece.events, 0);

/** The first pieces of a queue with at most `most` events, the last of them cut where that many end. */
function takeEvents(queue: readonly LogPiece[], most: number): { taken: LogPiece[]; left: LogPiece[] } {
  const taken: LogPiece[] = [];
  let room = most;
  for (const [index, piece] of queue.entries()) {
    if (piece.events > room) {
      const [before, after] = cut(piece, room);
      return { taken: room === 0 ? taken : [...taken, before], left: [after, ...queue.slice(index + 1)] };
    }
    taken.push(piece);
    room -= piece.events;
  }
  return { taken, left: [] };
}

/** A piece as its first `events` and the rest of them. */
function cut(piece: LogPiece, events: number): [LogPiece, LogPiece] {
  let end = 0;
  for (let line = 0; line < events; line++) end = piece.text.indexOf('\n', end) + 1;
  const rest = piece.text.slice(end);
  // Every line begins with its time.
  const from = Number(/^\{"t":(-?\d+)/.exec(rest)?.[1] ?? piece.from);
  return [
    { text: piece.text.slice(0, end), events, from: piece.from },
    { text: rest, events: piece.events - events, from },
  ];
}

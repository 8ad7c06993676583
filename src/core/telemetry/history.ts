import type { VirtualTime } from '../base/order.ts';
import type { EventOf, LogEvent } from '../fabric/event.ts';
import { nodeOf } from '../fabric/message.ts';
import type { TraceContext } from '../fabric/message.ts';
import { applyEvent, copyView, createRunView, nextContext } from './fold.ts';
import { LIMITS } from './limits.ts';
import { createSharedBodies } from './shared-bodies.ts';
import type { FoldContext, RunView } from './view.ts';

/** Events between two checkpoints, with the projection before the first of them. */
interface Chunk {
  /** Number of events before this chunk. */
  index: number;
  before: RunView;
  context: FoldContext;
  events: LogEvent[];
  bytes: number;
  /** Long bodies that its events carry. */
  bodies: string[];
}

/** Ring of the newest events and the checkpoints that make a seek cheap. */
export interface History {
  /** The projection of everything appended. Changed in place by `append`; see `freezeView`. */
  readonly live: RunView;
  readonly context: FoldContext;
  append(events: readonly LogEvent[]): void;
  /** Time of the oldest event that is still in memory: a seek below it needs the spilled log. */
  oldest(): VirtualTime;
  /** An own projection at `t`; folds at most `LIMITS.checkpointEvents` events. */
  viewAt(t: VirtualTime): RunView;
  /** Events in memory, oldest first. */
  events(): Iterable<LogEvent>;
}

/** Rough size of an event in memory: only the payload's bytes vary much. */
const eventBytes = (event: LogEvent): number => (event.type === 'message.sent' ? 400 + event.size : 300);

/** A history that begins empty. `checkpointEvents` is for tests. */
export function createHistory(context: FoldContext, checkpointEvents: number = LIMITS.checkpointEvents): History {
  const live = createRunView();
  const chunks: Chunk[] = [];
  let current = context;
  let bytes = 0;
  const shared = createSharedBodies();

  function openChunk(): Chunk {
    const chunk: Chunk = {
      index: live.events,
      before: copyView(live),
      context: current,
      events: [],
      bytes: 0,
      bodies: [],
    };
    chunks.push(chunk);
    while (chunks.length > 1 && (chunks.length > LIMITS.chunks || bytes > LIMITS.historyBytes)) {
      const gone = chunks.shift();
      bytes -= gone?.bytes ?? 0;
      shared.release(gone?.bodies ?? []);
    }
    return chunk;
  }

  return {
    live,
    get context() {
      return current;
    },
    append(events) {
      let chunk = chunks.at(-1) ?? openChunk();
      for (const event of events) {
        if (chunk.events.length >= checkpointEvents) chunk = openChunk();
        chunk.events.push(event);
        const size = eventBytes(event) - shared.share(event, chunk.bodies);
        chunk.bytes += size;
        bytes += size;
        applyEvent(live, event, current);
        current = nextContext(current, event);
      }
    },
    oldest: () => chunks[0]?.events[0]?.t ?? 0,
    viewAt(t) {
      const chunk = chunks.findLast((candidate) => (candidate.events[0]?.t ?? Infinity) <= t) ?? chunks[0];
      if (chunk === undefined) return createRunView();
      const view = copyView(chunk.before);
      let at = chunk.context;
      for (const event of chunk.events) {
        if (event.t > t) break;
        applyEvent(view, event, at);
        at = nextContext(at, event);
      }
      if (Number.isFinite(t)) view.t = t;
      return view;
    },
    *events() {
      for (const chunk of chunks) yield* chunk.events;
    },
  };
}

/** One recorded change of a row, and the statement's trace where a message that reached the store at that moment tells it. */
export interface RowVersion {
  event: EventOf<'store.applied'>;
  trace: TraceContext | null;
  /** Node whose statement it was; null for initial rows. */
  writer: string | null;
}

/** Every recorded version of one row, newest first. */
export function rowVersions(
  events: Iterable<LogEvent>,
  row: { store: string; table: string; key: string },
  until: VirtualTime,
): RowVersion[] {
  const versions: RowVersion[] = [];
  const arrivals = new Map<VirtualTime, EventOf<'message.sent'>>();
  for (const event of events) {
    if (event.t > until) break;
    if (event.type === 'message.sent' && event.payload.kind === 'db.query' && nodeOf(event.to) === row.store) {
      arrivals.set(event.arriveAt, event);
    }
    if (event.type !== 'store.applied' || event.key !== row.key) continue;
    if (event.store !== row.store || event.table !== row.table) continue;
    // Initial rows are told by the fabric, not by the store's own instance.
    const cause = nodeOf(event.source) === row.store ? arrivals.get(event.t) : undefined;
    versions.push({ event, trace: cause?.trace ?? null, writer: cause === undefined ? null : nodeOf(cause.from) });
  }
  return versions.reverse();
}

import { isObject, type Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import { outboxRelay } from '../../behaviour/outbox.ts';
import { beginSpan } from '../span.ts';
import { startRun } from './handler-run.ts';
import type { RunContext, RunParts } from './run-context.ts';

/** Pause before a relay that failed tries again. ms */
const RELAY_RETRY_MS = 1000;

/** `ids` null = all that is there (after a start); `again` = some of it may have been published before. */
interface Waiting {
  ids: string[] | null;
  again: boolean;
}

/** Publishes what handlers of this instance committed to an outbox: one pass at a time per store, in the order of commits. */
export class Relay {
  private readonly parts: RunParts;
  private readonly idle: () => void;
  private passes = 0;
  private readonly running = new Set<string>();
  /** What waits for the next pass, per store. */
  private readonly waiting = new Map<string, Waiting>();

  /** `idle` is called whenever nothing is left to publish. */
  constructor(parts: RunParts, idle: () => void) {
    this.parts = parts;
    this.idle = idle;
  }

  /** Nothing committed here still waits to be published. */
  get isIdle(): boolean {
    return this.running.size === 0 && this.waiting.size === 0;
  }

  request(store: string, ids: string[]): void {
    this.add(store, { ids, again: false });
    this.next(store);
  }

  /** What a crash left between commit and confirm, of any instance, is published now. */
  recover(store: string): void {
    this.add(store, { ids: null, again: true });
    this.next(store);
  }

  private add(store: string, more: Waiting): void {
    const known = this.waiting.get(store) ?? { ids: [], again: false };
    const ids = known.ids === null || more.ids === null ? null : [...known.ids, ...more.ids];
    this.waiting.set(store, { ids, again: known.again || more.again });
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['relay'] !== 'string') return false;
    this.next(token['relay']);
    return true;
  }

  private next(store: string): void {
    const work = this.waiting.get(store);
    if (work === undefined || this.running.has(store)) return;
    this.waiting.delete(store);
    this.running.add(store);
    const { port } = this.parts;
    const pass = ++this.passes;
    const traceId = port.hexId('relay-trace', 32, pass);
    const spanId = port.hexId('relay', 16, pass);
    const end = beginSpan(port, {
      traceId,
      spanId,
      parentSpanId: null,
      kind: 'INTERNAL',
      name: 'outbox relay',
      attributes: {},
    });
    const context: RunContext = { trace: { traceId, spanId }, spanId, handler: '', attempt: 0, respond: () => {} };
    startRun(
      this.parts,
      context,
      () => outboxRelay(store, work.ids, work.again),
      (failure) => {
        end(failure?.message ?? null);
        this.passed(store, work, failure);
      },
    );
  }

  private passed(store: string, work: Waiting, failure: Failure | null): void {
    const { port } = this.parts;
    this.running.delete(store);
    if (!failure) {
      this.next(store);
      if (this.isIdle) this.idle();
      return;
    }
    this.add(store, { ids: work.ids, again: true });
    port.after(RELAY_RETRY_MS * 1000, { relay: store });
  }
}

import { isObject, type Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import { outboxRelay } from '../../behaviour/outbox.ts';
import { startRun, type RunContext, type RunParts } from './handler-run.ts';

/** Pause before a relay that failed tries again. ms */
const RELAY_RETRY_MS = 1000;

/** Publishes what handlers of this instance committed to an outbox: one pass at a time per store, in the order of commits. */
export class Relay {
  private readonly parts: RunParts;
  private passes = 0;
  private readonly running = new Set<string>();
  /** Rows that wait for the next pass; null = all that is there (after a start). */
  private readonly waiting = new Map<string, string[] | null>();

  constructor(parts: RunParts) {
    this.parts = parts;
  }

  request(store: string, ids: string[]): void {
    const known = this.waiting.get(store);
    if (known !== null) this.waiting.set(store, [...(known ?? []), ...ids]);
    this.next(store);
  }

  /** What a crash left between commit and confirm, of any instance, is published now. */
  recover(store: string): void {
    this.waiting.set(store, null);
    this.next(store);
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['relay'] !== 'string') return false;
    this.next(token['relay']);
    return true;
  }

  private next(store: string): void {
    const ids = this.waiting.get(store);
    if (ids === undefined || this.running.has(store)) return;
    this.waiting.delete(store);
    this.running.add(store);
    const { port } = this.parts;
    const pass = ++this.passes;
    const traceId = port.hexId('relay-trace', 32, pass);
    const spanId = port.hexId('relay', 16, pass);
    port.emit({
      type: 'span.started',
      traceId,
      spanId,
      parentSpanId: null,
      kind: 'INTERNAL',
      name: 'outbox relay',
      attributes: {},
      links: [],
      saga: null,
    });
    const context: RunContext = { trace: { traceId, spanId }, spanId, attempt: 0, respond: () => {} };
    startRun(
      this.parts,
      context,
      () => outboxRelay(store, ids),
      (failure) => this.passed(store, ids, traceId, spanId, failure),
    );
  }

  private passed(store: string, ids: string[] | null, traceId: string, spanId: string, failure: Failure | null): void {
    const { port } = this.parts;
    const status = failure ? 'error' : 'unset';
    port.emit({ type: 'span.ended', traceId, spanId, status, description: failure?.message ?? null, attributes: {} });
    this.running.delete(store);
    if (!failure) return this.next(store);
    const known = this.waiting.get(store);
    this.waiting.set(store, ids === null || known === null ? null : [...ids, ...(known ?? [])]);
    port.after(RELAY_RETRY_MS * 1000, { relay: store });
  }
}

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalize } from '../../core/base/canonical.ts';
import { eventId } from '../../core/base/order.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import { canonicalRows, canonicalTrace } from '../../core/telemetry/canonical-trace.ts';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { createHistory } from '../../core/telemetry/history.ts';
import { checkSpans } from '../../core/telemetry/spans.ts';
import type { FoldContext, RunView } from '../../core/telemetry/view.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const topology = compileTopology(document);
const fault = document.demo?.break?.fault;
const END = 8e6;

/** The example with one order by hand, then a broken payment and another order. */
function simulate(): VirtualRun {
  const run = new VirtualRun({ documentId: document.id, topology, initialData: null, seed: 4207, inputs: [] });
  run.runUntil(2e6);
  run.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
  run.runUntil(4e6);
  if (fault === undefined) throw new Error('the example has a fault to show');
  run.inject({ kind: 'fault.set', fault });
  run.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
  run.runUntil(END);
  return run;
}

let run: VirtualRun;
let events: readonly LogEvent[];
let context: FoldContext;
let whole: RunView;
beforeAll(() => {
  run = simulate();
  events = run.events;
  context = foldContext(topology);
  whole = foldTo(events, END, context);
});
const plain = ({ owned: _owned, version: _version, ...view }: RunView) => view;

describe('the log of the order saga', () => {
  test('has sound spans', () => expect(checkSpans(events)).toEqual([]));

  test('shows the break: a declined payment, a cancelled order, amber messages', () => {
    const sagas = [...whole.sagas.values()];
    expect(sagas.some((saga) => saga.state === 'completed')).toBe(true);
    const undone = sagas.find(
      (saga) => saga.state === 'compensated' && saga.steps.some((step) => step.step === 'process-payment'),
    );
    expect(undone?.steps).toMatchObject([
      { step: 'create-order', state: 'done' },
      { step: 'process-payment', state: 'failed', reason: expect.stringContaining('declined') as string },
      { step: 'cancel-order', compensation: true, state: 'done' },
    ]);
    const amber = [...whole.messages.values()].filter((packet) => packet.outcome === 'compensation');
    expect(amber.length).toBeGreaterThan(0);
    expect(amber.every((packet) => packet.event.trace?.saga?.direction === 'compensation')).toBe(true);
    const broken = events.find((event) => event.type === 'step.failed' && event.byFault);
    const then = foldTo(events, broken?.t ?? 0, context).nodes.get('payment');
    expect(then?.failure).toMatchObject({ code: 'declined', byFault: true });
    // The issuer's own refusals are answers, counted beside it.
    expect(whole.nodes.get('payment')).toMatchObject({ refusal: { code: 'declined', byFault: false } });
  });

  test('tables are what the stores hold', () => {
    for (const store of ['order-db', 'payment-db', 'inventory-db', 'email-db']) {
      const rows = run.stored(store).filter((row) => whole.tables.has(`${store}/${row.table}`));
      expect(rows.length).toBeGreaterThan(0);
      for (const { table, key, row } of rows) expect(whole.tables.get(`${store}/${table}`)?.get(key)).toEqual(row);
    }
  });

  test('seeking through checkpoints equals folding from the start', () => {
    const history = createHistory(context, 700);
    for (let at = 0; at < events.length; at += 64) history.append(events.slice(at, at + 64));
    fc.assert(
      fc.property(fc.integer({ min: -2e6, max: END }), (t) => {
        expect(plain(history.viewAt(t))).toEqual(plain(foldTo(events, t, context)));
      }),
      { numRuns: 25 },
    );
    expect(plain(history.live)).toEqual(plain(foldTo(events, Infinity, context)));
  });

  test('removing one event removes its dot, span, row, line and badge', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: events.length - 1 }), (index) => {
        const gone = events[index];
        if (gone === undefined) return;
        const view = foldTo(events.toSpliced(index, 1), END, context);
        expect([gone, missing(view, gone)]).toEqual([gone, true]);
      }),
      { numRuns: 400 },
    );
  });

  test('canonical forms are equal for equal runs and see a changed one', () => {
    const again = simulate();
    expect(canonicalTrace(again.events, document)).toEqual(canonicalTrace(events, document));
    expect(canonicalRows(foldTo(again.events, END, context), document)).toEqual(canonicalRows(whole, document));
    const index = events.findIndex((event) => event.type === 'step.failed');
    expect(canonicalTrace(events.toSpliced(index, 1), document)).not.toEqual(canonicalTrace(events, document));
  });

  test.each([
    ['asked at once have no order', '/api/orders/overview', true],
    ['asked one after the other keep theirs', '/api/orders/details', false],
  ])('parts of a gateway that are %s in a canonical trace', (_, path, isEqual) => {
    const definition = { documentId: document.id, topology, initialData: null, seed: document.seed, inputs: [] };
    const long = new VirtualRun(definition);
    long.runUntil(60e6);
    const handled = long.events.filter(
      (event) => event.type === 'span.started' && event.kind === 'SERVER' && event.attributes['url.path'] === path,
    );
    const pairs = handled.flatMap((span) => {
      const calls = long.events.filter(
        (event) =>
          event.type === 'message.sent' &&
          event.payload.kind === 'http.request' &&
          event.source === span.source &&
          event.trace?.traceId === ('traceId' in span ? span.traceId : null),
      );
      const [first, second] = calls;
      return first !== undefined && second !== undefined ? [[first, second] as const] : [];
    });
    expect(pairs.length).toBeGreaterThan(0);
    for (const [first, second] of pairs) {
      const swapped = long.events.map((event) => {
        if (event === first) return { ...second, t: first.t, seq: first.seq };
        return event === second ? { ...first, t: second.t, seq: second.seq } : event;
      });
      const same =
        JSON.stringify(canonicalTrace(swapped, document)) === JSON.stringify(canonicalTrace(long.events, document));
      expect(same).toBe(isEqual);
    }
  });
});

/** Whether nothing in the view comes from `gone`. */
function missing(view: RunView, gone: LogEvent): boolean {
  switch (gone.type) {
    case 'message.sent':
      return !view.packets.has(eventId(gone)) && !view.messages.has(eventId(gone));
    case 'span.started':
      return view.traces.get(gone.traceId)?.spans.has(gone.spanId) !== true;
    case 'span.ended':
      return view.traces.get(gone.traceId)?.spans.get(gone.spanId)?.end === null;
    case 'log':
      return view.logs.every((line) => line.id !== eventId(gone));
    case 'step.failed':
      return (
        view.nodes.get(gone.source.slice(0, -2))?.failure?.t !== gone.t &&
        view.nodes.get(gone.source.slice(0, -2))?.refusal?.t !== gone.t &&
        view.marks.every((mark) => mark.t !== gone.t || mark.kind !== 'failure')
      );
    case 'store.applied': {
      // The row is as the changes before it left it, unless a later event changed it again.
      const row = view.tables.get(`${gone.store}/${gone.table}`)?.get(gone.key);
      const later = events.findLast(
        (event) =>
          event.type === 'store.applied' &&
          event.store === gone.store &&
          event.table === gone.table &&
          event.key === gone.key,
      );
      return later !== gone || canonicalize(row ?? null) === canonicalize(gone.before);
    }
    case 'instance.starting':
      return !view.instances.has(gone.instance);
    case 'registry.changed':
    case 'queue.changed':
    case 'instance.ready':
    case 'instance.draining':
    case 'instance.stopped':
    case 'instance.crashed':
    case 'message.refused':
    case 'limit.hit':
    case 'breaker.changed':
    case 'pool.changed':
    case 'limit.decided':
    case 'host.ejected':
    case 'host.returned':
    case 'panic.changed':
    case 'retry.decided':
    case 'probe.changed':
    case 'instance.paused':
    case 'instance.resumed':
    case 'message.duplicated':
    case 'release.changed':
    case 'input':
      return view.events === events.length - 1;
  }
}

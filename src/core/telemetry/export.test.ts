import { describe, expect, test } from 'vitest';
import { canonicalDifferences, canonicalRows, canonicalTrace } from './canonical-trace.ts';
import { foldContext, foldTo } from './fold.ts';
import { createHistory, rowVersions } from './history.ts';
import { otlpLogs, otlpTraces } from './otlp.ts';
import { declinedOrder, logWriter, SAMPLE_TOPOLOGY, span, TRACE } from './sample-log.suite.ts';
import { checkSpans, spanRows } from './spans.ts';
import type { Json } from '../base/json.ts';

const context = foldContext(SAMPLE_TOPOLOGY);
const events = declinedOrder();
const view = foldTo(events, Infinity, context);

describe('history', () => {
  test('a view at any time equals the fold of the whole log up to it, whatever the checkpoints', () => {
    const { version: _v, owned: _o, ...whole } = foldTo(events, 9000, context);
    for (const size of [1, 3, 7, 1000]) {
      const history = createHistory(context, size);
      history.append(events);
      const { version: _version, owned: _owned, ...seen } = history.viewAt(9000);
      expect(seen).toEqual(whole);
      expect([...history.events()].length).toBe(events.length);
      expect(history.live.events).toBe(events.length);
    }
  });
  test('versions of a row, newest first, up to the playhead', () => {
    const row = { store: 'orders', table: 'orders', key: '"o1"' };
    const query = { kind: 'db.query' as const, query: { op: 'begin' as const, tx: 'x' } };
    const sent = events.find((event) => event.type === 'message.sent');
    if (sent === undefined) throw new Error('the sample has a message');
    const asked = { ...sent, t: 1200, from: 'order#0', to: 'orders#0', arriveAt: 1500, payload: query };
    expect(rowVersions([asked, ...events], row, Infinity)).toMatchObject([
      { event: { t: 14_500 }, trace: null, writer: null },
      { event: { t: 1500 }, trace: { traceId: TRACE }, writer: 'order' },
    ]);
    expect(rowVersions(events, row, 2000).map((version) => version.event.after?.['id'])).toEqual(['o1']);
  });
});

describe('spans (OB3)', () => {
  test('a sound log has no complaint', () => expect(checkSpans(events)).toEqual([]));
  test('each broken invariant is named', () => {
    const log = logWriter();
    log.start(10, 'a#0', 1, 7, 'SERVER');
    log.start(20, 'a#0', 2, null, 'CLIENT');
    log.start(10, 'b#0', 3, 2, 'SERVER');
    log.start(30, 'b#0', 4, null, 'SERVER');
    log.end(40, 'a#0', 2);
    log.end(50, 'b#0', 3);
    log.end(60, 'b#0', 9);
    expect(checkSpans(log.events)).toEqual([
      `span ${span(9)} ended without a start`,
      `span ${span(1)} (op 1) has a parent that does not exist (${span(7)})`,
      `span ${span(3)} (op 3) starts before its parent (op 2)`,
      `span ${span(3)} (op 3) is not inside its CLIENT span (op 2)`,
      `trace ${TRACE} has 2 roots`,
    ]);
  });
  test('a copy that the network made may be handled after the answer: one SERVER span inside its CLIENT span is enough', () => {
    const log = logWriter();
    log.start(10, 'a#0', 1, null, 'CLIENT');
    log.start(20, 'b#0', 2, 1, 'SERVER');
    log.start(25, 'b#0', 3, 1, 'SERVER');
    log.end(30, 'b#0', 2);
    log.end(40, 'a#0', 1);
    log.end(90, 'b#0', 3);
    expect(checkSpans(log.events)).toEqual([]);
  });
  test('a waterfall lists children below their parent in the order in which they began', () => {
    const trace = view.traces.get(TRACE);
    expect(trace && spanRows(trace).map((row) => [row.span.name, row.depth])).toEqual([
      ['op 1', 0],
      ['op 2', 1],
      ['op 3', 2],
      ['op 4', 1],
    ]);
  });
});

describe('OTLP/JSON (OB5)', () => {
  const options = { epochUnixNano: '1700000000000000000', serviceName: (node: string) => `shop-${node}` };
  test('ids are hex, times are strings of nanoseconds, kinds and status are numbers', () => {
    const [order, payment] = otlpTraces(view.traces.values(), options).resourceSpans;
    expect(order?.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'shop-order' } },
      { key: 'service.instance.id', value: { stringValue: 'order#0' } },
    ]);
    expect(payment?.scopeSpans[0]?.spans[0]).toEqual({
      traceId: TRACE,
      spanId: span(3),
      parentSpanId: span(2),
      name: 'op 3',
      kind: 2,
      startTimeUnixNano: '1700000000007000000',
      endTimeUnixNano: '1700000000008500000',
      attributes: [{ key: 'http.response.status_code', value: { intValue: '402' } }],
      events: [
        {
          timeUnixNano: '1700000000008000000',
          name: 'exception',
          attributes: [
            { key: 'exception.type', value: { stringValue: 'declined' } },
            { key: 'exception.message', value: { stringValue: 'declined by fault' } },
          ],
        },
      ],
      links: [],
      status: { code: 0 },
    });
  });
  test('a message that is handled links to the span that published it (OB2), in its own trace or in another', () => {
    const log = logWriter();
    log.start(10, 'a#0', 1, null, 'SERVER');
    log.put(20, 'b#0', {
      type: 'span.started',
      traceId: TRACE,
      spanId: span(2),
      parentSpanId: span(1),
      kind: 'CONSUMER',
      name: 'process order.created',
      attributes: {},
      links: [span(1), `${'ab'.repeat(16)}-${span(9)}`, '', 'nonsense'],
      saga: null,
    });
    log.end(30, 'a#0', 1);
    log.end(40, 'b#0', 2);
    const sent = otlpTraces(foldTo(log.events, Infinity, context).traces.values(), options).resourceSpans;
    expect(sent.map((resource) => resource.scopeSpans[0]?.spans[0]?.links)).toEqual([
      [],
      [
        { traceId: TRACE, spanId: span(1) },
        { traceId: 'ab'.repeat(16), spanId: span(9) },
      ],
    ]);
  });
  test('open spans are not sent', () => {
    const early = foldTo(events, 7500, context);
    expect(otlpTraces(early.traces.values(), options).resourceSpans).toEqual([]);
  });
  test('logs carry the ids of their span (OB6)', () => {
    expect(otlpLogs(view, options).resourceLogs[0]?.scopeLogs[0]?.logRecords).toEqual([
      {
        timeUnixNano: '1700000000008000000',
        severityNumber: 13,
        severityText: 'WARN',
        body: { stringValue: 'declined' },
        traceId: TRACE,
        spanId: span(3),
      },
    ]);
  });
});

describe('canonical forms', () => {
  const canonical = canonicalTrace(events, SAMPLE_TOPOLOGY);
  test('say what each service did, in order, without times and ids', () => {
    expect(canonical).toEqual([
      {
        traceId: TRACE,
        services: {
          order: [
            { event: 'handle', operation: 'op 1', status: 'unset', code: 'order/create', body: null },
            { event: 'call', operation: 'http.request', status: null, code: null, body: { a: '<time>', b: 1 } },
            { event: 'handle', operation: 'op 4', status: 'ok', code: 'order/cancel', body: null },
            { event: 'call', operation: 'http.request', status: null, code: null, body: null },
          ],
          payment: [
            { event: 'handle', operation: 'op 3', status: 'unset', code: 'order/charge', body: null },
            { event: 'fail', operation: 'charge', status: null, code: 'declined', body: 'declined by fault' },
            { event: 'reply', operation: 'http.reply', status: 402, code: null, body: null },
          ],
        },
      },
    ]);
  });
  test('do not depend on time, instance, counters or how a host orders the end of a span', () => {
    const moved = events
      .filter((event) => event.type !== 'log')
      .map((event) => ({
        ...event,
        t: event.t * 3 + 1,
        seq: event.seq + 40,
        source: event.source.replace('#0', '#4'),
      }));
    expect(canonicalTrace(moved, SAMPLE_TOPOLOGY)).toEqual(canonical);
  });
  test('see a removed step, a changed status and a changed body', () => {
    const differs = (change: (event: (typeof events)[number]) => unknown): number => {
      const other = events.map(change).filter((event) => event !== null) as typeof events;
      const again = canonicalTrace(other, SAMPLE_TOPOLOGY);
      return canonicalDifferences(canonical as unknown as Json, again as unknown as Json).length;
    };
    expect(differs((event) => event)).toBe(0);
    expect(differs((event) => (event.type === 'step.failed' ? null : event))).toBeGreaterThan(0);
    const reply = { kind: 'http.reply', status: 500, headers: {}, body: null };
    expect(
      differs((e) => (e.type === 'message.sent' && e.payload.kind === 'http.reply' ? { ...e, payload: reply } : e)),
    ).toBe(1);
  });
  test('row changes are attributed to the service that wrote, when asked for', () => {
    const [trace] = canonicalTrace(
      [
        ...events,
        {
          t: 1200,
          class: 3,
          source: 'order#0',
          seq: 90,
          type: 'message.sent',
          from: 'order#0',
          to: 'orders#0',
          link: 'order-orders',
          operation: 'INSERT orders',
          inReplyTo: null,
          trace: { traceId: TRACE, spanId: span(1) },
          arriveAt: 1500,
          fate: 'deliver',
          size: 1,
          payload: { kind: 'db.query', query: { op: 'begin', tx: 'x' } },
        },
      ],
      SAMPLE_TOPOLOGY,
      { stores: true },
    );
    expect(trace?.services['order']?.filter((entry) => entry.event === 'store')).toEqual([
      { event: 'store', operation: 'INSERT orders', status: null, code: '"o1"', body: { at: '<time>', id: 'o1' } },
      { event: 'store', operation: 'DELETE orders', status: null, code: '"o1"', body: null },
    ]);
  });
  test('rows by primary key, time columns masked', () => {
    expect(canonicalRows(foldTo(events, 2000, context), SAMPLE_TOPOLOGY)).toEqual({
      orders: { orders: { '"o1"': { at: '<time>', id: 'o1' } } },
    });
  });
});

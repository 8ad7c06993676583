import { describe, expect, test } from 'vitest';
import { eventId } from '../base/order.ts';
import { applyEvent, createRunView, foldContext, foldTo, freezeView } from './fold.ts';
import { LIMITS } from './limits.ts';
import { linkRate, nodeFailure, nodeMetrics, percentile } from './metrics.ts';
import { declinedOrder, logWriter, SAMPLE_TOPOLOGY, span, TRACE } from './sample-log.suite.ts';

const context = foldContext(SAMPLE_TOPOLOGY);
const events = declinedOrder();
const whole = foldTo(events, Infinity, context);

describe('dots', () => {
  const byKind = (kind: string) => [...whole.packets.values()].filter((packet) => packet.event.payload.kind === kind);

  test('a request is neutral on the wire and takes the outcome of its reply', () => {
    const before = foldTo(events, 8499, context);
    expect([...before.packets.values()].map((packet) => packet.outcome)).toEqual(['flight']);
    const [request] = byKind('http.request');
    expect(request).toMatchObject({
      outcome: 'error',
      answer: { status: 402, ok: false },
      shape: 'http',
      forward: true,
    });
  });
  test('a reply carries the outcome; 4xx is a failure for who asked', () => {
    expect(byKind('http.reply')[0]).toMatchObject({ outcome: 'error', shape: 'reply', forward: false });
  });
  test('amber comes from the trace context and from nothing else', () => {
    const amber = [...whole.packets.values()].filter((packet) => packet.outcome === 'compensation');
    expect(amber.map((packet) => packet.event.trace?.saga?.direction)).toEqual(['compensation']);
  });
  test('a lost message is grey and counted on its link', () => {
    const log = logWriter();
    log.send(0, 'order#0', 'payment#0', { kind: 'registry.ok' }, { fate: 'lost' });
    const view = foldTo(log.events, 1, context);
    expect([...view.packets.values()].map((packet) => packet.outcome)).toEqual(['dropped']);
    expect(view.links.get('order-payment')).toMatchObject({ sent: 1, dropped: 1, bytes: 100 });
  });
  test('arrived dots are forgotten after the linger time, messages stay for lists', () => {
    const log = logWriter();
    for (let n = 0; n < 600; n += 1) log.send(n * 10_000, 'order#0', 'payment#0', { kind: 'registry.ok' });
    const view = foldTo(log.events, Infinity, context);
    expect(view.packets.size).toBeLessThan(600);
    expect(
      [...view.packets.values()].every((packet) => packet.arriveAt >= 512 * 10_000 - 10_000 - LIMITS.packetLingerUs),
    ).toBe(true);
    expect(view.messages.size).toBe(600);
  });
});

describe('badges, spans, sagas', () => {
  test('a caught failure still marks the node, with the fault that made it', () => {
    expect(nodeFailure(whole, whole.nodes.get('payment'))).toMatchObject({
      code: 'declined',
      byFault: true,
      faultPercent: 100,
    });
  });
  test('the next clean handling clears the badge', () => {
    const log = logWriter();
    log.start(20_000, 'payment#0', 9, null, 'SERVER');
    log.end(21_000, 'payment#0', 9);
    expect(foldTo([...events, ...log.events], Infinity, context).nodes.get('payment')?.failure).toBeNull();
  });
  test('a refusal that was written is an answer: it is counted, the node stays well; a handler that breaks is a failure', () => {
    const log = logWriter();
    const fail = (t: number, id: number, code: string) =>
      log.put(t, 'payment#0', {
        type: 'step.failed',
        traceId: TRACE,
        spanId: span(id),
        step: 'x',
        code,
        message: `${code} it is`,
        byFault: false,
      });
    const at = (t: number) => {
      const { failure, refused, refusal } = foldTo(log.events, t, context).nodes.get('payment') ?? {};
      return [failure?.code ?? null, refused, refusal?.code ?? null];
    };
    log.start(1000, 'payment#0', 1, null, 'SERVER');
    fail(1100, 1, 'declined');
    log.end(1200, 'payment#0', 1, 'unset', 409);
    log.start(2000, 'payment#0', 2, null, 'SERVER');
    log.end(2100, 'payment#0', 2, 'unset', 404);
    log.start(3000, 'payment#0', 3, null, 'SERVER');
    fail(3100, 3, 'timeout');
    log.end(3200, 'payment#0', 3, 'error', 504);
    log.start(4000, 'payment#0', 4, null, 'SERVER');
    fail(4100, 4, 'declined');
    log.end(4200, 'payment#0', 4, 'unset', 409);
    expect([1100, 1200, 2100, 3200, 4200].map(at)).toEqual([
      [null, 0, null],
      [null, 1, 'declined'],
      [null, 2, '404'],
      ['timeout', 2, '404'],
      [null, 3, 'declined'],
    ]);
    expect(foldTo(log.events, Infinity, context).marks).toEqual([
      { t: 3200, kind: 'failure', text: 'payment: timeout' },
    ]);
  });
  test('a trace holds its spans, the status of its root and whether it was undone', () => {
    const trace = whole.traces.get(TRACE);
    expect(trace).toMatchObject({ status: 202, error: true, compensated: true, open: 0, start: 1000, end: 16_000 });
    expect(trace?.spans.size).toBe(4);
  });
  test('a saga is running, then compensated; the failed step keeps its reason', () => {
    expect(foldTo(events, 14_999, context).sagas.get(TRACE)?.state).toBe('running');
    expect(whole.sagas.get(TRACE)).toMatchObject({
      state: 'compensated',
      steps: [
        { step: 'create', state: 'done' },
        { step: 'charge', node: 'payment', state: 'failed', reason: 'declined by fault' },
        { step: 'cancel', compensation: true, state: 'done' },
      ],
    });
  });
  test('requests are counted when they are sent, handlers when they end', () => {
    const order = foldTo(events, 7500, context).nodes.get('order');
    expect([order?.sent, order?.handled]).toEqual([1, 0]);
    expect([whole.nodes.get('order')?.sent, whole.nodes.get('order')?.handled]).toEqual([2, 2]);
  });
  test('handlers in flight are counted per instance', () => {
    expect(foldTo(events, 7500, context).instances.get('payment#0')?.inFlight).toBe(1);
    expect(whole.instances.get('payment#0')?.inFlight).toBe(0);
  });
  test('a crash empties the instance and says why', () => {
    const log = logWriter();
    log.put(30_000, 'fabric', { type: 'instance.crashed', instance: 'payment#0', reason: 'killed' }, 1);
    const view = foldTo([...events, ...log.events], Infinity, context);
    expect(view.instances.get('payment#0')).toMatchObject({ status: 'dead', reason: 'killed', inFlight: 0 });
    expect(view.marks.at(-1)).toMatchObject({ kind: 'crash', text: 'payment: killed' });
  });
});

describe('removing an event removes what it shows', () => {
  const without = (index: number) => foldTo(events.toSpliced(index, 1), Infinity, context);
  test.each(events.map((event, index) => [event.type, index] as const))('%s (%i)', (_type, index) => {
    const event = events[index];
    const view = without(index);
    if (event?.type === 'message.sent') {
      expect([view.packets.has(eventId(event)), view.messages.has(eventId(event))]).toEqual([false, false]);
    } else if (event?.type === 'span.started') {
      expect(view.traces.get(TRACE)?.spans.has(event.spanId)).toBe(false);
    } else if (event?.type === 'step.failed') {
      expect(view.nodes.get('payment')?.failure).toBeNull();
      expect(view.sagas.get(TRACE)?.steps[1]?.state).toBe('done');
    } else if (event?.type === 'log') expect(view.logs).toEqual([]);
    else if (event?.type === 'instance.starting') expect(view.instances.has(event.instance)).toBe(false);
    else if (event?.type === 'store.applied') {
      // Without the insert nothing is there at 14.4 ms; without the delete the row stays.
      expect(view.tables.get('orders/orders')?.size ?? 0).toBe(event.after === null ? 1 : 0);
    } else expect(view.events).toBe(events.length - 1);
  });
});

describe('limits and sharing', () => {
  test('what a frame has shown does not change afterwards', () => {
    const view = createRunView();
    const half = events.length / 2;
    for (const event of events.slice(0, half)) applyEvent(view, event, context);
    freezeView(view);
    const shown = { ...view };
    const text = JSON.stringify([...shown.nodes, ...shown.traces, ...shown.instances, ...shown.sagas, shown.activity]);
    const spans = [...(shown.traces.get(TRACE)?.spans.values() ?? [])].map((span) => JSON.stringify(span));
    for (const event of events.slice(half)) applyEvent(view, event, context);
    expect(JSON.stringify([...shown.nodes, ...shown.traces, ...shown.instances, ...shown.sagas, shown.activity])).toBe(
      text,
    );
    expect([...(shown.traces.get(TRACE)?.spans.values() ?? [])].map((span) => JSON.stringify(span))).toEqual(spans);
    expect(view.nodes).not.toBe(shown.nodes);
  });
  test('collections keep to their limits and count what they dropped', () => {
    const log = logWriter();
    for (let n = 0; n < LIMITS.logs + 7; n += 1) {
      log.put(n, 'order#0', { type: 'log', severity: 'INFO', text: `line ${n}`, traceId: null, spanId: null });
    }
    const view = foldTo(log.events, Infinity, context);
    expect([view.logs.length, view.dropped.logs, view.logs[0]?.text]).toEqual([LIMITS.logs, 7, 'line 7']);
  });
  test('activity counts every message once, however often its buckets double', () => {
    const log = logWriter();
    const last = LIMITS.activityBucketUs * LIMITS.activityBuckets * 5;
    for (let n = 0; n <= 100; n += 1) log.send((last / 100) * n, 'order#0', 'payment#0', { kind: 'registry.ok' });
    const { activity } = foldTo(log.events, Infinity, context);
    expect(activity.messages.reduce((sum, count) => sum + count, 0)).toBe(101);
    expect(activity.bucketUs).toBe(LIMITS.activityBucketUs * 8);
  });
  test('replies over gRPC count as the HTTP statuses that theirs amount to', () => {
    const log = logWriter();
    const end = { kind: 'grpc.reply', message: '', metadata: {}, bytes: null, json: null, sent: 0 } as const;
    for (const [at, status] of [0, 0, 5, 16, 14, 13].entries())
      log.send(10 * (at + 1), 'order#0', 'payment#0', { ...end, status });
    const node = foldTo(log.events, Infinity, context).nodes.get('order');
    expect(node?.byStatus).toEqual({ '2xx': 2, '4xx': 2, '5xx': 2 });
    expect(node?.byCode).toEqual({ 200: 2, 404: 1, 401: 1, 503: 1, 500: 1 });
  });
  test('an edit in the log changes the links that later events are read with', () => {
    const log = logWriter();
    const link = {
      kind: 'grpc' as const,
      from: 'payment',
      to: 'order',
      latency: SAMPLE_TOPOLOGY.links['order-payment']!.latency,
    };
    const records = { added: {}, updated: {}, removed: {} };
    log.put(
      5,
      'fabric',
      {
        type: 'input',
        input: { kind: 'topology.apply', diff: { nodes: records, links: { ...records, added: { back: link } } } },
      },
      0,
    );
    log.send(
      10,
      'payment#0',
      'order#0',
      { kind: 'grpc.request', path: '/s.S/Get', metadata: {}, timeoutUs: null, bytes: '', json: '{}' },
      { link: 'back' },
    );
    expect([...foldTo(log.events, 10, context).packets.values()][0]).toMatchObject({ shape: 'grpc', forward: true });
  });
});

describe('metrics', () => {
  test('OB7: percentiles are exact by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(hundred, 50), percentile(hundred, 95), percentile(hundred, 99), percentile([], 50)]).toEqual([
      50,
      95,
      99,
      null,
    ]);
    expect([percentile([7], 1), percentile([1, 2], 50), percentile([1, 2], 51)]).toEqual([7, 1, 2]);
  });
  test('OB9: rates are per virtual second', () => {
    const log = logWriter();
    for (let n = 0; n < 100; n += 1) log.send(n * 100_000, 'order#0', 'payment#0', { kind: 'registry.ok' });
    const view = foldTo(log.events, 9_900_000, context);
    expect(linkRate(view, 'order-payment')).toBeCloseTo(10, 1);
    view.t = 20_000_000;
    expect(linkRate(view, 'order-payment')).toBe(0);
  });
  test('OB9: a node reports rate, share of errors and durations of its handlers', () => {
    expect(nodeMetrics(whole, 'payment')).toMatchObject({ samples: 1, p50Us: 1500, errorShare: 0 });
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EventOf, LogEvent } from '../../core/fabric/event.ts';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { percentile } from '../../core/telemetry/metrics.ts';
import { otlpTraces } from '../../core/telemetry/otlp.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { ConfigOf, Document } from '../../core/topology/schema/types.ts';
import { runVirtual } from './run-virtual.ts';
import { definition, eventsOf, S, shop } from './simulation/balance.suite.ts';

const example = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const topology = compileTopology(example);
const run = runVirtual({ documentId: example.id, topology, initialData: null, seed: 5, inputs: [] }, 20 * S);
type Started = EventOf<'span.started'>;
const started = run.events.filter((event): event is Started => event.type === 'span.started');
const byId = new Map(started.map((span) => [span.spanId, span]));
const endedAt = new Map(run.events.flatMap((event) => (event.type === 'span.ended' ? [[event.spanId, event.t]] : [])));

describe('OB2 kinds of spans in a whole run', () => {
  test('what answers is a SERVER below the CLIENT that asked; what publishes is a PRODUCER', () => {
    const servers = started.filter((span) => span.kind === 'SERVER' && span.parentSpanId !== null);
    expect(servers.length).toBeGreaterThan(20);
    expect(new Set(servers.map((span) => byId.get(span.parentSpanId ?? '')?.kind))).toEqual(new Set(['CLIENT']));
    const published = started.filter((span) => span.name.startsWith('publish '));
    expect(published.length).toBeGreaterThan(20);
    expect(new Set(published.map((span) => span.kind))).toEqual(new Set(['PRODUCER']));
  });

  test('what handles a message is a CONSUMER below the PRODUCER and linked to it, in the export, too', () => {
    const consumers = started.filter((span) => span.kind === 'CONSUMER');
    expect(consumers.length).toBeGreaterThan(20);
    for (const span of consumers) {
      expect(byId.get(span.parentSpanId ?? '')?.kind).toBe('PRODUCER');
      expect(span.links).toEqual([span.parentSpanId]);
    }
    const view = foldTo(run.events, Infinity, foldContext(topology));
    const sent = otlpTraces(view.traces.values(), { epochUnixNano: '1700000000000000000' }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
    );
    const processed = sent.filter((span) => span.kind === 5);
    expect(processed.length).toBeGreaterThan(20);
    for (const { links, parentSpanId, traceId } of processed)
      expect(links).toEqual([{ traceId, spanId: parentSpanId }]);
  });
});

test('OB6 a line of the log has the ids of a span that is active then; lines stand in order of (time, seq)', () => {
  const lines = run.events.filter((event): event is EventOf<'log'> => event.type === 'log');
  const inSpans = lines.filter((line) => line.spanId !== null);
  expect(inSpans.length).toBeGreaterThan(5);
  for (const { spanId, traceId, t } of inSpans) {
    const span = byId.get(spanId ?? '');
    expect(span?.traceId).toBe(traceId);
    expect(span?.t ?? Infinity).toBeLessThanOrEqual(t);
    expect(endedAt.get(spanId ?? '') ?? Infinity).toBeGreaterThanOrEqual(t);
  }
  const shown = foldTo(run.events, Infinity, foldContext(topology)).logs;
  expect(shown.map(({ t, text }) => `${t} ${text}`)).toEqual(
    lines.slice(-shown.length).map(({ t, text }) => `${t} ${text}`),
  );
  expect(lines.every((line, n) => n === 0 || (lines[n - 1] as LogEvent).t <= line.t)).toBe(true);
});

/** Durations of a client's requests in µs, sorted, and when they began; the orders stand still for a second. */
function stalled(load: ConfigOf<'client'>['load']): { durations: number[]; starts: number[] } {
  const events = eventsOf(
    definition(shop({ replicas: 1, ratePerSecond: 100, load, timeoutMs: 5000, gateway: { timeoutMs: 4000 } }), [
      [4, { kind: 'fault.set', fault: { kind: 'pause', node: 'order' } }],
      [5, { kind: 'fault.clear', fault: { kind: 'pause', node: 'order' } }],
    ]),
    15,
  );
  const begun = new Map<string, number>();
  const durations: number[] = [];
  for (const event of events) {
    if (event.type === 'span.started' && event.source === 'web#0') begun.set(event.spanId, event.t);
    const from = event.type === 'span.ended' ? begun.get(event.spanId) : undefined;
    if (from !== undefined) durations.push(event.t - from);
  }
  return { durations: durations.sort((a, b) => a - b), starts: [...begun.values()] };
}

test('OB8 an open load measures from the intended start: a stall of one second is seen by all who meant to come; a closed one leaves them out', () => {
  const open = stalled({ model: 'open', ratePerSecond: 100, arrival: 'constant' });
  expect(open.durations.length).toBeGreaterThan(1400);
  const gaps = open.starts.slice(1).map((t, n) => t - (open.starts[n] ?? 0));
  expect(new Set(gaps)).toEqual(new Set([10_000]));
  expect(open.durations.filter((us) => us > 100_000).length).toBeGreaterThanOrEqual(88);
  expect(percentile(open.durations, 99)).toBeGreaterThan(300_000);
  const closed = stalled({ model: 'closed', users: 1, thinkTimeMs: 5 });
  expect(closed.durations.filter((us) => us > 100_000)).toHaveLength(1);
  expect(percentile(closed.durations, 99)).toBeLessThan(20_000);
});

test('RS4 a caller is released at its timeout; the work that nobody waits for goes on, and its span shows it', () => {
  const events = eventsOf(
    definition(shop({ replicas: 1, ratePerSecond: 5, busyMs: 500, gateway: { timeoutMs: 100 } }), []),
    5,
  );
  const ends = new Map(
    events.flatMap((event) => (event.type === 'span.ended' ? [[event.spanId, event] as const] : [])),
  );
  const served = events.flatMap((event) => {
    if (event.type !== 'span.started' || event.source !== 'order#0') return [];
    const [work, call] = [ends.get(event.spanId), ends.get(event.parentSpanId ?? '')];
    return work === undefined || call === undefined ? [] : [{ begun: event.t, work, call }];
  });
  expect(served.length).toBeGreaterThan(15);
  for (const { begun, work, call } of served) {
    expect([call.status, work.status]).toEqual(['error', 'unset']);
    expect(call.t - begun).toBeLessThanOrEqual(100_000);
    expect(work.t - begun).toBe(500_000);
  }
});

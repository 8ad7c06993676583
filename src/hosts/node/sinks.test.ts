import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import { containerInit, faultsFrom } from './container-init.ts';
import { createEventFeed, NEXT_HEADER } from './event-feed.ts';
import { logLine } from './json-log.ts';
import { createOtlpSink } from './otlp-sink.ts';
import type { ContainerSpec } from '../../core/compose/container-spec.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const event = (seq: number, body: Partial<LogEvent>): LogEvent =>
  ({ t: seq * 1000, class: 3, source: 'order#a', seq, ...body }) as LogEvent;
const ready = (seq: number): LogEvent => event(seq, { type: 'instance.ready', instance: 'order#a' });

describe('event feed', () => {
  test('gives what came after a number, and nothing but the next number for `last`', async () => {
    const feed = createEventFeed(0);
    const read = async (after: string): Promise<[string | null, string[]]> => {
      const response = await fetch(`http://127.0.0.1:${await feed.port}/events?after=${after}`);
      const text = await response.text();
      return [response.headers.get(NEXT_HEADER), text.split('\n').filter((line) => line !== '')];
    };
    feed.take(ready(0));
    feed.take(ready(1));
    expect(await read('last')).toEqual(['2', []]);
    feed.take(ready(2));
    const [next, lines] = await read('2');
    expect(next).toBe('3');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([ready(2)]);
    expect((await read('0'))[1]).toHaveLength(3);
    feed.close();
  });
});

describe('OTLP', () => {
  test('an ended span reaches the collector as OTLP/HTTP JSON with hex ids and nanoseconds', async () => {
    let received: (text: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => (received = resolve));
    const collector = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        received(`${request.url} ${text}`);
        response.end('{}');
      });
    });
    const port = await new Promise<number>((resolve) => {
      collector.listen(0, '127.0.0.1', () => {
        const address = collector.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const sink = createOtlpSink(`http://127.0.0.1:${port}/`, 'order');
    const span = { traceId: TRACE, spanId: 'b7ad6b7169203331' };
    sink.take(
      event(1, {
        type: 'span.started',
        ...span,
        parentSpanId: null,
        kind: 'SERVER',
        name: 'GET /a',
        attributes: { a: 1 },
        links: [],
        saga: null,
      }),
    );
    sink.take(event(2, { type: 'step.failed', ...span, step: 's', code: 'c', message: 'm', byFault: false }));
    sink.take(event(3, { type: 'span.ended', ...span, status: 'error', description: 'm', attributes: {} }));
    sink.close();
    const text = await first;
    expect(text).toMatch(/^\/v1\/traces /);
    const body = JSON.parse(text.slice('/v1/traces '.length)) as {
      resourceSpans: { scopeSpans: { spans: object[] }[] }[];
    };
    expect(body.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
      ...span,
      name: 'GET /a',
      kind: 2,
      startTimeUnixNano: '1767225600001000000',
      endTimeUnixNano: '1767225600003000000',
      status: { code: 2, message: 'm' },
    });
    collector.close();
  });
});

describe('JSON log', () => {
  test('people see logs, failures and life cycle, with trace ids; messages and spans are for machines', () => {
    expect(
      JSON.parse(
        logLine(
          event(5, { type: 'log', severity: 'WARN', text: 'low stock', traceId: TRACE, spanId: null }),
          'order',
        ) ?? '',
      ),
    ).toEqual({
      time: '2026-01-01T00:00:00.005Z',
      level: 'warn',
      service: 'order',
      instance: 'order#a',
      message: 'low stock',
      trace_id: TRACE,
    });
    expect(logLine(ready(1), 'order')).toContain('"message":"ready"');
    expect(logLine(event(1, { type: 'span.ended' }), 'order')).toBeNull();
  });
});

describe('what a container is told at its start', () => {
  const spec = {
    v: 1,
    node: 'pay',
    seed: 1,
    connections: {},
    peers: [],
    record: {
      kind: 'service',
      name: 'payment',
      config: { startupMs: 400, serviceTime: { kind: 'lognormal', medianMs: 20, sigma: 1 } },
    },
  } as unknown as ContainerSpec;

  test('faults of this node only, by id or by name', () => {
    const fault = { step: 'charge', rate: 1, code: 'declined' };
    const text = JSON.stringify([
      { node: 'payment', ...fault },
      { node: 'pay', ...fault, rate: 0.5 },
      { node: 'order', ...fault },
    ]);
    expect(faultsFrom(text, spec)).toEqual([
      { kind: 'step-error', node: 'pay', ...fault },
      { kind: 'step-error', node: 'pay', ...fault, rate: 0.5 },
    ]);
    expect(faultsFrom('', spec)).toEqual([]);
    // As the buttons of a drawing write them.
    const drawn = [
      { kind: 'error-rate', node: 'pay', rate: 1, status: 503 },
      { kind: 'clock-skew', node: 'pay', skewMs: -250 },
    ] as const;
    expect(faultsFrom(JSON.stringify(drawn), spec)).toEqual(drawn);
    const refused = ['{"kind":"pause","node":"pay"}', '{"kind":"error-rate","node":"pay","rate":2,"status":503}'];
    for (const wrong of ['{', '{}', '[{"node":1}]', '[null]', ...refused.map((one) => `[${one}]`)])
      expect(() => faultsFrom(wrong, spec)).toThrow('Failed to read SERVARIUM_FAULTS');
  });

  test('modelled delays stay in the tab; replicas get ids of their own', () => {
    const init = containerInit(spec, { unique: 'c0ffee', address: '10.0.0.1:8004', faults: [] });
    expect(init.record.config).toMatchObject({ startupMs: 0, serviceTime: { kind: 'constant', ms: 0 } });
    expect(init.instance).toBe('pay#c0ffee');
  });
});

import type { EventBody, LogEvent } from '../fabric/event.ts';
import type { Payload, TraceContext } from '../fabric/message.ts';
import type { ExecutableTopology } from '../topology/schema/types.ts';

const latency = { distribution: { kind: 'constant' as const, ms: 5 }, minUs: 5000 };
const service = (saga: { step: string; compensation: boolean }[]) => ({
  version: 'v1',
  port: 8000,
  replicas: 1,
  serviceTime: { kind: 'constant' as const, ms: 1 },
  startupMs: 0,
  restartDelayMs: null,
  prefetch: 0,
  values: {},
  endpoints: saga.map(({ step, compensation }) => ({
    id: step,
    method: 'POST' as const,
    path: `/${step}`,
    saga: { name: 'order', step, compensation },
    steps: [],
  })),
  subscriptions: [],
});

/** A two-service topology for logs that are written by hand. */
export const SAMPLE_TOPOLOGY: ExecutableTopology = {
  nodes: {
    order: {
      kind: 'service',
      name: 'order',
      config: service([
        { step: 'create', compensation: false },
        { step: 'cancel', compensation: true },
      ]),
    },
    payment: { kind: 'service', name: 'payment', config: service([{ step: 'charge', compensation: false }]) },
    orders: {
      kind: 'database',
      name: 'orders-db',
      config: {
        engine: 'postgresql',
        tables: [
          {
            name: 'orders',
            columns: [
              { name: 'id', type: 'string', nullable: false },
              { name: 'at', type: 'time', nullable: false },
            ],
            primaryKey: 'id',
          },
        ],
        rows: {},
        restartDelayMs: null,
      },
    },
  },
  links: {
    'order-payment': { kind: 'http', from: 'order', to: 'payment', latency },
    'order-orders': { kind: 'owns', from: 'order', to: 'orders', latency },
  },
};

export const TRACE = 'a'.repeat(32);
export const span = (n: number): string => n.toString(16).padStart(16, '0');

/** Writes events with rising counters per source, as a host would. */
export function logWriter() {
  const events: LogEvent[] = [];
  const counters = new Map<string, number>();
  function put(t: number, source: string, body: EventBody, eventClass: 0 | 1 | 2 | 3 = 3): string {
    const seq = counters.get(source) ?? 0;
    counters.set(source, seq + 1);
    events.push({ t, class: eventClass, source, seq, ...body });
    return `${source}:${seq}`;
  }
  function send(
    t: number,
    from: string,
    to: string,
    payload: Payload,
    more: { inReplyTo?: string; trace?: TraceContext; link?: string | null; fate?: 'deliver' | 'lost' } = {},
  ): string {
    return put(t, from, {
      type: 'message.sent',
      from,
      to,
      link: more.link === undefined ? 'order-payment' : more.link,
      operation: payload.kind,
      inReplyTo: more.inReplyTo ?? null,
      trace: more.trace ?? null,
      arriveAt: t + 5000,
      fate: more.fate ?? 'deliver',
      size: 100,
      payload,
    });
  }
  function start(
    t: number,
    source: string,
    id: number,
    parent: number | null,
    kind: 'SERVER' | 'CLIENT' | 'CONSUMER',
    saga: { name: string; step: string; compensation: boolean } | null = null,
  ): void {
    const parentSpanId = parent === null ? null : span(parent);
    put(t, source, {
      type: 'span.started',
      traceId: TRACE,
      spanId: span(id),
      parentSpanId,
      kind,
      name: `op ${id}`,
      attributes: {},
      links: [],
      saga,
    });
  }
  function end(t: number, source: string, id: number, status: 'unset' | 'ok' | 'error' = 'ok', http?: number): void {
    const attributes = http === undefined ? {} : { 'http.response.status_code': http };
    put(t, source, { type: 'span.ended', traceId: TRACE, spanId: span(id), status, description: null, attributes });
  }
  return { events, put, send, start, end };
}

/** One order that payment declines: a call with its failed step, its 402, then the compensation. */
export function declinedOrder(): LogEvent[] {
  const log = logWriter();
  const trace: TraceContext = { traceId: TRACE, spanId: span(2) };
  const fault = { kind: 'step-error' as const, node: 'payment', step: 'charge', rate: 1, code: 'declined' };
  log.put(0, 'fabric', { type: 'input', input: { kind: 'fault.set', fault } }, 0);
  for (const node of ['order', 'payment']) {
    const instance = `${node}#0`;
    log.put(0, 'fabric', { type: 'instance.starting', instance, node, address: '192.168.1.5:8000' }, 1);
    log.put(10, instance, { type: 'instance.ready', instance }, 2);
  }
  log.start(1000, 'order#0', 1, null, 'SERVER', { name: 'order', step: 'create', compensation: false });
  log.put(1500, 'orders#0', {
    type: 'store.applied',
    store: 'orders',
    table: 'orders',
    key: '"o1"',
    before: null,
    after: { id: 'o1', at: '2026-01-01T00:00:00.000Z' },
    traceId: TRACE,
  });
  log.start(2000, 'order#0', 2, 1, 'CLIENT');
  const call = log.send(
    2000,
    'order#0',
    'payment#0',
    {
      kind: 'http.request',
      method: 'POST',
      path: '/charge',
      headers: {},
      body: '{"b":1,"a":"2026-01-01T00:00:00.000Z"}',
    },
    { trace },
  );
  log.start(7000, 'payment#0', 3, 2, 'SERVER', { name: 'order', step: 'charge', compensation: false });
  log.put(8000, 'payment#0', {
    type: 'step.failed',
    traceId: TRACE,
    spanId: span(3),
    step: 'charge',
    code: 'declined',
    message: 'declined by fault',
    byFault: true,
  });
  log.put(8000, 'payment#0', { type: 'log', severity: 'WARN', text: 'declined', traceId: TRACE, spanId: span(3) });
  log.send(
    8500,
    'payment#0',
    'order#0',
    { kind: 'http.reply', status: 402, headers: {}, body: null },
    { inReplyTo: call, trace },
  );
  log.end(8500, 'payment#0', 3, 'unset', 402);
  log.end(13_500, 'order#0', 2, 'error');
  log.start(14_000, 'order#0', 4, 1, 'CONSUMER', { name: 'order', step: 'cancel', compensation: true });
  log.send(
    14_200,
    'order#0',
    'payment#0',
    { kind: 'http.request', method: 'POST', path: '/refund', headers: {}, body: null },
    { trace: { ...trace, saga: { name: 'order', direction: 'compensation' } } },
  );
  log.put(14_500, 'orders#0', {
    type: 'store.applied',
    store: 'orders',
    table: 'orders',
    key: '"o1"',
    before: { id: 'o1', at: '2026-01-01T00:00:00.000Z' },
    after: null,
    traceId: TRACE,
  });
  log.end(15_000, 'order#0', 4);
  log.end(16_000, 'order#0', 1, 'unset', 202);
  return log.events;
}

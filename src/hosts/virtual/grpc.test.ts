import { beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../core/base/json.ts';
import type { WindowSize } from '../../core/fabric/fabric.ts';
import type { EventOf } from '../../core/fabric/event.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { grpcDrawing } from './grpc-drawing.suite.ts';
import { VirtualRun } from './run-virtual.ts';

function start(windowSize?: WindowSize): VirtualRun {
  const document = grpcDrawing();
  const run = new VirtualRun(
    {
      documentId: document.id,
      topology: compileTopology(document),
      initialData: null,
      seed: document.seed,
      inputs: [],
    },
    windowSize === undefined ? {} : { windowSize },
  );
  run.runUntil(500_000);
  return run;
}
const request = (path: string, body: Json) => ({
  kind: 'request' as const,
  node: 'gateway',
  request: { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});

let run: VirtualRun;
let t = 0;
beforeEach(() => {
  run = start();
  t = 500_000;
});
/** Sends and runs until a second after the reply. */
function ask(path: string, body: Json): Json {
  const { seq } = run.inject(request(path, body));
  run.runUntil((t += 2_000_000));
  const reply = run.edgeReplies.get(seq);
  return reply === undefined ? null : (JSON.parse(reply.body ?? 'null') as Json);
}
const sent = (kind: string): EventOf<'message.sent'>[] =>
  run.events.filter(
    (event): event is EventOf<'message.sent'> => event.type === 'message.sent' && event.payload.kind === kind,
  );
const rows = (): string[] => run.stored('stock-db').map((row) => row.key);

test('the drawing is sound', () => {
  expect(validateDocument(grpcDrawing())).toEqual([]);
});

describe('unary', () => {
  test('a message goes there and back; bytes, sizes and JSON are in the log', () => {
    expect(ask('/get', { id: 'a', amount: 3 })).toEqual({ status: 0, body: { id: 'a', amount: 3, note: 'є' } });
    const [event] = sent('grpc.request');
    expect(event?.operation).toBe('shop.Stock/Get');
    expect(event?.payload).toMatchObject({
      path: '/shop.Stock/Get',
      bytes: 'CgFhEAM=',
      json: '{"amount":3,"id":"a","wait_ms":0}',
    });
    expect(sent('grpc.reply')[0]?.payload).toMatchObject({ status: 0, bytes: 'CgFhEAMaAtGU', sent: 0 });
  });
  test('RP1: a failure with a code is that status, any other UNKNOWN, an answer that does not fit INTERNAL, none UNIMPLEMENTED', () => {
    expect(ask('/get', { id: 'gone' })).toEqual({ code: 'grpc_not_found', message: 'no such item: ґава' });
    expect(ask('/get', { id: 'odd' })).toMatchObject({ code: 'grpc_unknown', message: 'declined' });
    expect(ask('/get', { id: 'wrong' })).toMatchObject({ code: 'grpc_internal' });
    expect(ask('/silent', {})).toMatchObject({ code: 'grpc_unimplemented' });
    expect(ask('/get', { nothing: 1 })).toMatchObject({ code: 'grpc_internal' });
  });
  test('RP1: nobody there is UNAVAILABLE', () => {
    for (const ordinal of [0, 1]) run.inject({ kind: 'instance.kill', instance: `stock#${ordinal}` });
    expect(ask('/chain', { id: 'a' })).toMatchObject({ code: 'grpc_unknown' });
    expect(ask('/get', { id: 'a' })).toMatchObject({ code: 'grpc_unavailable' });
    run.inject({ kind: 'instance.start', instance: 'stock#1' });
    run.runUntil((t += 2_000_000));
    expect(ask('/get', { id: 'a' })).toMatchObject({ status: 0 });
  });
  test('spans carry rpc.system and the status; the CLIENT interval contains its SERVER', () => {
    ask('/get', { id: 'gone' });
    const spans = run.events.filter((event) => event.type === 'span.started' && event.name === 'shop.Stock/Get');
    expect(spans).toMatchObject([
      { kind: 'CLIENT', attributes: { 'rpc.system': 'grpc', 'rpc.service': 'shop.Stock', 'rpc.method': 'Get' } },
      { kind: 'SERVER', attributes: { 'rpc.system': 'grpc' } },
    ]);
    const ended = spans.map((span) =>
      run.events.find(
        (event) => event.type === 'span.ended' && span.type === 'span.started' && event.spanId === span.spanId,
      ),
    );
    expect(ended).toMatchObject([
      { status: 'error', attributes: { 'rpc.grpc.status_code': 5 } },
      { status: 'unset', attributes: { 'rpc.grpc.status_code': 5 } },
    ]);
    expect(ended[0]?.t ?? 0).toBeGreaterThan(ended[1]?.t ?? 0);
  });
});

/** The same drawing with a client that asks the stock by hand. */
function withClient(): ReturnType<typeof grpcDrawing> {
  const document = grpcDrawing();
  const request = (id: string, path: string, body: Json) =>
    ({ id, name: id, weight: 0, protocol: 'grpc', method: 'POST', path, body, to: 'stock' }) as const;
  document.nodes['app'] = {
    kind: 'client',
    name: 'app',
    position: { x: 0, y: 0 },
    config: {
      clientKind: 'mobile',
      load: { model: 'open', ratePerSecond: 40, arrival: 'exponential' },
      timeoutMs: 300,
      requests: [
        { ...request('get', '/shop.Stock/Get', { id: 'a', amount: '${ randomInt(1, 9) }' }), weight: 3 },
        { ...request('list', '/shop.Stock/List', { amount: 3 }), weight: 1 },
        request('gone', '/shop.Stock/Get', { id: 'gone' }),
        request('slow', '/shop.Stock/Get', { id: 'a', wait_ms: 900 }),
      ],
    },
  };
  const link = document.links['front-stock'];
  if (link === undefined) throw new Error('no link to copy');
  document.links['app-stock'] = { ...link, from: { node: 'app' } };
  return document;
}
function runOf(windowSize?: WindowSize): VirtualRun {
  const document = withClient();
  expect(validateDocument(document).filter(({ severity }) => severity === 'error')).toEqual([]);
  const definition = {
    documentId: document.id,
    topology: compileTopology(document),
    initialData: null,
    seed: 3,
    inputs: [],
  };
  return new VirtualRun(definition, windowSize === undefined ? {} : { windowSize });
}

describe('RP1, RP2: a client that speaks gRPC', () => {
  test('its mix calls methods and streams; each is a CLIENT span, the root of its trace', () => {
    const own = runOf();
    own.runUntil(2_000_000);
    const spans = own.events.filter((event) => event.type === 'span.started' && event.source === 'app#0');
    expect(spans.length).toBeGreaterThan(40);
    expect(new Set(spans.map((event) => (event.type === 'span.started' ? event.name : '')))).toEqual(
      new Set(['shop.Stock/Get', 'shop.Stock/List']),
    );
    for (const event of spans)
      expect(event).toMatchObject({ kind: 'CLIENT', parentSpanId: null, attributes: { 'rpc.system': 'grpc' } });
    const ends = own.events.filter((event) => event.type === 'span.ended' && event.source === 'app#0');
    expect(ends.every((event) => event.type === 'span.ended' && event.attributes['rpc.grpc.status_code'] === 0)).toBe(
      true,
    );
    const requests = own.events.filter(
      (event) => event.type === 'message.sent' && event.from === 'app#0' && event.payload.kind === 'grpc.request',
    );
    expect(requests[0]).toMatchObject({ payload: { metadata: { 'x-client-kind': 'mobile' } } });
    expect(JSON.stringify(requests[0])).not.toContain('content-type');
  });
  test('by hand: a status is the end of its span, the deadline is that of the client', () => {
    const own = runOf();
    own.runUntil(100_000);
    for (const requestId of ['gone', 'slow']) own.inject({ kind: 'request', node: 'app', requestId });
    own.runUntil(1_500_000);
    const statuses = own.events.flatMap((event) =>
      event.type === 'span.ended' && event.source === 'app#0' && event.status === 'error'
        ? [event.attributes['rpc.grpc.status_code']]
        : [],
    );
    expect(statuses).toEqual([5, 4]);
  });
  test('the log does not depend on the size of windows', () => {
    const [whole, ...others] = ([undefined, 'event', 331] as const).map((windowSize) => {
      const own = runOf(windowSize);
      own.runUntil(600_000);
      own.inject({ kind: 'instance.kill', instance: 'stock#0' });
      own.runUntil(1_500_000);
      return own.sha256();
    });
    expect(others).toEqual([whole, whole]);
  });
});

describe('faults of the link', () => {
  test('a partition is silence until the deadline, and later a broken connection; what is lost is late, twice is once', () => {
    const link = 'front-stock';
    const fault = { kind: 'partition' as const, link, direction: 'both' as const };
    run.inject({ kind: 'fault.set', fault });
    expect(ask('/get', { id: 'a' })).toMatchObject({ code: 'grpc_deadline_exceeded' });
    run.inject({ kind: 'fault.clear', fault });
    run.runUntil((t += 30_000_000));
    expect(ask('/get', { id: 'a' })).toMatchObject({ status: 0 });
    run.inject({ kind: 'fault.set', fault: { kind: 'loss', link, rate: 0.3 } });
    run.inject({ kind: 'fault.set', fault: { kind: 'duplicate', link, rate: 0.3 } });
    const answers = Array.from({ length: 10 }, () => ask('/list', { amount: 5 }));
    for (const answer of answers) {
      const isWhole = JSON.stringify(answer).includes('"id":"4"');
      if (!isWhole) expect(answer).toMatchObject({ code: 'grpc_deadline_exceeded' });
    }
    expect(answers.filter((answer) => JSON.stringify(answer).includes('"id":"4"')).length).toBeGreaterThan(0);
  });
});

describe('policies', () => {
  test('RS5: a call that reached nobody is tried again elsewhere; each try is a span; the breaker opens when all is in vain', () => {
    run.inject({ kind: 'instance.kill', instance: 'stock#0' });
    run.runUntil((t += 100_000));
    for (let n = 0; n < 4; n += 1) expect(ask('/patient', { id: 'a' })).toMatchObject({ status: 0 });
    const tries = run.events.flatMap((event) =>
      event.type === 'span.started' && event.name === 'shop.Stock/Get' && event.kind === 'CLIENT'
        ? [event.attributes['rpc.grpc.resend_count'] ?? 0]
        : [],
    );
    expect(tries).toContain(1);
    expect(run.events.find((event) => event.type === 'retry.decided')).toMatchObject({ reason: 'grpc_unavailable' });
    run.inject({ kind: 'instance.kill', instance: 'stock#1' });
    run.runUntil((t += 100_000));
    for (let n = 0; n < 3; n += 1) ask('/patient', { id: 'a' });
    expect(ask('/patient', { id: 'a' })).toMatchObject({ code: 'breaker_open' });
  });
});

describe('server streaming', () => {
  test('RP2: messages keep their order; the status comes last', () => {
    const messages = Array.from({ length: 20 }, (_, n) => ({ id: String(n), amount: n, note: '' }));
    expect(ask('/list', { amount: 20 })).toEqual({ status: 0, messages });
    const arrivals = sent('grpc.message').map((event) => event.arriveAt);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    expect(sent('grpc.reply')[0]?.payload).toMatchObject({ status: 0, sent: 20, bytes: null });
  });
  test('a stream may be empty, and may fail after its first messages', () => {
    expect(ask('/list', {})).toEqual({ status: 0, messages: [] });
    expect(ask('/list', { id: 'broken', amount: 2 })).toMatchObject({ code: 'grpc_data_loss' });
  });
  test('RP2: the cancel of a late caller reaches the other side, which sends nothing more', () => {
    expect(ask('/list', { amount: 100, wait_ms: 50 })).toMatchObject({ code: 'grpc_deadline_exceeded' });
    expect(sent('grpc.cancel').length).toBe(1);
    const last = sent('grpc.message').at(-1)?.t ?? 0;
    expect(sent('grpc.message').length).toBeLessThan(25);
    expect(last).toBeLessThan((sent('grpc.cancel')[0]?.arriveAt ?? 0) + 1);
  });
});

describe('deadlines', () => {
  test('RP2: the child gets what is left of the parent, not its own longer time-out', () => {
    expect(ask('/chain', { id: 'a' })).toMatchObject({ status: 0 });
    const [outer, inner] = sent('grpc.request').map((event) =>
      event.payload.kind === 'grpc.request' ? (event.payload.timeoutUs ?? 0) : 0,
    );
    expect(outer).toBe(200_000);
    expect(inner).toBeLessThan(200_000);
    expect(inner).toBeGreaterThan(100_000);
  });
  test('RP2: after the deadline nothing more is committed, on no level; the transaction is rolled back', () => {
    expect(ask('/chain-save', { id: 'x', wait_ms: 400 })).toMatchObject({ code: 'grpc_deadline_exceeded' });
    expect(rows()).toEqual(['"x-1"']);
    expect(ask('/save', { id: 'y', wait_ms: 400 })).toMatchObject({ code: 'grpc_deadline_exceeded' });
    expect(ask('/save', { id: 'z', wait_ms: 0 })).toMatchObject({ status: 0 });
    expect(rows()).toEqual(['"x-1"', '"y-1"', '"z-1"', '"z-2"', '"z-3"']);
    const rollbacks = sent('db.query').filter((event) => event.operation.startsWith('ROLLBACK'));
    expect(rollbacks.length).toBe(2);
  });
  test('RP2: when the caller dies its calls are over', () => {
    run.inject(request('/save', { id: 'w', wait_ms: 60 }));
    run.runUntil((t += 40_000));
    run.inject({ kind: 'instance.kill', instance: 'front#0' });
    run.runUntil((t += 2_000_000));
    expect(rows()).toEqual(['"w-1"']);
  });
});

test('GR1: the log does not depend on the size of the windows', () => {
  const hashes = (['lookahead', 143, 'event'] satisfies WindowSize[]).map((size) => {
    const other = start(size);
    for (const [at, path, body] of [
      [520_000, '/get', { id: 'a' }],
      [530_000, '/list', { amount: 30, wait_ms: 5 }],
      [540_000, '/chain-save', { id: 'q', wait_ms: 90 }],
      [550_000, '/chain', { id: 'gone' }],
    ] as const) {
      other.runUntil(at);
      other.inject(request(path, body));
    }
    other.runUntil(2_000_000);
    return other.sha256();
  });
  expect(new Set(hashes).size).toBe(1);
});

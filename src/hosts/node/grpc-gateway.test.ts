import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../core/base/json.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import { createGrpcCodec, type RpcCodec } from '../../core/grpc/codec.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { canonicalTrace } from '../../core/telemetry/canonical-trace.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { grpcGatewayDrawing } from '../virtual/grpc-gateway-drawing.suite.ts';
import { VirtualRun } from '../virtual/run-virtual.ts';
import { read, write } from './grpc-bytes.suite.ts';
import { LocalSystem } from './local-system.ts';

/** The drawing with a client that sends by hand only. */
function quiet(): ReturnType<typeof grpcGatewayDrawing> {
  const document = grpcGatewayDrawing();
  const app = document.nodes['app'];
  if (app?.kind === 'client') app.config.load = { model: 'open', ratePerSecond: 0, arrival: 'constant' };
  return document;
}
const document = quiet();
const topology = compileTopology(document);
const stock = topology.nodes['stock'];
const proto = createGrpcCodec(stock?.kind === 'service' ? (stock.config.grpc?.proto ?? '') : '');
const rpcOf = (name: string): RpcCodec => {
  const rpc = proto.ok ? proto.value.rpcs.get(`shop.Stock/${name}`) : undefined;
  if (rpc === undefined) throw new Error(`no rpc ${name}`);
  return rpc;
};

let system: LocalSystem;
let client: Client;
beforeAll(async () => {
  system = new LocalSystem(topology, document.seed, actorFactories);
  await system.start();
  client = new Client(`127.0.0.1:${system.grpcPortOf('gateway')}`, credentials.createInsecure());
}, 30_000);
afterAll(async () => {
  client.close();
  await system.stop();
});

interface Answer {
  code: number;
  details: string;
  value: Json;
  trailers: Metadata;
}
function unary(path: string, body: Json, metadata: Record<string, string> = {}, deadlineMs = 5_000): Promise<Answer> {
  const { input, output } = rpcOf('Get');
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  return new Promise((resolve) => {
    let answer: Omit<Answer, 'trailers'> = { code: 0, details: '', value: null };
    const call = client.makeUnaryRequest(
      path,
      (value: Json) => write(input, value),
      (bytes: Buffer) => read(output, bytes),
      body,
      sent,
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, value?: Json) =>
        (answer = { code: error?.code ?? 0, details: error?.details ?? '', value: value ?? null }),
    );
    // Comes behind the answer.
    call.on('status', (end) => setImmediate(() => resolve({ ...answer, trailers: end.metadata })));
  });
}

describe('GW19 @grpc/grpc-js calls through our gateway', () => {
  test('unary: the answer, its trailers with the request id, and the status of the service in its own words', async () => {
    const good = await unary('/shop.Stock/Get', { id: 'a', amount: 3 }, { 'x-request-id': 'mine' });
    expect(good).toMatchObject({ code: 0, value: { id: 'a', amount: 3, note: 'є' } });
    expect(good.trailers.get('x-request-id')).toEqual(['mine']);
    const gone = await unary('/shop.Stock/Get', { id: 'gone' });
    expect(gone).toMatchObject({ code: status.NOT_FOUND, details: 'no such item: ґава' });
    const requests = system.events.flatMap((event) =>
      event.type === 'message.sent' && event.source === 'gateway#0' && event.payload.kind === 'grpc.request'
        ? [event.payload]
        : [],
    );
    expect(requests[0]).toMatchObject({
      bytes: 'CgFhEAM=',
      json: '{"amount":3,"id":"a","wait_ms":0}',
      metadata: { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-request-id': 'mine' },
    });
  });
  test('what no route takes is UNIMPLEMENTED; a deadline of the caller and a time-out of the route are told apart', async () => {
    expect(await unary('/other.Shop/Get', {})).toMatchObject({
      code: status.UNIMPLEMENTED,
      details: 'no route for /other.Shop/Get',
    });
    expect(await unary('/shop.Stock/Get', { id: 'a', wait_ms: 2_000 }, {}, 100)).toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    expect(await unary('/shop.Stock/Chain', { id: 'a', wait_ms: 2_000 })).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'no answer from middle within 400 ms',
    });
  });
  test('a stream in order; a cancel ends it on both sides of the gateway', async () => {
    const { input, output } = rpcOf('List');
    const stream = (value: Json) =>
      client.makeServerStreamRequest(
        '/shop.Stock/List',
        (message: Json) => write(input, message),
        (bytes: Buffer) => read(output, bytes),
        value,
      );
    const got: Json[] = [];
    for await (const one of stream({ amount: 100 })) got.push((one as { amount: number }).amount);
    expect(got).toEqual(Array.from({ length: 100 }, (_, amount) => amount));
    const before = system.events.length;
    const endless = stream({ amount: 1_000, wait_ms: 5 });
    const failed = new Promise<ServiceError>((resolve) => endless.on('error', resolve));
    endless.once('data', () => endless.cancel());
    expect((await failed).code).toBe(status.CANCELLED);
    const cancelled = (): string[] =>
      system.events
        .slice(before)
        .flatMap((event) =>
          event.type === 'span.ended' && event.attributes['rpc.grpc.status_code'] === 1 ? [event.source] : [],
        );
    await expect.poll(() => [...new Set(cancelled())].sort()).toEqual(['gateway#0', expect.stringMatching(/^stock#/)]);
  });
});

test('GW18 traces through the gateway are those of virtual time: decision 12', async () => {
  const run = new VirtualRun({ documentId: document.id, topology, initialData: null, seed: document.seed, inputs: [] });
  run.runUntil(500_000);
  const calls: [string, Json][] = [
    ['/get', { id: 'a', amount: 3 }],
    ['/get', { id: 'gone' }],
    ['/list', { amount: 3 }],
    ['/list', { id: 'broken', amount: 1 }],
    ['/chain', { id: 'a' }],
  ];
  const ids: string[] = [];
  for (const [index, [path, body]] of calls.entries()) {
    const traceId = String(index + 1).padStart(32, 'c');
    ids.push(traceId);
    const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const request = { method: 'POST', path, headers, body: JSON.stringify(body) };
    run.inject({ kind: 'request', node: 'gateway', request });
    run.runUntil(500_000 + (index + 1) * 1_000_000);
    await system.request('gateway', request);
  }
  const own = (events: readonly LogEvent[]) =>
    canonicalTrace(events, topology).filter((trace) => ids.includes(trace.traceId));
  expect(own(run.events).length).toBe(calls.length);
  expect(own(system.events)).toEqual(own(run.events));
});

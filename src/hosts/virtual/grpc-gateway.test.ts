import { describe, expect, test } from 'vitest';
import type { EventOf } from '../../core/fabric/event.ts';
import type { WindowSize } from '../../core/fabric/fabric.ts';
import { checkSpans } from '../../core/telemetry/spans.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { grpcGatewayDrawing } from './grpc-gateway-drawing.suite.ts';
import { VirtualRun } from './run-virtual.ts';

function start(windowSize?: WindowSize): VirtualRun {
  const document = grpcGatewayDrawing();
  const definition = {
    documentId: document.id,
    topology: compileTopology(document),
    initialData: null,
    seed: 11,
    inputs: [],
  };
  return new VirtualRun(definition, windowSize === undefined ? {} : { windowSize });
}
const sent = (run: VirtualRun): EventOf<'message.sent'>[] =>
  run.events.filter((event): event is EventOf<'message.sent'> => event.type === 'message.sent');
const ends = (run: VirtualRun, source: string): unknown[] =>
  run.events.flatMap((event) =>
    event.type === 'span.ended' && event.source === source ? [event.attributes['rpc.grpc.status_code']] : [],
  );

test('the drawing is sound', () => {
  expect(validateDocument(grpcGatewayDrawing()).filter(({ severity }) => severity === 'error')).toEqual([]);
});

describe('GW18, GW19 gRPC through a gateway in a run', () => {
  test('every message goes on byte for byte, its size counted alike on both links; spans are a tree', () => {
    const run = start();
    run.runUntil(2_000_000);
    const before = sent(run).filter(({ from, payload }) => from === 'app#0' && payload.kind === 'grpc.request');
    expect(before.length).toBeGreaterThan(30);
    const texts = (from: string, kinds: string[]): string[] =>
      sent(run)
        .filter((event) => event.from.startsWith(from) && kinds.includes(event.payload.kind))
        .flatMap(({ payload, trace }) =>
          'bytes' in payload ? [`${trace?.traceId} ${payload.bytes} ${payload.json}`] : [],
        );
    const requests = texts('app#0', ['grpc.request']);
    const onward = texts('gateway#0', ['grpc.request']);
    expect(requests.filter((text) => !onward.includes(text)).length).toBeLessThan(3);
    const answers = texts('stock#', ['grpc.message', 'grpc.reply']);
    expect(texts('gateway#0', ['grpc.message', 'grpc.reply']).filter((text) => !answers.includes(text))).toEqual([]);
    expect(new Set(ends(run, 'app#0'))).toEqual(new Set([0]));
    run.runUntil(2_500_000);
    expect(checkSpans(run.events)).toEqual([]);
    const stock = new Set(
      sent(run).flatMap(({ from, to }) => (from === 'gateway#0' && to.startsWith('stock') ? [to] : [])),
    );
    expect(stock.size).toBe(2);
  });
  test('a service calls through the gateway; what it calls there goes on to the next', () => {
    const run = start();
    run.runUntil(500_000);
    const body = JSON.stringify({ id: 'c', amount: 2 });
    const headers = { 'content-type': 'application/json' };
    const ask = (path: string): number =>
      run.inject({ kind: 'request', node: 'gateway', request: { method: 'POST', path, headers, body } }).seq;
    const [chain, list] = [ask('/chain'), ask('/list')];
    run.runUntil(1_500_000);
    expect(JSON.parse(run.edgeReplies.get(chain)?.body ?? '')).toMatchObject({
      status: 0,
      body: { id: 'c', amount: 2 },
    });
    expect(JSON.parse(run.edgeReplies.get(list)?.body ?? '')).toMatchObject({
      status: 0,
      messages: [{ id: '0' }, { id: '1' }],
    });
    const routes = run.events.flatMap((event) =>
      event.type === 'span.started' &&
      event.source === 'gateway#0' &&
      event.name === 'shop.Stock/Chain' &&
      event.kind === 'SERVER'
        ? [event.attributes['servarium.route']]
        : [],
    );
    expect(routes).toEqual(['rpc-chain']);
  });
  test("the caller's deadline holds through the gateway, what is below is cancelled, and a stream lost half way is INTERNAL", () => {
    const run = start();
    run.runUntil(500_000);
    const by = (requestId: string) => run.inject({ kind: 'request', node: 'app', requestId });
    by('gone');
    by('slow');
    run.runUntil(1_500_000);
    const statuses = ends(run, 'app#0').filter((status) => status !== 0);
    expect(statuses).toEqual([5, 4]);
    const slow = sent(run).find(({ payload }) => payload.kind === 'grpc.cancel');
    expect(slow).toBeDefined();
    by('long');
    run.runUntil(1_650_000);
    for (const instance of ['stock#0', 'stock#1']) run.inject({ kind: 'instance.kill', instance });
    run.runUntil(1_800_000);
    expect(ends(run, 'app#0')).toContain(13);
    run.runUntil(2_000_000);
    expect(ends(run, 'app#0').slice(-3)).toEqual([14, 14, 14]);
  });
  test('the log does not depend on the size of windows', () => {
    const [whole, ...others] = ([undefined, 'event', 331] as const).map((windowSize) => {
      const run = start(windowSize);
      run.runUntil(600_000);
      run.inject({ kind: 'instance.kill', instance: 'stock#0' });
      run.inject({ kind: 'request', node: 'app', requestId: 'long' });
      run.runUntil(1_200_000);
      return run.sha256();
    });
    expect(others).toEqual([whole, whole]);
  });
});

import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Metadata as GrpcMetadata, ServiceError } from '@grpc/grpc-js';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../core/base/json.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { Payload } from '../../core/fabric/message.ts';
import { createGrpcCodec, type MessageCodec, type RpcCodec } from '../../core/grpc/codec.ts';
import { HEALTH_PROTO } from '../../core/grpc/health.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { serviceActor } from '../../core/kinds/service/actor.ts';
import { initOf } from '../../core/kinds/testing/fixtures.ts';
import { canonicalTrace } from '../../core/telemetry/canonical-trace.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { ConfigOf, Step } from '../../core/topology/schema/types.ts';
import { grpcDrawing } from '../virtual/grpc-drawing.suite.ts';
import { VirtualRun } from '../virtual/run-virtual.ts';
import { grpcCarrier } from './carriers/grpc-client.ts';
import { Container } from './container.ts';
import { decodeStatusMessage, encodeStatusMessage } from './grpc-frames.ts';
import { read, write } from './grpc-bytes.suite.ts';
import { LocalSystem } from './local-system.ts';

const PROTO = `syntax = "proto3";
package echo;
message Text { string text = 1; int32 times = 2; int32 wait_ms = 3; }
service Echo { rpc Say(Text) returns (Text); rpc Repeat(Text) returns (stream Text); rpc Late(Text) returns (Text); }
`;
const rpcsOf = (proto: string): ReadonlyMap<string, RpcCodec> => {
  const codec = createGrpcCodec(proto);
  if (!codec.ok) throw new Error('the proto of the test is broken');
  return codec.value.rpcs;
};
const rpcs = rpcsOf(PROTO);
const text = rpcs.get('echo.Echo/Say')?.input as MessageCodec;
const LONG = 'Слава Україні 🦆 100 % ';

const say: Step[] = [
  {
    id: 'which',
    do: 'choose',
    when: [
      {
        if: 'request.body.text == "gone"',
        steps: [{ id: 'gone', do: 'fail', code: 'not_found', message: `немає 100 %` }],
      },
      { if: 'request.body.text == "odd"', steps: [{ id: 'odd', do: 'fail', code: 'odd', message: 'odd' }] },
    ],
  },
  {
    id: 'answer',
    do: 'respond',
    status: 200,
    headers: { 'x-seen': '${ request.metadata["x-asked"] }' },
    body: '${ request.body }',
  },
];
const config: ConfigOf<'service'> = {
  version: '1',
  port: 0,
  replicas: 1,
  serviceTime: { kind: 'constant', ms: 0 },
  startupMs: 0,
  restartDelayMs: null,
  prefetch: 0,
  values: {},
  endpoints: [],
  subscriptions: [],
  grpc: {
    port: 0,
    proto: PROTO,
    methods: [
      { id: 'say', rpc: 'echo.Echo/Say', steps: say },
      {
        id: 'repeat',
        rpc: 'echo.Echo/Repeat',
        steps: [
          {
            id: 'all',
            do: 'each',
            in: 'range(request.body.times)',
            item: 'n',
            steps: [
              { id: 'one', do: 'send', body: { text: '${ request.body.text }', times: '${ n }' } },
              { id: 'pause', do: 'wait', ms: '${ request.body.wait_ms }' },
            ],
          },
        ],
      },
    ],
  },
};

/** A port that is free now. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Answer {
  code: number;
  details: string;
  value: Json;
  seen?: unknown;
}
function unary(
  client: Client,
  path: string,
  codec: MessageCodec,
  value: Json,
  deadlineMs = 2000,
  answer: MessageCodec = codec,
): Promise<Answer> {
  const metadata = new Metadata();
  metadata.set('x-asked', 'yes');
  return new Promise((resolve) => {
    let seen: unknown;
    const call = client.makeUnaryRequest(
      path,
      (input: Json) => write(codec, input),
      (bytes: Buffer) => read(answer, bytes),
      value,
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, got?: Json) => {
        const { code = 0, details = '' } = error ?? {};
        setImmediate(() => resolve({ code, details, value: got ?? null, seen }));
      },
    );
    call.on('status', ({ metadata: trailers }: { metadata: GrpcMetadata }) => (seen = trailers.get('x-seen')[0]));
  });
}

describe('our server, @grpc/grpc-js as client', () => {
  let container: Container;
  let client: Client;
  let address = '';
  const crashes: unknown[] = [];
  beforeAll(async () => {
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    container = new Container({
      init: initOf('echo', { kind: 'service', name: 'echo', config }),
      factory: serviceActor,
      carriers: () => new Map(),
      onEvent: () => undefined,
      onCrash: (error) => crashes.push(error),
    });
    await container.start(0, '127.0.0.1', port);
    client = new Client(address, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await container.kill('test ended');
    expect(crashes).toEqual([]);
  });

  test('unary with UTF-8, metadata and trailers', async () => {
    const value = { text: LONG.repeat(5000), times: -1, wait_ms: 0 };
    expect(await unary(client, '/echo.Echo/Say', text, value)).toEqual({ code: 0, details: '', value, seen: 'yes' });
  });
  test('RP1: statuses and their words arrive', async () => {
    expect(await unary(client, '/echo.Echo/Say', text, { text: 'gone' })).toMatchObject({
      code: status.NOT_FOUND,
      details: 'немає 100 %',
    });
    expect(await unary(client, '/echo.Echo/Say', text, { text: 'odd' })).toMatchObject({ code: status.UNKNOWN });
    expect(await unary(client, '/echo.Echo/Nope', text, {})).toMatchObject({ code: status.UNIMPLEMENTED });
    expect(await unary(client, '/echo.Echo/Late', text, {})).toMatchObject({ code: status.UNIMPLEMENTED });
    expect(await unary(client, '/echo.Echo/Say', text, { text: 'x'.repeat(4 * 1024 * 1024) }, 20_000)).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
  });
  test('RP2: server streaming in order; a cancel stops the handler', async () => {
    const stream = (value: Json) =>
      client.makeServerStreamRequest(
        '/echo.Echo/Repeat',
        (input: Json) => write(text, input),
        (bytes: Buffer) => read(text, bytes),
        value,
      );
    const got: Json[] = [];
    for await (const one of stream({ text: 'є', times: 200 })) got.push(one as Json);
    expect(got).toEqual(Array.from({ length: 200 }, (_, times) => ({ text: 'є', times, wait_ms: 0 })));
    const endless = stream({ text: 'x', times: 1000, wait_ms: 5 });
    const failed = new Promise<ServiceError>((resolve) => endless.on('error', resolve));
    endless.once('data', () => endless.cancel());
    expect((await failed).code).toBe(status.CANCELLED);
    for (let round = 0; round < 100 && container.host.inspect('') !== null; round += 1) {
      if ((container.host.inspect('') as { inFlight: number }).inFlight === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(container.host.inspect('')).toMatchObject({ inFlight: 0 });
  });
  test('RP2: a deadline travels in grpc-timeout', async () => {
    const call = client.makeServerStreamRequest(
      '/echo.Echo/Repeat',
      (input: Json) => write(text, input),
      (bytes: Buffer) => read(text, bytes),
      { text: 'x', times: 100, wait_ms: 20 },
      new Metadata(),
      { deadline: Date.now() + 100 },
    );
    call.on('data', () => undefined);
    const failed = await new Promise<ServiceError>((resolve) => call.on('error', resolve));
    expect(failed.code).toBe(status.DEADLINE_EXCEEDED);
  });
  test('RP4: grpc.health: the server, its services, NOT_FOUND for others; Watch tells', async () => {
    const check = rpcsOf(HEALTH_PROTO).get('grpc.health.v1.Health/Check');
    if (!check) throw new Error('no health');
    const ask = (service: string) =>
      unary(client, '/grpc.health.v1.Health/Check', check.input, { service }, 2000, check.output);
    expect(await ask('')).toMatchObject({ code: 0, value: { status: 'SERVING' } });
    expect(await ask('echo.Echo')).toMatchObject({ code: 0, value: { status: 'SERVING' } });
    expect(await ask('other.Service')).toMatchObject({ code: status.NOT_FOUND });
    const watch = client.makeServerStreamRequest(
      '/grpc.health.v1.Health/Watch',
      (input: Json) => write(check.input, input),
      (bytes: Buffer) => read(check.output, bytes),
      { service: 'other.Service' },
    );
    watch.on('error', () => undefined);
    expect(await new Promise((resolve) => watch.once('data', resolve))).toEqual({ status: 'SERVICE_UNKNOWN' });
    watch.cancel();
  });
  test('what is no gRPC is refused by HTTP', async () => {
    const session = connect(`http://${address}`);
    const http = await new Promise((resolve) => {
      const stream = session.request({ ':method': 'POST', ':path': '/echo.Echo/Say', 'content-type': 'text/plain' });
      stream.on('response', (headers) => resolve(headers[':status']));
      stream.end('x');
    });
    session.close();
    expect(http).toBe(415);
  });
});

describe('our client, @grpc/grpc-js as server', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = new Server();
    const handlers = { requestSerialize: (bytes: Buffer) => bytes, requestDeserialize: (bytes: Buffer) => bytes };
    const codec = {
      ...handlers,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    server.addService(
      {
        say: { path: '/echo.Echo/Say', requestStream: false, responseStream: false, ...codec },
        repeat: { path: '/echo.Echo/Repeat', requestStream: false, responseStream: true, ...codec },
        late: { path: '/echo.Echo/Late', requestStream: false, responseStream: false, ...codec },
      },
      {
        say: (
          call: { request: Buffer; metadata: GrpcMetadata },
          done: (error: object | null, bytes?: Buffer) => void,
        ) => {
          const value = read(text, call.request) as { text: string };
          if (value.text === 'gone') done({ code: status.NOT_FOUND, details: 'немає 100 %' });
          else done(null, write(text, { text: `${value.text} ${call.metadata.get('x-asked').join()}` }));
        },
        repeat: (call: { request: Buffer; write(bytes: Buffer): void; end(): void }) => {
          for (let n = 0; n < 50; n += 1) call.write(write(text, { times: n }));
          call.end();
        },
        late: () => undefined,
      },
    );
    port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
  });
  afterAll(() => server.forceShutdown());

  function call(
    rpc: string,
    value: Json,
    more: { to?: string; timeoutUs?: number } = {},
  ): Promise<(Payload | string)[]> {
    const got: (Payload | string)[] = [];
    return new Promise((resolve) => {
      const carrier = grpcCarrier(
        {
          arrive(_, payload) {
            got.push(payload);
            if (payload.kind !== 'grpc.reply') return;
            void carrier.close();
            resolve(got);
          },
          refused(_, reason) {
            got.push(reason);
            void carrier.close();
            resolve(got);
          },
          down: () => undefined,
        },
        () => more.to ?? `127.0.0.1:${port}`,
        (_, name) => rpcs.get(name) ?? null,
      );
      const payload: Payload = {
        kind: 'grpc.request',
        path: `/${rpc}`,
        metadata: { 'x-asked': 'yes' },
        timeoutUs: more.timeoutUs ?? null,
        bytes: write(text, value).toString('base64'),
        json: '{}',
      };
      const way = { from: 'a#0', to: 'b#0', link: 'a-b', operation: rpc, trace: null, departAt: 0, arriveAt: 0 };
      carrier.send({ id: 'm:1', ...way, payload });
    });
  }

  test('unary with UTF-8 and metadata', async () => {
    expect(await call('echo.Echo/Say', { text: LONG })).toMatchObject([
      { kind: 'grpc.reply', status: 0, json: `{"text":"${LONG} yes","times":0,"wait_ms":0}`, sent: 0 },
    ]);
  });
  test('RP1: statuses and their words arrive; nobody there is refused', async () => {
    expect(await call('echo.Echo/Say', { text: 'gone' })).toMatchObject([
      { status: 5, message: 'немає 100 %', bytes: null },
    ]);
    expect(await call('echo.Echo/Nope', {})).toMatchObject([{ status: 12 }]);
    expect(await call('echo.Echo/Say', {}, { to: '127.0.0.1:1' })).toEqual(['connection_refused']);
  });
  test('RP2: a stream keeps its order and ends with its status; a deadline is kept by the other side', async () => {
    const got = await call('echo.Echo/Repeat', {});
    expect(got.length).toBe(51);
    expect(got.slice(0, 50)).toMatchObject(Array.from({ length: 50 }, (_, index) => ({ kind: 'grpc.message', index })));
    expect(got[50]).toMatchObject({ kind: 'grpc.reply', status: 0, sent: 50, bytes: null });
    expect(await call('echo.Echo/Late', {}, { timeoutUs: 50_000 })).toMatchObject([{ kind: 'grpc.reply', status: 4 }]);
  });
});

describe('a drawing over loopback', () => {
  let system: LocalSystem;
  beforeAll(async () => {
    const document = grpcDrawing();
    system = new LocalSystem(compileTopology(document), document.seed, actorFactories);
    await system.start();
  });
  afterAll(() => system.stop());
  const ask = async (path: string, body: Json): Promise<Json> => {
    const headers = { 'content-type': 'application/json' };
    const reply = await system.request('gateway', { method: 'POST', path, headers, body: JSON.stringify(body) });
    return JSON.parse(reply.body ?? 'null') as Json;
  };
  test('services call each other over real HTTP/2, found by the registry', async () => {
    expect(await ask('/get', { id: 'a', amount: 3 })).toEqual({ status: 0, body: { id: 'a', amount: 3, note: 'є' } });
    expect(await ask('/get', { id: 'gone' })).toEqual({ code: 'grpc_not_found', message: 'no such item: ґава' });
    expect(await ask('/list', { amount: 2 })).toMatchObject({ messages: [{ id: '0' }, { id: '1', amount: 1 }] });
    expect(await ask('/chain', { id: 'a' })).toMatchObject({ status: 0 });
  });
  test('RP1: a client calls a service over real HTTP/2', async () => {
    const document = grpcDrawing();
    const link = document.links['front-stock'];
    if (link === undefined) throw new Error('no link to copy');
    document.links['app-stock'] = { ...link, from: { node: 'app' } };
    const request = { name: 'get', protocol: 'grpc', method: 'POST', path: '/shop.Stock/Get', to: 'stock' } as const;
    document.nodes['app'] = {
      kind: 'client',
      name: 'app',
      position: { x: 0, y: 0 },
      config: {
        clientKind: 'mobile',
        load: { model: 'open', ratePerSecond: 50, arrival: 'constant' },
        timeoutMs: 2_000,
        requests: [
          { ...request, id: 'get', weight: 1, body: { id: 'a', amount: 3 } },
          { ...request, id: 'gone', weight: 1, body: { id: 'gone' } },
        ],
      },
    };
    const own = new LocalSystem(compileTopology(document), document.seed, actorFactories);
    await own.start();
    const statuses = (): unknown[] =>
      own.events.flatMap((event) =>
        event.type === 'span.ended' && event.source === 'app#0' ? [event.attributes['rpc.grpc.status_code']] : [],
      );
    await expect.poll(() => [0, 5].every((status) => statuses().includes(status)), { timeout: 10_000 }).toBe(true);
    await own.stop();
  });
  test('traces are those of virtual time: decision 12', async () => {
    const document = grpcDrawing();
    const topology = compileTopology(document);
    const run = new VirtualRun({
      documentId: document.id,
      topology,
      initialData: null,
      seed: document.seed,
      inputs: [],
    });
    run.runUntil(500_000);
    const calls: [string, Json][] = [
      ['/get', { id: 'a', amount: 3 }],
      ['/get', { id: 'gone' }],
      ['/get', { id: 'odd' }],
      ['/get', { id: 'wrong' }],
      ['/list', { amount: 3 }],
      ['/list', { id: 'broken', amount: 1 }],
      ['/chain', { id: 'a' }],
      ['/silent', {}],
    ];
    const ids: string[] = [];
    for (const [index, [path, body]] of calls.entries()) {
      const traceId = String(index + 1).padStart(32, 'a');
      ids.push(traceId);
      const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` };
      const request = { method: 'POST', path, headers, body: JSON.stringify(body) };
      run.inject({ kind: 'request', node: 'gateway', request });
      run.runUntil(500_000 + (index + 1) * 1_000_000);
      await system.request('gateway', request);
    }
    const own = (events: LogEvent[]) => canonicalTrace(events, topology).filter((trace) => ids.includes(trace.traceId));
    expect(own(run.events).length).toBe(calls.length);
    expect(own(system.events)).toEqual(own(run.events));
  });
  test('RP2: after the deadline nothing more is committed there either', async () => {
    expect(await ask('/chain-save', { id: 'x', wait_ms: 300 })).toMatchObject({ code: 'grpc_deadline_exceeded' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(system.stored('stock-db').map((row) => row.key)).toEqual(['"x-1"']);
  });
});

test('status messages are percent-encoded UTF-8', () => {
  for (const words of ['plain', 'немає 100 %', '\n\t', '🦆%41', ''])
    expect(decodeStatusMessage(encodeStatusMessage(words))).toBe(words);
  expect(encodeStatusMessage('є %')).toBe('%D1%94 %25');
  expect(decodeStatusMessage('50 % of %zz')).toBe('50 % of %zz');
});

import type { Json } from '../../core/base/json.ts';
import { mapSteps } from '../../core/topology/steps.ts';
import type {
  CallPolicy,
  ConfigOf,
  Document,
  GrpcMethod,
  Link,
  Step,
  TopologyNode,
} from '../../core/topology/schema/types.ts';

const position = { x: 0, y: 0 };
const link = (kind: Link['kind'], from: string, to: string): Link => ({
  kind,
  from: { node: from },
  to: { node: to },
  config: { latency: { distribution: { kind: 'exponential', meanMs: 3 }, minUs: 1_000 } },
});

const PROTO = `syntax = "proto3";
package shop;
message Item { string id = 1; int32 amount = 2; string note = 3; }
message Ask { string id = 1; int32 amount = 2; int32 wait_ms = 3; }
service Stock {
  rpc Get(Ask) returns (Item);
  rpc List(Ask) returns (stream Item);
  rpc Chain(Ask) returns (Item);
  rpc Save(Ask) returns (Item);
  rpc Silent(Ask) returns (Item);
}
`;

const service = (name: string, port: number, more: Partial<ConfigOf<'service'>>): TopologyNode => ({
  kind: 'service',
  name,
  position,
  config: {
    version: '1.0.0',
    port,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: 1 },
    startupMs: 10,
    restartDelayMs: 100,
    prefetch: 0,
    values: {},
    endpoints: [],
    subscriptions: [],
    ...more,
  },
});

const call = (to: string, endpoint: string, body: Json, timeoutMs: number): Step => ({
  id: 'call',
  do: 'call',
  to,
  endpoint,
  input: { body },
  timeoutMs,
  as: 'got',
});
/** Answers with what the call bound, or with the failure that it was. */
const relay = (
  id: string,
  to: string,
  method: string,
  timeoutMs = 1_000,
): ConfigOf<'service'>['endpoints'][number] => ({
  id,
  method: 'POST',
  path: `/${id}`,
  steps: [
    {
      id: 'guard',
      do: 'try',
      steps: [
        call(to, method, '${ request.body }', timeoutMs),
        { id: 'answer', do: 'respond', status: 200, body: '${ got }' },
      ],
      catch: [
        {
          code: '*',
          steps: [
            {
              id: 'caught',
              do: 'respond',
              status: 200,
              body: { code: '${ error.code }', message: '${ error.message }' },
            },
          ],
        },
      ],
    },
  ],
});

const methods: GrpcMethod[] = [
  {
    id: 'get',
    rpc: 'shop.Stock/Get',
    steps: [
      {
        id: 'which',
        do: 'choose',
        when: [
          {
            if: 'request.body.id == "gone"',
            steps: [{ id: 'absent', do: 'fail', code: 'not_found', message: 'no such item: ґава' }],
          },
          {
            if: 'request.body.id == "odd"',
            steps: [{ id: 'thrown', do: 'fail', code: 'declined', message: 'declined' }],
          },
          { if: 'request.body.id == "wrong"', steps: [{ id: 'bad', do: 'respond', status: 200, body: { id: 7 } }] },
        ],
      },
      { id: 'pause', do: 'wait', ms: '${ request.body.wait_ms }' },
      {
        id: 'answer',
        do: 'respond',
        status: 200,
        body: { id: '${ request.body.id }', amount: '${ request.body.amount }', note: 'є' },
      },
    ],
  },
  {
    id: 'list',
    rpc: 'shop.Stock/List',
    steps: [
      {
        id: 'all',
        do: 'each',
        in: 'range(request.body.amount)',
        item: 'n',
        steps: [
          { id: 'item', do: 'send', body: { id: '${ string(n) }', amount: '${ n }' } },
          { id: 'pause', do: 'wait', ms: '${ request.body.wait_ms }' },
        ],
      },
      {
        id: 'end',
        do: 'choose',
        when: [
          {
            if: 'request.body.id == "broken"',
            steps: [{ id: 'late', do: 'fail', code: 'data_loss', message: 'lost the rest' }],
          },
        ],
      },
    ],
  },
  {
    id: 'save',
    rpc: 'shop.Stock/Save',
    steps: [
      { id: 'first', do: 'insert', table: 'items', value: { id: '${ request.body.id + "-1" }', amount: 1 } },
      {
        id: 'both',
        do: 'transaction',
        steps: [
          { id: 'second', do: 'insert', table: 'items', value: { id: '${ request.body.id + "-2" }', amount: 2 } },
          { id: 'pause', do: 'wait', ms: '${ request.body.wait_ms }' },
        ],
      },
      {
        id: 'stubborn',
        do: 'try',
        steps: [{ id: 'third', do: 'insert', table: 'items', value: { id: '${ request.body.id + "-3" }', amount: 3 } }],
        catch: [
          {
            code: '*',
            steps: [
              { id: 'fourth', do: 'insert', table: 'items', value: { id: '${ request.body.id + "-4" }', amount: 4 } },
            ],
          },
        ],
      },
      { id: 'answer', do: 'respond', status: 200, body: { id: '${ request.body.id }' } },
    ],
  },
  {
    id: 'silent',
    rpc: 'shop.Stock/Silent',
    steps: [
      {
        id: 'which',
        do: 'choose',
        when: [{ if: 'false', steps: [{ id: 'never', do: 'respond', status: 200, body: {} }] }],
      },
    ],
  },
];

/** A gateway before `front`, which calls `middle` and `stock` over gRPC; `middle` passes calls on to `stock`; `stock` keeps rows. */
export function grpcDrawing(): Document {
  // The same call under a policy: a second try when nobody is reached.
  const patient = relay('patient', 'stock', 'get');
  const policy: CallPolicy = {
    retries: {
      maxAttempts: 3,
      on: ['connection'],
      backoff: { initialIntervalMs: 5, backoffCoefficient: 2, maxIntervalMs: 20, jitter: 'full' },
    },
    breaker: {
      window: 'count',
      windowSize: 4,
      minimumCalls: 4,
      failureRatePercent: 100,
      slowRatePercent: 100,
      slowCallMs: 60_000,
      openMs: 60_000,
      halfOpenPermits: 1,
    },
  };
  patient.steps = mapSteps(patient.steps, (step) => (step.do === 'call' ? { ...step, policy } : step));
  const front = service('front', 8001, {
    endpoints: [
      relay('get', 'stock', 'get'),
      patient,
      relay('list', 'stock', 'list'),
      relay('save', 'stock', 'save', 100),
      relay('silent', 'stock', 'silent'),
      relay('chain', 'middle', 'pass', 200),
      relay('chain-save', 'middle', 'pass-save', 100),
    ],
  });
  const pass = (id: string, rpc: string, method: string): GrpcMethod => ({
    id,
    rpc,
    steps: [
      call('stock', method, '${ request.body }', 5_000),
      { id: 'answer', do: 'respond', status: 200, body: '${ got.body }' },
    ],
  });
  const middle = service('middle', 8002, {
    grpc: {
      port: 50_051,
      proto: PROTO,
      methods: [pass('pass', 'shop.Stock/Chain', 'get'), pass('pass-save', 'shop.Stock/Save', 'save')],
    },
  });
  const stock = service('stock', 8003, { replicas: 2, grpc: { port: 50_051, proto: PROTO, methods } });
  const route = (path: string): ConfigOf<'gateway'>['routes'][number] => ({
    id: path.slice(1),
    match: 'prefix',
    path,
    action: { kind: 'forward', to: 'front', stripPrefix: false },
  });
  return {
    format: 'servarium',
    version: 1,
    id: 'grpc',
    name: 'gRPC',
    seed: 5,
    speed: 1,
    groups: {},
    nodes: {
      gateway: {
        kind: 'gateway',
        name: 'gateway',
        position,
        config: {
          port: 8080,
          routes: ['/get', '/list', '/save', '/silent', '/chain', '/chain-save', '/patient'].map(route),
          timeoutMs: 10_000,
          replicas: 1,
        },
      },
      consul: {
        kind: 'registry',
        name: 'consul',
        position,
        config: { engine: 'consul', heartbeatMs: 1_000, ttlMs: 5_000, cacheTtlMs: 1_000, restartDelayMs: null },
      },
      front,
      middle,
      stock,
      'stock-db': {
        kind: 'database',
        name: 'stock-db',
        position,
        config: {
          engine: 'postgresql',
          tables: [
            {
              name: 'items',
              primaryKey: 'id',
              columns: [
                { name: 'id', type: 'string', nullable: false },
                { name: 'amount', type: 'int', nullable: false },
              ],
            },
          ],
          rows: {},
          restartDelayMs: null,
        },
      },
    },
    links: {
      'gateway-front': link('http', 'gateway', 'front'),
      'front-middle': link('grpc', 'front', 'middle'),
      'front-stock': link('grpc', 'front', 'stock'),
      'middle-stock': link('grpc', 'middle', 'stock'),
      'front-consul': link('discovery', 'front', 'consul'),
      'stock-consul': link('discovery', 'stock', 'consul'),
      'stock-stock-db': link('owns', 'stock', 'stock-db'),
    },
  };
}

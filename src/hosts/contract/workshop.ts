import type {
  Document,
  Endpoint,
  Link,
  Step,
  Subscription,
  Table,
  TopologyNode,
} from '../../core/topology/schema/types.ts';
import { workshopClient } from './workshop-client.ts';
import { workshopGateway } from './workshop-gateway.ts';
import { GRPC_ENDPOINTS, withGrpc } from './workshop-grpc.ts';
import { DEPOT_HEALTH, MAKER_HEALTH } from './workshop-health.ts';
import { ITEMS, MOODS, SHELVES } from './workshop-tables.ts';

const position = { x: 0, y: 0 };
const latency: Link['config']['latency'] = { distribution: { kind: 'constant', ms: 1 }, minUs: 300 };
const link = (kind: Link['kind'], from: string, to: string): Link => ({
  kind,
  from: { node: from },
  to: { node: to },
  config: { latency },
});
const service = (
  name: string,
  port: number,
  endpoints: Endpoint[],
  subscriptions: Subscription[],
): Extract<TopologyNode, { kind: 'service' }> => ({
  kind: 'service',
  name,
  position,
  config: {
    version: '1',
    port,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: 0 },
    startupMs: 0,
    restartDelayMs: 100,
    prefetch: 1,
    values: { greeting: 'hello' },
    endpoints,
    subscriptions,
  },
});
const endpoint = (id: string, method: Endpoint['method'], path: string, steps: Step[]): Endpoint => ({
  id,
  method,
  path,
  steps,
});
const answer = (body: Extract<Step, { do: 'respond' }>['body'], status = 200): Step => ({
  id: 'answer',
  do: 'respond',
  status,
  body,
});

const WORKSHOP_ENDPOINTS: Endpoint[] = [
  endpoint('make', 'POST', '/api/items', [
    {
      id: 'save',
      do: 'transaction',
      steps: [
        {
          id: 'insert',
          do: 'insert',
          table: 'items',
          value: {
            id: '${request.body.id}',
            name: '${request.body.name}',
            stars: 0,
            price: 1.5,
            sold: false,
            tags: ['new', { deep: null }],
            madeAt: '2026-02-03T04:05:06.007Z',
          },
          as: 'item',
        },
        {
          id: 'tell',
          do: 'publish',
          to: 'bus',
          key: 'item.made',
          type: 'ItemMade',
          body: { id: '${item.id}' },
          via: 'outbox',
        },
        {
          id: 'doubt',
          do: 'choose',
          when: [
            {
              if: '${request.body.name == "bad"}',
              steps: [{ id: 'stop', do: 'fail', code: 'bad_name', message: 'a bad name', status: 422 }],
            },
          ],
        },
      ],
    },
    answer('${item}', 201),
  ]),
  endpoint('read', 'GET', '/api/items/{id}', [
    { id: 'get', do: 'get', table: 'items', key: '${request.params.id}', as: 'item', orFail: 'no_such_item' },
    answer('${item}'),
  ]),
  endpoint('list', 'GET', '/api/items', [
    {
      id: 'find',
      do: 'find',
      table: 'items',
      where: { stars: { gte: 0 }, name: { ne: 'nobody' } },
      orderBy: 'name',
      descending: true,
      limit: 2,
      as: 'items',
    },
    answer('${items.map(i, i.name)}'),
  ]),
  endpoint('star', 'POST', '/api/items/{id}/stars', [
    {
      id: 'add',
      do: 'update',
      table: 'items',
      where: { id: '${request.params.id}' },
      set: { sold: true },
      increment: { stars: 2, price: -0.25 },
      as: 'changed',
    },
    answer({ count: '${changed.count}', stars: '${changed.rows.map(r, r.stars)}' }),
  ]),
  endpoint('remove', 'DELETE', '/api/items/{id}', [
    { id: 'delete', do: 'delete', table: 'items', where: { id: '${request.params.id}' }, as: 'gone' },
    answer('${gone}'),
  ]),
  endpoint('decide', 'GET', '/api/decide', [
    answer({ uuid: '${uuid()}', chance: '${random()}', greeting: '${config.greeting}' }),
  ]),
  endpoint('ask', 'GET', '/api/ask/{id}', [
    {
      id: 'safely',
      do: 'try',
      steps: [
        {
          id: 'call',
          do: 'call',
          to: 'depot',
          endpoint: 'shelf',
          input: { params: { id: '${request.params.id}' } },
          timeoutMs: 2000,
          as: 'reply',
        },
        answer('${reply.body}'),
      ],
      catch: [
        {
          code: 'http_404',
          steps: [{ ...answer({ caught: '${error.code}', said: '${error.body.code}' }), id: 'answer-caught' }],
        },
      ],
    },
  ]),
  endpoint('many', 'POST', '/api/many', [
    { id: 'start', do: 'set', value: [], as: 'squares' },
    {
      id: 'each',
      do: 'each',
      in: '${request.body}',
      item: 'n',
      steps: [{ id: 'add', do: 'set', value: '${squares + [n * n]}', as: 'squares' }],
    },
    answer('${squares}'),
  ]),
  endpoint('guarded', 'GET', '/api/guarded/{id}', [
    {
      id: 'call',
      do: 'call',
      to: 'depot',
      endpoint: 'shelf',
      input: { params: { id: '${request.params.id}' } },
      timeoutMs: 2000,
      as: 'reply',
      policy: {
        retries: {
          maxAttempts: 2,
          on: ['timeout', '5xx', 'connection'],
          perTryTimeoutMs: 900,
          backoff: { initialIntervalMs: 5, backoffCoefficient: 2, maxIntervalMs: 20, jitter: 'full' },
          budgetPercent: 20,
        },
        breaker: {
          window: 'count',
          windowSize: 2,
          minimumCalls: 2,
          failureRatePercent: 100,
          slowRatePercent: 100,
          slowCallMs: 60_000,
          openMs: 600_000,
          halfOpenPermits: 1,
        },
        bulkhead: { maxConcurrent: 2, maxQueued: 2 },
        fallback: { instead: '${error.code}' },
      },
    },
    answer('${reply.body}'),
  ]),
  endpoint('unhandled', 'GET', '/api/unhandled', [
    { id: 'oops', do: 'fail', code: 'oops', message: 'nobody caught this', retriable: true },
  ]),
];

const DEPOT_SUBSCRIPTIONS: Subscription[] = [
  {
    id: 'shelve',
    broker: 'bus',
    key: 'item.*',
    steps: [
      {
        id: 'once',
        do: 'try',
        steps: [
          { id: 'put', do: 'insert', table: 'shelves', value: { id: '${message.body.id}', key: '${message.key}' } },
        ],
        catch: [{ code: 'unique_violation', steps: [{ id: 'again', do: 'log', level: 'info', text: 'was there' }] }],
      },
    ],
  },
];

/** One drawing that uses every step, every kind of node and both ways to publish; small enough to be read. */
export function workshop(): Document {
  const database = (name: string, tables: Table[]): TopologyNode => ({
    kind: 'database',
    name,
    position,
    config: { engine: 'postgresql', tables, rows: {}, restartDelayMs: null },
  });
  const depotEndpoints = [
    endpoint('shelf', 'GET', '/api/shelves/{id}', [
      { id: 'get', do: 'get', table: 'shelves', key: '${request.params.id}', as: 'shelf', orFail: 'empty_shelf' },
      answer('${shelf}'),
    ]),
    ...DEPOT_HEALTH,
  ];
  return {
    format: 'servarium',
    version: 1,
    id: 'workshop',
    name: 'Workshop',
    seed: 42,
    speed: 1,
    groups: {},
    nodes: {
      app: workshopClient(),
      gateway: { kind: 'gateway', name: 'gateway', position, config: workshopGateway() },
      maker: service('maker', 8001, [...WORKSHOP_ENDPOINTS, ...GRPC_ENDPOINTS, ...MAKER_HEALTH], []),
      depot: withGrpc(service('depot', 8002, depotEndpoints, DEPOT_SUBSCRIPTIONS)),
      'maker-db': database('maker-db', [ITEMS]),
      'depot-db': database('depot-db', [SHELVES, MOODS]),
      bus: {
        kind: 'broker',
        name: 'bus',
        position,
        config: { engine: 'rabbitmq', exchange: 'events', deliveryLimit: null, restartDelayMs: null },
      },
      names: {
        kind: 'registry',
        name: 'names',
        position,
        // A list would serve for ten minutes; blocking queries keep it.
        config: {
          engine: 'consul',
          heartbeatMs: 1000,
          ttlMs: 5000,
          cacheTtlMs: 600_000,
          blockingWaitMs: 300_000,
          restartDelayMs: null,
        },
      },
    },
    links: {
      a: link('http', 'gateway', 'maker'),
      b: link('http', 'gateway', 'depot'),
      c: link('http', 'maker', 'depot'),
      d: link('owns', 'maker', 'maker-db'),
      e: link('owns', 'depot', 'depot-db'),
      f: link('publish', 'maker', 'bus'),
      g: link('subscribe', 'bus', 'depot'),
      h: link('discovery', 'maker', 'names'),
      i: link('discovery', 'depot', 'names'),
      j: link('discovery', 'gateway', 'names'),
      k: link('grpc', 'maker', 'depot'),
      l: link('grpc', 'app', 'depot'),
      m: link('http', 'app', 'gateway'),
      n: link('grpc', 'gateway', 'depot'),
      o: link('grpc', 'maker', 'gateway'),
    },
  };
}

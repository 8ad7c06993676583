import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linkRefusal } from '../wiring/link-rules.ts';
import type { LinkKind, NodeKind } from '../schema/types.ts';
import { countInstances, parseDocument, validateDocument } from './validate.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- these tests break documents in ways that their type forbids
type Loose = any;

const read = (name: string): Loose =>
  JSON.parse(readFileSync(new URL(`../../../../public/examples/${name}.json`, import.meta.url), 'utf8'));

/** Problems of an example after a change, as `code place`. */
function problems(name: string, change: (document: Loose) => void): string[] {
  const json = read(name);
  change(json);
  const parsed = parseDocument(JSON.stringify(json));
  if (!parsed.ok) return parsed.error.map((problem) => `shape: ${problem.message}`);
  return validateDocument(parsed.value).map(
    (problem) => `${problem.severity === 'warning' ? 'warning ' : ''}${problem.code} ${problem.at}`,
  );
}
const steps = (document: Loose): Loose[] => document.nodes.hello.config.endpoints[0].steps;
const at = 'nodes/hello/config/endpoints/0/steps';

const probe = { path: '/nowhere', periodMs: 1000, timeoutMs: 100, failureThreshold: 3, successThreshold: 2 };

describe('checkLife', () => {
  const life = 'nodes/order/config';
  it.each<[string, object, string[]]>([
    [
      'a probe that nobody answers',
      { health: { readiness: probe } },
      [`PROBE_NOT_ANSWERED ${life}/health/readiness/path`],
    ],
    [
      'a liveness threshold that Kubernetes refuses',
      { health: { liveness: { ...probe, path: '/api/orders' } } },
      [`PROBE_THRESHOLD ${life}/health/liveness/successThreshold`],
    ],
    ['places', { concurrency: { limit: 2, maxQueued: 0 } }, []],
    ['time to drain', { replicas: 2, release: { strategy: 'rolling', graceMs: 6000 } }, []],
    [
      'a release that nobody survives',
      { replicas: 1, release: { strategy: 'rolling', graceMs: 5999 } },
      [`warning RELEASE_WITHOUT_REPLICA ${life}/release/strategy`, `warning GRACE_TOO_SHORT ${life}/release/graceMs`],
    ],
  ])('%s', (_, more, expected) => {
    expect(problems('order-saga', (d) => Object.assign(d.nodes.order.config, more))).toEqual(expected);
  });
});

describe('validateDocument', () => {
  it.each(['order-saga', 'hello'])('finds nothing in %s', (name) => {
    expect(problems(name, () => undefined)).toEqual([]);
  });

  it.each<[string, (document: Loose) => void, string[]]>([
    ['a dangling link', (d) => (d.links['hello-hello-db'].to.node = 'constructor'), [`STORE_UNKNOWN`]],
    [
      'a missing node',
      (d) => delete d.nodes.gateway,
      [
        'LINK_DANGLING links/gateway-hello/from/node',
        'LINK_DANGLING links/web-gateway/to/node',
        'NODE_UNKNOWN nodes/web/config/requests/0/to',
        'NODE_UNKNOWN nodes/web/config/requests/1/to',
      ],
    ],
    [
      'a refused link',
      (d) => (d.links.wrong = { ...d.links['web-gateway'], to: { node: 'hello-db' } }),
      ['LINK_CLIENT_ONLY_CALLS links/wrong'],
    ],
    [
      'a link to itself',
      (d) => (d.links.wrong = { ...d.links['web-gateway'], from: { node: 'hello' }, to: { node: 'hello' } }),
      ['LINK_TO_ITSELF links/wrong'],
    ],
    ['a link drawn twice', (d) => (d.links.zz = d.links['web-gateway']), ['LINK_DUPLICATE links/zz']],
    [
      'a gRPC link of a gateway to who describes no gRPC',
      (d) => (d.links['gateway-hello'].kind = 'grpc'),
      ['GRPC_NOT_SERVED links/gateway-hello', 'ROUTE_NOT_LINKED nodes/gateway/config/routes/0/action/to'],
    ],
    [
      'a gRPC link to a gateway that does not listen',
      (d) => (d.links['web-gateway'].kind = 'grpc'),
      [
        'GRPC_NOT_SERVED links/web-gateway',
        'REQUEST_NOT_LINKED nodes/web/config/requests/0/to',
        'REQUEST_NOT_LINKED nodes/web/config/requests/1/to',
      ],
    ],
    ['two nodes of one name', (d) => (d.nodes.web.name = 'hello'), ['NAME_DUPLICATE nodes/web/name']],
    [
      'a group with the id of a node',
      (d) => (d.groups.web = { title: 'Web', position: { x: 0, y: 0 }, size: { width: 1, height: 1 } }),
      ['ID_DUPLICATE groups/web'],
    ],
    ['a group that is not there', (d) => (d.nodes.web.parent = 'nowhere'), ['GROUP_UNKNOWN nodes/web/parent']],
    [
      'a request without link',
      (d) => delete d.links['web-gateway'],
      ['REQUEST_NOT_LINKED nodes/web/config/requests/0/to', 'REQUEST_NOT_LINKED nodes/web/config/requests/1/to'],
    ],
    [
      'a closed load of too many users',
      (d) => (d.nodes.web.config.load = { model: 'closed', users: 10_001, thinkTimeMs: 0 }),
      ['USERS_TOO_MANY nodes/web/config/load/users'],
    ],
    [
      'a route without link',
      (d) => delete d.links['gateway-hello'],
      ['ROUTE_NOT_LINKED nodes/gateway/config/routes/0/action/to'],
    ],
    [
      'a route to nobody',
      (d) => (d.nodes.gateway.config.routes[0].action.to = 'nobody'),
      ['NODE_UNKNOWN nodes/gateway/config/routes/0/action/to'],
    ],
    [
      'a route written twice',
      (d) => d.nodes.gateway.config.routes.push({ ...d.nodes.gateway.config.routes[0], id: 'again' }),
      ['ROUTE_DUPLICATE nodes/gateway/config/routes/1/path'],
    ],
    [
      'an endpoint written twice',
      (d) =>
        d.nodes.hello.config.endpoints.push({
          ...d.nodes.hello.config.endpoints[0],
          id: 'again',
          path: '/api/hello/{other}',
        }),
      ['ENDPOINT_DUPLICATE nodes/hello/config/endpoints/2/path'],
    ],
    [
      'a path that is none',
      (d) => (d.nodes.hello.config.endpoints[1].path = '/api/{a b}'),
      ['PATH_INVALID nodes/hello/config/endpoints/1/path'],
    ],
    ['a step id written twice', (d) => (steps(d)[1].id = 'get-person'), [`STEP_DUPLICATE ${at}/1/id`]],
    ['an unknown table', (d) => (steps(d)[1].table = 'persons'), [`TABLE_UNKNOWN ${at}/1/table`]],
    ['unknown columns', (d) => (steps(d)[1].where = { nam: 'x' }), [`COLUMN_UNKNOWN ${at}/1/where/nam`]],
    [
      'an increment of text',
      (d) => (steps(d)[1].increment = { name: 1 }),
      [`COLUMN_NOT_NUMERIC ${at}/1/increment/name`],
    ],
    [
      'a missing column',
      (d) => delete d.nodes.hello.config.endpoints[1].steps[0].steps[0].value.visits,
      ['COLUMN_MISSING nodes/hello/config/endpoints/1/steps/0/steps/0/value'],
    ],
    [
      'a database that is not linked',
      (d) => delete d.links['hello-hello-db'],
      [
        `STORE_MISSING ${at}/0`,
        `STORE_MISSING ${at}/1`,
        'STORE_MISSING nodes/hello/config/endpoints/1/steps/0/steps/0',
      ],
    ],
    ['a broken expression', (d) => (steps(d)[2].body.text = '${ 1 + }'), [`EXPRESSION_INVALID ${at}/2/body`]],
    [
      'a name that nothing binds',
      (d) => (steps(d)[2].body.text = '${ persno.name }'),
      [`warning EXPRESSION_NAME_UNKNOWN ${at}/2/body`],
    ],
    [
      'a call without link',
      (d) => steps(d).unshift({ id: 'ask', do: 'call', to: 'hello', endpoint: 'greet', input: {}, timeoutMs: 1 }),
      [`CALL_NOT_LINKED ${at}/0/to`, `PARAM_MISSING ${at}/0/input/params`],
    ],
    [
      'a call to nobody',
      (d) => steps(d).unshift({ id: 'ask', do: 'call', to: 'constructor', endpoint: 'greet', input: {}, timeoutMs: 1 }),
      [`NODE_UNKNOWN ${at}/0/to`],
    ],
    [
      'a publish to nobody',
      (d) => steps(d).unshift({ id: 'tell', do: 'publish', to: 'mq', key: 'a', type: 'A', body: null, via: 'direct' }),
      [`NODE_UNKNOWN ${at}/0/to`],
    ],
    [
      'a call without a link',
      (d) =>
        steps(d).unshift({ id: 'ask', do: 'call', to: 'hello', endpoint: 'meet', input: {}, timeoutMs: 1, policy: {} }),
      [`CALL_NOT_LINKED ${at}/0/to`],
    ],
    [
      'a nested transaction',
      (d) => steps(d).unshift({ id: 'a', do: 'transaction', steps: [{ id: 'b', do: 'transaction', steps: [] }] }),
      [`TRANSACTION_NESTED ${at}/0/steps/0`],
    ],
    ['MySQL', (d) => (d.nodes['hello-db'].config.engine = 'mysql'), ['NOT_YET_SUPPORTED nodes/hello-db/config/engine']],
    [
      'a wrong initial row',
      (d) => d.nodes['hello-db'].config.rows.people.push({ name: 'ada', visits: 1.5, age: 3 }),
      [
        'COLUMN_UNKNOWN nodes/hello-db/config/rows/people/2/age',
        'ROW_INVALID nodes/hello-db/config/rows/people/2/visits',
        'ROW_DUPLICATE nodes/hello-db/config/rows/people/2',
      ],
    ],
    [
      'rows without table',
      (d) => (d.nodes['hello-db'].config.rows.constructor = []),
      ['TABLE_UNKNOWN nodes/hello-db/config/rows/constructor'],
    ],
    [
      'a key that is no column',
      (d) => (d.nodes['hello-db'].config.tables[0].primaryKey = 'id'),
      ['COLUMN_UNKNOWN nodes/hello-db/config/tables/0/primaryKey'],
    ],
    [
      'the outbox as a table',
      (d) => d.nodes['hello-db'].config.tables.push({ ...d.nodes['hello-db'].config.tables[0], name: 'outbox' }),
      ['TABLE_RESERVED nodes/hello-db/config/tables/1/name'],
    ],
    ['an unknown demo request', (d) => (d.demo.primary.request = 'nothing'), ['REQUEST_UNKNOWN demo/primary/request']],
    [
      'empty bounds',
      (d) => (d.nodes.hello.config.serviceTime = { kind: 'uniform', minMs: 2, maxMs: 1 }),
      ['RANGE_EMPTY nodes/hello/config/serviceTime/maxMs'],
    ],
    [
      'a shared database',
      (d) => {
        d.nodes.other = { ...d.nodes.hello, name: 'other', config: { ...d.nodes.hello.config, endpoints: [] } };
        d.links.shared = { ...d.links['hello-hello-db'], from: { node: 'other' } };
      },
      ['warning DATABASE_SHARED nodes/hello-db'],
    ],
    [
      'too many instances',
      (d) => {
        for (let n = 0; n < 8; n += 1)
          d.nodes[`s${n}`] = {
            ...d.nodes.hello,
            name: `s${n}`,
            config: { ...d.nodes.hello.config, replicas: 20, endpoints: [] },
          };
      },
      ['warning LIMIT_INSTANCES nodes'],
    ],
  ])('finds %s', (_, change, expected) => {
    const found = problems('hello', change);
    if (expected[0] === 'STORE_UNKNOWN') expect(found).toContain('LINK_DANGLING links/hello-hello-db/to/node');
    else expect(found.sort()).toEqual([...expected].sort());
  });

  it('finds wrong subscriptions, aggregates and faults of the saga', () => {
    expect(problems('order-saga', (d) => delete d.links['rabbitmq-subscribe-email'])).toEqual([
      'SUBSCRIPTION_NOT_LINKED nodes/email/config/subscriptions/0/broker',
    ]);
    expect(
      problems('order-saga', (d) => delete d.links['shipping-publish-rabbitmq']).every((line) =>
        line.startsWith('PUBLISH_NOT_LINKED nodes/shipping/'),
      ),
    ).toBe(true);
    expect(problems('order-saga', (d) => (d.nodes.gateway.config.routes[4].action.mode = 'parallel'))).toEqual([
      'PART_NOT_PARALLEL nodes/gateway/config/routes/4/action/parts/1',
      'PART_NOT_PARALLEL nodes/gateway/config/routes/4/action/parts/2',
    ]);
    expect(problems('order-saga', (d) => (d.demo.break.fault.step = 'charg'))).toEqual([
      'STEP_UNKNOWN demo/break/fault/step',
    ]);
    expect(
      problems('order-saga', (d) => (d.nodes.order.config.endpoints[0].steps[1].steps[0].endpoint = 'fetch')),
    ).toEqual(['ENDPOINT_UNKNOWN nodes/order/config/endpoints/0/steps/1/steps/0/endpoint']);
    expect(problems('order-saga', (d) => (d.nodes.rabbitmq.config.engine = 'kafka'))).toEqual([
      'NOT_YET_SUPPORTED nodes/rabbitmq/config/engine',
    ]);
    expect(problems('order-saga', (d) => (d.nodes.consul.config.engine = 'etcd'))).toEqual([]);
    expect(
      problems('order-saga', (d) =>
        Object.assign(d.nodes.consul.config, { engine: 'etcd', tickMs: 500, check: 'http' }),
      ),
    ).toEqual(['REGISTRY_FIELD_UNUSED nodes/consul/config/check', 'REGISTRY_FIELD_UNUSED nodes/consul/config/tickMs']);
  });

  it('counts instances', () => {
    const parsed = parseDocument(JSON.stringify(read('order-saga')));
    expect(parsed.ok && countInstances(parsed.value)).toBe(3 + 1 + 1 + 1 + 8 + 7);
  });
});

describe('linkRefusal', () => {
  it('allows exactly the wiring of the issue', () => {
    const kinds: NodeKind[] = ['client', 'gateway', 'service', 'database', 'broker', 'registry'];
    const links: LinkKind[] = ['http', 'grpc', 'publish', 'subscribe', 'discovery', 'owns'];
    const allowed = kinds.flatMap((from) =>
      kinds.flatMap((to) =>
        links.filter((kind) => linkRefusal(from, to, kind) === null).map((kind) => `${from} -${kind}-> ${to}`),
      ),
    );
    expect(allowed).toEqual([
      'client -http-> gateway',
      'client -grpc-> gateway',
      'client -http-> service',
      'client -grpc-> service',
      'gateway -http-> service',
      'gateway -grpc-> service',
      'gateway -discovery-> registry',
      'service -grpc-> gateway',
      'service -http-> service',
      'service -grpc-> service',
      'service -owns-> database',
      'service -publish-> broker',
      'service -discovery-> registry',
      'broker -subscribe-> service',
    ]);
  });
});

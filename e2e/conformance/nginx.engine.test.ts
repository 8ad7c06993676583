import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childSpanId, random } from '../../src/core/base/random.ts';
import { recordVerificationAsync } from '../../src/core/compose/record-verification.ts';
import type { Recording } from '../../src/core/compose/verification.ts';
import { richGateway } from '../../src/core/compose/testing/rich-gateway.ts';
import { upstreamOf } from '../../src/core/kinds/gateway/forward.ts';
import { connect } from '../../src/core/topology/edit/connect.ts';
import { addNode } from '../../src/core/topology/edit/edit.ts';
import type { Document, Route } from '../../src/core/topology/schema/types.ts';
import { validateDocument } from '../../src/core/topology/check/validate.ts';
import { guardedShop } from '../../src/hosts/contract/guarded-shop.ts';
import { performEffect } from '../../src/hosts/tokens/perform-effect.ts';
import { runVirtualAsync } from '../../src/hosts/virtual/run-virtual.ts';
import {
  buildMongoStub,
  buildRuntime,
  documentOf,
  exported,
  patient,
  record,
  run,
  Stack,
  whyNoEngine,
} from './stack.ts';

const NGINX = 'nginx:1.30-alpine';
const reason = whyNoEngine() ?? whyNoEngine([NGINX]);
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const SAGA_REQUESTS = 24;
/** Host ports, each its own. */
const PORTS = { saga: 18_474, shop: 18_475, edge: 18_477 };

function gatewayOf(document: Document): Extract<Document['nodes'][string], { kind: 'gateway' }> {
  const gateway = Object.values(document.nodes).find((node) => node.kind === 'gateway');
  if (gateway?.kind !== 'gateway') throw new Error('no gateway');
  return gateway;
}

/** A second gateway, whose routes are locations of nginx: a prefix that is taken off, a pattern, a method, a slash that is added. */
function withLocations(before: Document): Document {
  let document = addNode(before, 'gateway', { x: 0, y: 0 }, () => 'edge')?.document ?? before;
  for (const [from, to] of [
    ['edge', 'order'],
    ['web', 'edge'],
  ] as const) {
    const drawn = connect(document, from, to, () => `${from}-${to}`);
    if (!drawn.ok) throw new Error(JSON.stringify(drawn.error));
    document = drawn.value.document;
  }
  const { edge, web } = document.nodes;
  if (edge?.kind !== 'gateway' || web?.kind !== 'client') throw new Error('no edge');
  const action = (stripPrefix: boolean): Route['action'] => ({ kind: 'forward', to: 'order', stripPrefix });
  edge.name = 'edge';
  edge.config.port = PORTS.edge;
  edge.config.matching = 'nginx';
  edge.config.transform = { request: { headers: { add: { 'x-added': 'by the edge' } } } };
  edge.config.routes = [
    { id: 'plain', match: 'prefix', path: '/api/', action: action(false) },
    { id: 'off', match: 'prefix', path: '/off/', action: action(true) },
    { id: 'read', match: 'exact', path: '/read', methods: ['GET'], action: action(false) },
    { id: 'pictures', match: 'regex', path: '\\.png$', action: action(false) },
  ];
  const asks = (id: string, method: 'GET' | 'POST', path: string) => ({
    id,
    name: id,
    weight: 3,
    method,
    path,
    to: 'edge',
  });
  web.config.requests.push(
    asks('edge-plain', 'GET', '/api//./order'),
    asks('edge-off', 'GET', '/off/api/order?x=1'),
    asks('edge-slash', 'GET', '/off'),
    asks('edge-method', 'POST', '/read'),
    asks('edge-picture', 'GET', '/api/x.png'),
    asks('edge-nowhere', 'GET', '/nowhere'),
  );
  return document;
}

/** The guarded shop with a second order service that gets a fourth of one route, a budget, an aggregate and CORS. */
function busyShop(): Document {
  let document = guardedShop('EdDSA');
  document = addNode(document, 'order', { x: 0, y: 0 }, () => 'order-b')?.document ?? document;
  const drawn = connect(document, 'gateway', 'order-b', () => 'gateway-order-b');
  if (drawn.ok) document = drawn.value.document;
  for (const id of ['order', 'order-b']) {
    const node = document.nodes[id];
    if (node?.kind !== 'service') throw new Error(`no service ${id}`);
    const answer = {
      id: 'say',
      do: 'respond',
      status: 200,
      body: { from: id, lucky: '${ random() }', kind: '${ request.headers["x-added"] }' },
    } as const;
    node.config.endpoints = [{ id: 'read', method: 'GET', path: '/api/order', steps: [answer] }];
  }
  const reads: Pick<Route, 'methods' | 'auth'> = {
    methods: ['GET'],
    auth: { required: true, scopes: ['orders:read'] },
  };
  const present = (name: string): Pick<Route, 'match' | 'path' | 'query'> => ({
    match: 'exact',
    path: '/api/order',
    query: { [name]: { present: true } },
  });
  const { config } = gatewayOf(document);
  config.port = PORTS.shop;
  config.cors = {
    allowOrigins: ['https://shop.example'],
    allowMethods: ['GET'],
    allowHeaders: ['authorization'],
    allowCredentials: false,
    maxAgeSeconds: 60,
  };
  config.transform = {
    request: { headers: { add: { 'x-added': 'by the gateway' } } },
    response: { headers: { add: { 'x-shop': 'yes' } } },
  };
  config.routes.unshift(
    {
      id: 'split',
      ...present('split'),
      ...reads,
      action: {
        kind: 'forward',
        to: 'order',
        stripPrefix: false,
        split: [
          { to: 'order', weight: 3 },
          { to: 'order-b', weight: 1 },
        ],
      },
    },
    {
      id: 'limited',
      ...present('limited'),
      ...reads,
      action: { kind: 'forward', to: 'order', stripPrefix: false },
      rateLimit: { kind: 'token-bucket', maxTokens: 3, tokensPerFill: 1, fillIntervalMs: 60_000, key: 'consumer' },
    },
    {
      id: 'overview',
      match: 'exact',
      path: '/api/overview',
      ...reads,
      action: {
        kind: 'aggregate',
        mode: 'parallel',
        parts: ['order', 'order-b'].map((to) => ({ id: to, to, method: 'GET', path: '/api/order', required: true })),
        body: { first: '${ parts["order"] }', second: '${ parts["order-b"] }' },
      },
    },
  );
  document = withLocations(document);
  const { web } = document.nodes;
  if (web?.kind !== 'client') throw new Error('no client');
  const headers = { Authorization: 'Bearer ${ login.body.access_token }' };
  const asks = (id: string, method: 'GET' | 'POST', path: string, more: object = { headers }) => ({
    id,
    name: id,
    weight: 3,
    method,
    path,
    to: 'gateway',
    ...more,
  });
  web.config.requests.push(
    asks('split', 'GET', '/api/order?split=1'),
    asks('overview', 'GET', '/api/overview'),
    asks('wrong-method', 'POST', '/api/overview'),
    asks('nobody', 'GET', '/api/order', {}),
    asks('nowhere', 'GET', '/nowhere'),
  );
  return document;
}

describe.skipIf(reason !== null)('gateways as nginx', () => {
  let runtime: Record<string, string>;
  let stack: Stack | null = null;
  beforeAll(async () => {
    runtime = await buildRuntime();
  });
  afterAll(() => stack?.remove());

  function start(document: Document, recording: Recording): Stack {
    stack?.remove();
    stack = new Stack(exported(document, 'zip', runtime, recording, 'nginx'), { project: `nginx-${document.id}` });
    const up = stack.compose('up', '-d', '--wait');
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
    return stack;
  }

  test('nginx itself accepts what uses every setting', () => {
    const project = new Stack(exported(richGateway(), 'zip', runtime, null, 'nginx'));
    const { folder } = project;
    const mounts = ['nginx.conf:/etc/nginx/nginx.conf:ro', 'gateway.js:/etc/nginx/servarium/gateway.js:ro'];
    const args = mounts.flatMap((mount) => ['-v', `${folder}/gateway/gateway/${mount}`]);
    const checked = run('docker', ['run', '--rm', ...args, NGINX, 'nginx', '-t'], folder);
    project.remove();
    expect(checked.status, checked.stderr).toBe(0);
  });

  test('the order saga behind nginx answers, traces and stores as in the tab', () => {
    const document = patient(documentOf('public/examples/order-saga.json'));
    gatewayOf(document).config.port = PORTS.saga;
    const stub = buildMongoStub(runtime);
    expect(stub.status, stub.stderr).toBe(0);
    const verified = start(document, record(document, SAGA_REQUESTS)).verify();
    expect([verified.status, verified.failed], verified.stdout + verified.stderr).toEqual([0, []]);
    expect(verified.passed.length).toBe(SAGA_REQUESTS + 7);
  });

  test('200, 401, 403, 404, 405 as in the tab; identity, shares, an aggregate and a budget', async () => {
    const document = busyShop();
    expect(validateDocument(document).filter(({ severity }) => severity === 'error')).toEqual([]);
    const recording = await recordVerificationAsync(document, 60, (definition, until) =>
      runVirtualAsync(definition, until, { perform: performEffect }),
    );
    if (!recording) throw new Error('nothing to record');
    const statuses = new Set(recording.requests.map(({ reply }) => reply.status));
    expect([...statuses].sort((a, b) => a - b)).toEqual([200, 301, 401, 403, 404, 405]);
    const verified = start(document, recording).verify();
    expect([verified.status, verified.failed], verified.stdout + verified.stderr).toEqual([0, []]);

    const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${PORTS.shop}${path}`, init);
    const login = await ask('/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"client_id":"web","client_secret":"web-secret"}',
    });
    expect(login.status).toBe(200);
    const { access_token: token } = (await login.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}`, origin: 'https://shop.example', 'x-request-id': 'mine' };

    const one = await ask('/api/order', { headers });
    expect(await one.json()).toMatchObject({ from: 'order', kind: 'by the gateway' });
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'x-request-id': 'mine',
      'x-shop': 'yes',
      'access-control-allow-origin': 'https://shop.example',
      vary: 'Origin',
    });
    const nobody = await ask('/api/order');
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api-gateway"']);
    const preflight = await ask('/api/order', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, preflight.headers.get('access-control-max-age')]).toEqual([204, '60']);
    const wrong = await ask('/api/overview', { method: 'PUT', headers });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);

    const limited: number[] = [];
    let last: Response | null = null;
    for (let n = 0; n < 5; n += 1) {
      last = await ask('/api/order?limited=1', { headers });
      limited.push(last.status);
    }
    expect(limited).toEqual([200, 200, 200, 429, 429]);
    expect([last?.headers.get('retry-after'), last?.headers.get('x-request-id')]).toEqual(['60', 'mine']);
    expect(await last?.json()).toMatchObject({ code: 'rate_limited', flag: 'RL', status: 429, instance: 'mine' });

    // The share is drawn by hash of the span: what the tab would do with the same caller, nginx does.
    const split = gatewayOf(document).config.routes.find(({ id }) => id === 'split')?.action;
    if (split?.kind !== 'forward') throw new Error('no split');
    const SENT = 160;
    const [expected, got]: [string[], string[]] = [[], []];
    for (let n = 1; n <= SENT; n += 1) {
      const caller = n.toString(16).padStart(16, '0');
      const server = childSpanId(document.seed, caller, 'server');
      expected.push(upstreamOf(split, random(document.seed, 'split', 'gateway', 'split', server)));
      const traceparent = `00-${caller}${caller}-${caller}-01`;
      const reply = await ask('/api/order?split=1', { headers: { ...headers, traceparent } });
      got.push(((await reply.json()) as { from: string }).from);
    }
    expect(got).toEqual(expected);
    const share = got.filter((from) => from === 'order-b').length / SENT;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.05);

    // Where nobody is any more, nothing refuses either: nginx tells both as a problem of the tab's kind.
    expect(stack?.compose('kill', 'order').status).toBe(0);
    const gone = await ask('/api/order', { headers });
    const { code, status } = (await gone.json()) as { code: string; status: number };
    expect(['503 connection_refused', '504 timeout']).toContain(`${status} ${code}`);
    expect(gone.status).toBe(status);
  });
});

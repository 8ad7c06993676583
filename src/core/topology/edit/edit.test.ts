import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copy } from './copy.ts';
import { paste } from './paste.ts';
import { connectRefusal } from './connect-refusal.ts';
import { connect } from './connect.ts';
import { addNode, brokenBy, emptyDocument, group, moveNodes, removeRecords, rename, updateNode } from './edit.ts';
import { latencyPresetOf, withLatencyPreset } from './latency.ts';
import type { Document, NodeOf } from '../schema/types.ts';
import { parseDocument, validateDocument } from '../check/validate.ts';

const load = (name: string): Document => {
  const parsed = parseDocument(
    readFileSync(new URL(`../../../../public/examples/${name}.json`, import.meta.url), 'utf8'),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const saga = load('order-saga');
const errors = (document: Document): string[] =>
  validateDocument(document)
    .filter((problem) => problem.severity === 'error')
    .map((problem) => `${problem.code} ${problem.at}`);
const counter = (): (() => string) => {
  let number = 0;
  return () => `new-${(number += 1)}`;
};
/** Places nodes and draws links by preset name: ids are the presets. */
function build(presets: string[], links: [string, string][]): Document {
  let document = emptyDocument('test', 'Test');
  for (const preset of presets)
    document = addNode(document, preset, { x: 0, y: 0 }, () => preset)?.document ?? document;
  for (const [from, to] of links) {
    const connected = connect(document, from, to, () => `${from}-${to}`);
    if (!connected.ok) throw new Error(connected.error[0]?.message ?? '');
    document = connected.value.document;
  }
  return document;
}
const service = (document: Document, id: string): NodeOf<'service'>['config'] =>
  (document.nodes[id] as NodeOf<'service'>).config;

describe('placing', () => {
  it('gives a service that answers at once, on a free port, with a free name', () => {
    const document = build(['cart'], []);
    const second = addNode(document, 'cart', { x: 1, y: 2 }, () => 'again');
    expect(errors(second?.document ?? document)).toEqual([]);
    expect(second?.document.nodes['again']).toMatchObject({
      kind: 'service',
      name: 'cart-2',
      title: 'Cart 2',
      position: { x: 1, y: 2 },
      config: { port: 8002, preset: 'cart' },
    });
    expect(service(document, 'cart').endpoints).toEqual([
      {
        id: 'about',
        method: 'GET',
        path: '/api/cart',
        steps: [{ id: 'answer', do: 'respond', status: 200, body: { service: 'cart', text: 'Hello from cart' } }],
      },
    ]);
    expect(addNode(document, 'mainframe', { x: 0, y: 0 }, counter())).toBeNull();
  });
});

describe('drawing a link makes traffic', () => {
  it('service to service: a call before the first endpoint answers', () => {
    const { document, added } = ((): { document: Document; added: unknown } => {
      const placed = addNode(saga, 'analytics', { x: 0, y: 0 }, () => 'analytics');
      const connected = connect(placed?.document ?? saga, 'order', 'analytics', counter());
      if (!connected.ok) throw new Error(connected.error[0]?.message ?? '');
      return connected.value;
    })();
    expect(added).toEqual({ node: 'order', kind: 'step', id: 'call-analytics' });
    const steps = service(document, 'order').endpoints[0]?.steps ?? [];
    expect(steps.map((step) => step.id)).toEqual([
      'check',
      'known-user',
      'start',
      'price-items',
      'save',
      'call-analytics',
      'answer',
    ]);
    expect(steps[5]).toEqual({
      id: 'call-analytics',
      do: 'call',
      to: 'analytics',
      endpoint: 'about',
      input: {},
      timeoutMs: 1_000,
      as: 'analytics',
    });
    expect(errors(document)).toEqual([]);
  });

  it('to a database: a first table with rows, a find, endpoints', () => {
    const document = build(['product', 'database-document'], [['product', 'database-document']]);
    expect(document.nodes['database-document']).toMatchObject({
      config: {
        engine: 'mongodb',
        tables: [{ name: 'products', primaryKey: 'id' }],
        rows: { products: [{ id: '1', name: 'Laptop', price: 100 }, {}, {}] },
      },
    });
    expect(
      service(document, 'product').endpoints.map(
        (endpoint) => `${endpoint.method} ${endpoint.path}: ${endpoint.steps.map((step) => step.do).join(', ')}`,
      ),
    ).toEqual([
      'GET /api/product: find, respond',
      'POST /api/product: insert, respond',
      'GET /api/product/{id}: get, respond',
    ]);
    expect(service(document, 'product').endpoints[0]?.steps[1]).toMatchObject({
      body: { service: 'product', products: '${ products }' },
    });
    expect(errors(document)).toEqual([]);
    expect(document.links['product-database-document']?.config.latency.minUs).toBe(1_000);
  });

  it('to a broker: a publish; from a broker: a subscription that never feeds itself', () => {
    const document = build(
      ['cart', 'email', 'broker'],
      [
        ['cart', 'broker'],
        ['broker', 'email'],
        ['broker', 'cart'],
      ],
    );
    expect(service(document, 'cart').endpoints[0]?.steps[0]).toMatchObject({
      do: 'publish',
      key: 'cart.used',
      type: 'CartUsed',
      via: 'direct',
    });
    expect(service(document, 'email').subscriptions).toMatchObject([
      { broker: 'broker', key: '#', steps: [{ do: 'log' }] },
    ]);
    expect(service(document, 'cart').subscriptions).toMatchObject([{ broker: 'broker', key: 'other.#' }]);
    expect(errors(document)).toEqual([]);
  });

  it('gateway to service: a route; client to gateway: a request that reaches a service; registry: nothing to add', () => {
    const document = build(
      ['client-web', 'gateway', 'user', 'registry'],
      [
        ['gateway', 'user'],
        ['client-web', 'gateway'],
        ['user', 'registry'],
        ['gateway', 'registry'],
      ],
    );
    expect(document.nodes['gateway']).toMatchObject({
      config: {
        routes: [
          {
            id: 'user',
            match: 'prefix',
            path: '/api/user',
            action: { kind: 'forward', to: 'user', stripPrefix: false },
          },
        ],
      },
    });
    expect(document.nodes['client-web']).toMatchObject({
      config: { requests: [{ method: 'GET', path: '/api/user', to: 'gateway', weight: 1 }] },
    });
    expect(document.links['user-registry']?.kind).toBe('discovery');
    expect(errors(document)).toEqual([]);
  });

  it('a client asks for what the routes of a gateway let through: templates and methods count, conditions are not guessed', () => {
    const shop = build(['client-web', 'gateway', 'user'], [['gateway', 'user']]);
    const get = service(shop, 'user').endpoints[0];
    if (get === undefined) throw new Error('a user service answers');
    const endpoints = [
      { ...get, id: 'all', path: '/api/users' },
      { ...get, id: 'one', path: '/api/users/{id}' },
      { ...get, id: 'make', method: 'POST' as const, path: '/api/users' },
    ];
    const forward = { kind: 'forward', to: 'user', stripPrefix: false } as const;
    const asked = (route: object): unknown => {
      const routes = [{ id: 'r', match: 'exact', path: '/api/users', action: forward, ...route }];
      let document = updateNode(shop, 'user', { config: { endpoints } }).document;
      document = updateNode(document, 'gateway', { config: { routes } }).document;
      const connected = connect(document, 'client-web', 'gateway', () => 'web');
      if (!connected.ok) throw new Error('not connected');
      const [request] = (connected.value.document.nodes['client-web'] as NodeOf<'client'>).config.requests;
      return `${request?.method} ${request?.path}`;
    };
    expect(asked({})).toBe('GET /api/users');
    expect(asked({ methods: ['POST'] })).toBe('POST /api/users');
    expect(asked({ match: 'template', path: '/api/{what}/{id}' })).toBe('GET /api/users/1');
    expect(asked({ match: 'prefix', path: '/' })).toBe('GET /api/users');
    expect(asked({ headers: { a: { present: true } } })).toBe('GET /');
    expect(asked({ match: 'regex', path: 'users' })).toBe('GET /');
  });

  it('uses the data centre when the rest of the document does', () => {
    const fast = withLatencyPreset(build(['user', 'cart'], []), 'data-centre').document;
    expect(latencyPresetOf(withLatencyPreset(saga, 'data-centre').document)).toBe('data-centre');
    expect(latencyPresetOf(saga)).toBe('visible');
    const connected = connect(
      withLatencyPreset(build(['user', 'cart', 'order'], [['user', 'cart']]), 'data-centre').document,
      'user',
      'order',
      counter(),
    );
    expect(connected.ok && connected.value.document.links[connected.value.link]?.config.latency.minUs).toBe(200);
    expect(latencyPresetOf(fast)).toBe('visible');
  });

  it.each([
    ['order', 'user', 'LINK_DUPLICATE', 'Failed to connect order to user: they are connected already'],
    [
      'user-db',
      'user',
      'LINK_FROM_DATABASE',
      'Failed to connect user-db to user: a database never calls anyone: draw the link from the service to its database',
    ],
    [
      'web',
      'user-db',
      'LINK_CLIENT_ONLY_CALLS',
      'Failed to connect web to user-db: a client only talks to a gateway or a service: data, queues and registries stay behind them',
    ],
    [
      'user',
      'gateway',
      'LINK_TO_GATEWAY',
      'Failed to connect user to gateway: only clients go through the gateway over HTTP: services call each other directly, or go through a gateway with a port for gRPC',
    ],
    ['user', 'user', 'LINK_TO_ITSELF', 'Failed to connect user to user: a node cannot be linked to itself'],
    ['user', 'constructor', 'NODE_UNKNOWN', 'Failed to connect: there is no node "constructor"'],
    [
      'gateway',
      'order-db',
      'LINK_GATEWAY_OWNS_NOTHING',
      'Failed to connect gateway to order-db: a gateway only forwards requests: data and queues belong to services',
    ],
  ])('refuses %s to %s with %s', (from, to, code, message) => {
    expect(connectRefusal(saga, from, to)).toMatchObject({ code, message });
    expect(connect(saga, from, to, counter()).ok).toBe(false);
  });
});

describe('removing', () => {
  it('lists what breaks, removes it in the same edit, and names what still reads a lost result', () => {
    const broken = brokenBy(saga, ['order-user']);
    expect(broken).toEqual([
      { node: 'order', kind: 'step', id: 'get-user', handler: 'create-order', isRemoved: true },
      { node: 'order', kind: 'step', id: 'known-user', handler: 'create-order', isRemoved: true },
      { node: 'order', kind: 'step', id: 'order-created', handler: 'create-order', isRemoved: false },
    ]);
    const edit = removeRecords(saga, ['order-user']);
    expect(edit.broken).toEqual(broken);
    expect(errors(edit.document)).toEqual([]);
    expect(validateDocument(edit.document).map((problem) => problem.code)).toEqual(['EXPRESSION_NAME_UNKNOWN']);
  });

  it('takes routes, requests, subscriptions and the demo with a node', () => {
    const edit = removeRecords(saga, ['payment', 'gateway']);
    expect(edit.document.nodes['web']).toMatchObject({ config: { requests: [] } });
    expect(edit.document.demo).toBeUndefined();
    expect(
      Object.values(edit.document.links).some((link) => link.from.node === 'payment' || link.to.node === 'payment'),
    ).toBe(false);
    expect(removeRecords(saga, ['payment']).document.demo).toEqual({ primary: saga.demo?.primary });
    expect(errors(edit.document)).toEqual([]);
  });

  it('takes a share of split traffic with its upstream; when nothing is left to share all goes to the first again', () => {
    const shop = build(
      ['gateway', 'user', 'cart', 'order'],
      [
        ['gateway', 'user'],
        ['gateway', 'cart'],
        ['gateway', 'order'],
      ],
    );
    const [route, ...others] = (shop.nodes['gateway'] as NodeOf<'gateway'>).config.routes;
    const split = [
      { to: 'user', weight: 0 },
      { to: 'cart', weight: 1 },
      { to: 'order', weight: 2 },
    ];
    const action = { kind: 'forward' as const, to: 'user', stripPrefix: false, split };
    const document = updateNode(shop, 'gateway', { config: { routes: [{ ...route, action }, ...others] } }).document;
    expect(errors(document)).toEqual([]);
    const firstOf = (removed: string[]): unknown => {
      const edit = removeRecords(document, removed);
      expect(errors(edit.document)).toEqual([]);
      return (edit.document.nodes['gateway'] as NodeOf<'gateway'>).config.routes[0]?.action;
    };
    expect(firstOf(['order'])).toEqual({ ...action, split: split.slice(0, 2) });
    expect(firstOf(['order', 'gateway-cart'])).toEqual({ kind: 'forward', to: 'user', stripPrefix: false });
  });

  it('leaves the nodes of a removed group', () => {
    const edit = removeRecords(saga, ['ctx-ordering']);
    expect(edit.document.nodes['order']?.parent).toBeUndefined();
    expect(edit.broken).toEqual([]);
  });
});

describe('other edits', () => {
  it('renames, with reasons when it cannot', () => {
    expect(rename(saga, 'order', 'orders').ok).toBe(true);
    const taken = rename(saga, 'order', 'payment');
    expect(taken.ok ? '' : taken.error[0]?.code).toBe('NAME_DUPLICATE');
    const wrong = rename(saga, 'order', 'Orders');
    expect(wrong.ok ? '' : wrong.error[0]?.code).toBe('NAME_INVALID');
  });

  it('moves a group with its nodes, and frames new groups', () => {
    const moved = moveNodes(saga, { 'ctx-catalog': { x: 100, y: 100 } }).document;
    const before = saga.nodes['product']?.position ?? { x: 0, y: 0 };
    const from = saga.groups['ctx-catalog']?.position ?? { x: 0, y: 0 };
    expect(moved.nodes['product']?.position).toEqual({ x: before.x + 100 - from.x, y: before.y + 100 - from.y });
    const framed = group(
      saga,
      ['web', 'mobile'],
      'Clients',
      () => 'clients',
      () => ({ width: 120, height: 54 }),
    );
    expect(framed?.document.nodes['web']?.parent).toBe('clients');
    expect(framed?.document.groups['clients']?.title).toBe('Clients');
  });

  it('patches one field of a node and removes optional ones', () => {
    const edit = updateNode(saga, 'order', { title: null, config: { replicas: 5 } });
    expect(edit.document.nodes['order']).toMatchObject({ config: { replicas: 5, port: 8003 } });
    expect(edit.document.nodes['order']).not.toHaveProperty('title');
    expect(Object.keys(edit.diff.nodes.updated)).toEqual(['order']);
    expect(updateNode(saga, 'constructor', { title: 'x' }).document.nodes['constructor']).toBeUndefined();
  });

  it('pastes a service with its database, wired among themselves and to shared infrastructure', () => {
    const { document, ids } = paste(saga, copy(saga, ['payment', 'payment-db']), { x: 24, y: 24 }, counter());
    const pasted = ids.map((id) => document.nodes[id]);
    expect(pasted.map((node) => node?.name)).toEqual(['payment-2', 'payment-db-2']);
    const wired = Object.values(document.links)
      .filter((link) => ids.includes(link.from.node) || ids.includes(link.to.node))
      .map((link) => link.kind)
      .sort();
    expect(wired).toEqual(['discovery', 'owns', 'publish', 'subscribe']);
    expect(errors(document)).toEqual([]);
    // Into an empty document the copy has no broker: its subscriptions go, nothing dangles.
    const elsewhere = paste(emptyDocument('e', 'E'), copy(saga, ['payment']), { x: 0, y: 0 }, counter());
    expect(errors(elsewhere.document)).toEqual([]);
    expect(service(elsewhere.document, elsewhere.ids[0] ?? '').subscriptions).toEqual([]);
  });
});

describe('the order of drawing', () => {
  const paths = (document: Document): string[] =>
    (document.nodes['client-web'] as NodeOf<'client'>).config.requests.map(
      (request) => `${request.method} ${request.path}`,
    );
  const links: [string, string][] = [
    ['client-web', 'gateway'],
    ['gateway', 'order'],
  ];

  it('does not matter: a client linked before the gateway has a route asks for what the first route answers', () => {
    const leftToRight = build(['client-web', 'gateway', 'order'], links);
    expect(paths(leftToRight)).toEqual(paths(build(['client-web', 'gateway', 'order'], [...links].reverse())));
    expect(paths(leftToRight)).not.toContain('GET /');
    expect(errors(leftToRight)).toEqual([]);
  });

  it('leaves requests alone that somebody chose', () => {
    const drawn = build(['client-web', 'gateway', 'order'], links);
    const more = connect(
      addNode(drawn, 'user', { x: 0, y: 0 }, () => 'user')?.document ?? drawn,
      'gateway',
      'user',
      () => 'more',
    );
    expect(more.ok && paths(more.value.document)).toEqual(paths(drawn));
  });
});

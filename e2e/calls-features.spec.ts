import { expect, test } from '@playwright/test';
import type { HttpReply } from '../src/core/fabric/message.ts';
import type { Versioning } from '../src/core/topology/schema/types.ts';
import { guardedShop } from '../src/hosts/contract/guarded-shop.ts';
import { node } from './canvas-page.ts';
import { ask, askAll, askUntil, fill, inspector, openDocument, setSpeed, switchOn, unfold } from './features-page.ts';
import { drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

test('GW4 a token of the Auth service opens the route whose scope it has, and only that one', async ({ page }) => {
  const document = guardedShop('EdDSA');
  Object.values(document.nodes).forEach((one, index) => (one.position = { x: 20 + 250 * index, y: 120 }));
  const { web } = document.nodes;
  if (web?.kind === 'client') web.config.load = { model: 'open', ratePerSecond: 0, arrival: 'constant' };
  const heard = await openDocument(page, document, 1);
  const refused = await ask(page, '/api/order');
  expect(refused).toMatchObject({ status: 401, json: { code: 'token_missing' } });
  expect(refused.headers['www-authenticate']).toBe('Bearer realm="api-gateway"');
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id: 'web', client_secret: 'web-secret' });
  const json = { 'content-type': 'application/json' };
  const issued = await ask(page, '/token', { method: 'POST', headers: json, body });
  expect(issued).toMatchObject({ status: 200, json: { token_type: 'Bearer', scope: 'orders:read orders:write' } });
  const token = issued.json['access_token'] as string;
  const headers = { authorization: `Bearer ${token}` };
  expect((await ask(page, '/api/order', { headers })).status).toBe(200);
  const [head, claims, signature] = token.split('.') as [string, string, string];
  const forged = { authorization: `Bearer ${head}.${claims}.${signature.split('').toReversed().join('')}` };
  expect(await ask(page, '/api/order', { headers: forged })).toMatchObject({ status: 401 });
  const change = { method: 'DELETE', headers };
  expect(await ask(page, '/api/order', change)).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });

  // Virtual seconds make a token old: hardly one passes while the form is used.
  await setSpeed(page, 0.1);
  await node(page, 'API gateway').click();
  const routes = inspector(page).getByRole('button', { name: /\/api\/order → Order$/ });
  await routes.last().click();
  const route = inspector(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('combobox', { name: 'Match' }) });
  await fill(await unfold(route, 'Authentication'), 'textbox', 'Scopes', 'orders:write');
  await askUntil(page, 405, '/api/order', change);
  expect(heard).toEqual([]);
});

test('GW1 GW14 to GW16 routes, versions, transformations, aggregates, shares, other origins and keys', async ({
  page,
}) => {
  const headers = { remove: ['x-secret'], rename: { 'x-old': 'x-new' }, add: { 'x-how': '${ request.method }' } };
  const wrapped = { wrapped: '${ request.body }' };
  const routes = [
    forward('user', 'template', '/users/{id}', 'left', { methods: ['GET'] }),
    forward('beta', 'template', '/users/{id}', 'right', {
      methods: ['GET'],
      headers: { 'x-beta': { equals: 'yes' } },
    }),
    forward('order', 'template', '/orders/{id}', 'left', {
      methods: ['POST'],
      transform: {
        request: { headers, path: '/users/${ request.params.id }', body: wrapped },
        response: { headers: { add: { 'x-status': '${ reply.status }' } } },
      },
    }),
    forward('shop', 'prefix', '/shop', 'left'),
    forward('shop-2', 'prefix', '/shop', 'right', { version: 'v2' }),
    forward('shared', 'exact', '/shared', 'left', {
      action: {
        kind: 'forward',
        to: 'left',
        stripPrefix: false,
        split: [
          { to: 'left', weight: 50 },
          { to: 'right', weight: 50 },
        ],
      },
    }),
    forward('page', 'exact', '/page', 'left', {
      action: {
        kind: 'aggregate',
        mode: 'parallel',
        parts: [
          { id: 'user', to: 'left', method: 'GET', path: '/users/7', required: true },
          { id: 'stars', to: 'right', method: 'GET', path: '/gone', required: false, fallback: { count: 0 } },
        ],
        body: { user: '${ parts.user.path }', stars: '${ parts.stars.count }' },
      },
    }),
  ];
  const versioning: Versioning = {
    by: 'header',
    header: 'x-api-version',
    default: 'v1',
    unknown: 406,
    versions: [{ name: 'v1', deprecatedAt: '2026-01-01T00:00:00Z', sunsetAt: '2027-01-01T00:00:00Z' }, { name: 'v2' }],
  };
  const endpoints = [
    echo('get', '/users/{id}'),
    echo('put', '/users/{id}', 'POST'),
    echo('shop', '/shop'),
    echo('shared', '/shared'),
  ];
  const document = drawn(
    'routes',
    {
      gateway: gateway(routes, { versioning }),
      left: service('left', endpoints),
      right: service('right', endpoints),
    },
    ['http gateway left', 'http gateway right'],
  );
  const heard = await openDocument(page, document);

  const kept = await ask(page, '/users/7', { headers: { 'x-request-id': 'mine-1' } });
  expect(kept).toMatchObject({ status: 200, json: { by: 'left', path: '/users/7' } });
  expect([kept.headers['x-request-id'], (kept.json['headers'] as Record<string, string>)['x-request-id']]).toEqual([
    'mine-1',
    'mine-1',
  ]);
  expect((await ask(page, '/users/7', { headers: { 'x-beta': 'yes' } })).json['by']).toBe('right');
  expect(await ask(page, '/nothing')).toMatchObject({ status: 404, json: { code: 'no_route', flag: 'NR' } });
  const denied = await ask(page, '/users/7', { method: 'DELETE' });
  expect([denied.status, denied.headers['allow']]).toEqual([405, 'GET']);

  const old = await ask(page, '/shop');
  expect([old.json['by'], old.headers['deprecation'], old.headers['sunset']]).toEqual([
    'left',
    '@1767225600',
    'Fri, 01 Jan 2027 00:00:00 GMT',
  ]);
  const young = await ask(page, '/shop', { headers: { 'x-api-version': 'v2' } });
  expect([young.json['by'], young.headers['deprecation']]).toEqual(['right', undefined]);
  expect((await ask(page, '/shop', { headers: { 'x-api-version': 'v9' } })).status).toBe(406);

  const sent = { 'content-type': 'application/json', 'x-secret': '1', 'x-old': 'kept' };
  const changed = await ask(page, '/orders/5', { method: 'POST', headers: sent, body: '{"n":1}' });
  expect(changed).toMatchObject({
    status: 200,
    headers: { 'x-status': '200' },
    json: { path: '/users/5', body: { wrapped: { n: 1 } }, headers: { 'x-new': 'kept', 'x-how': 'POST' } },
  });
  expect(Object.keys(changed.json['headers'] as object)).not.toContain('x-secret');

  expect((await ask(page, '/page')).json).toMatchObject({
    user: '/users/7',
    stars: 0,
    warnings: [{ part: 'stars', code: 'http_404' }],
  });
  const shares = (await askAll(page, 40, '/shared')).map(({ json }) => json['by']);
  const ofLeft = shares.filter((by) => by === 'left').length;
  expect(ofLeft).toBeGreaterThan(8);
  expect(ofLeft).toBeLessThan(32);

  await node(page, 'Gateway').click();
  await switchOn(inspector(page), 'CORS');
  const question = {
    method: 'OPTIONS',
    path: '/users/7',
    headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
    body: null,
  };
  const preflight = (): Promise<HttpReply> =>
    page.evaluate((request) => window.servarium.send('gateway', request), question);
  await expect.poll(async () => (await preflight()).status).toBe(204);
  expect((await preflight()).headers).toMatchObject({
    'access-control-allow-origin': 'http://localhost:3000',
    'access-control-allow-methods': 'GET, POST',
  });
  await switchOn(inspector(page), 'Authentication');
  expect(await askUntil(page, 401, '/users/7')).toMatchObject({ json: { code: 'key_missing' } });
  expect((await ask(page, '/users/7', { headers: { 'x-api-key': 'no' } })).json['code']).toBe('invalid_key');
  expect(await ask(page, '/users/7', { headers: { 'x-api-key': 'key-1' } })).toMatchObject({
    status: 200,
    json: { headers: { 'x-consumer': 'web' } },
  });
  const transform = await switchOn(inspector(page), 'Transformation');
  await fill(transform.getByRole('group', { name: 'Reply', exact: true }), 'textbox', 'Status', '203');
  await askUntil(page, 203, '/users/7', { headers: { 'x-api-key': 'key-1' } });
  expect(heard).toEqual([]);
});

test('GW2 the same routes as nginx locations: a pattern wins over a prefix, ^~ over a pattern', async ({ page }) => {
  const endpoints = [echo('any', '/api/items.json'), echo('file', '/static/items.json')];
  const routes = [
    forward('api', 'prefix', '/api', 'left'),
    forward('json', 'prefix', '/json', 'right'),
    forward('static', 'prefix', '/static', 'left'),
  ];
  const built = { gateway: gateway(routes), left: service('left', endpoints), right: service('right', endpoints) };
  const heard = await openDocument(page, drawn('nginx', built, ['http gateway left', 'http gateway right']));
  const answers = async () => [
    (await ask(page, '/api/items.json')).json['by'],
    (await ask(page, '/static/items.json')).json['by'],
  ];
  expect(await answers()).toEqual(['left', 'left']);
  await node(page, 'Gateway').click();
  await inspector(page).getByRole('combobox', { name: 'Routes match' }).selectOption('nginx');
  await inspector(page)
    .getByRole('button', { name: /\/json → Right$/ })
    .click();
  await inspector(page).getByRole('combobox', { name: 'Match', exact: true }).selectOption('regex');
  await fill(inspector(page), 'textbox', 'Path', '\\.json$');
  await expect.poll(answers).toEqual(['right', 'right']);
  await inspector(page)
    .getByRole('button', { name: /\.json\$ → Right$/ })
    .click();
  await inspector(page)
    .getByRole('button', { name: /\/static → Left$/ })
    .click();
  await inspector(page).getByRole('combobox', { name: 'Match', exact: true }).selectOption('prefix-first');
  await expect.poll(answers).toEqual(['right', 'left']);
  expect(heard).toEqual([]);
});

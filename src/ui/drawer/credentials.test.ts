import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { connect } from '../../core/topology/edit/connect.ts';
import { addNode } from '../../core/topology/edit/edit.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { tokenIn, wantedBy, withHeader } from './credentials.ts';

const storefront = JSON.parse(
  readFileSync(new URL('../../../public/examples/storefront-calls.json', import.meta.url), 'utf8'),
) as Document;
const get = (path: string) => ({ gateway: 'gateway', method: 'GET', path, headers: '', body: '' });

/** The storefront with another gateway. */
function withAuth(auth: object | undefined): Document {
  const gateway = storefront.nodes['gateway'];
  if (gateway?.kind !== 'gateway') throw new Error('the storefront has a gateway');
  const { auth: _, ...config } = gateway.config;
  const changed = { ...gateway, config: auth === undefined ? config : { ...config, auth } };
  return { ...storefront, nodes: { ...storefront.nodes, gateway: changed } } as Document;
}

test('a route that wants a token offers the logins that the drawing knows, each once, as whole requests', () => {
  const wanted = wantedBy(storefront, get('/api/products'));
  expect(wanted?.kind === 'token' && wanted.logins.map(({ who }) => who)).toEqual(['web', 'guest']);
  const [, guest] = wanted?.kind === 'token' ? wanted.logins : [];
  expect(guest?.request).toMatchObject({ gateway: 'gateway', method: 'POST', path: '/token' });
  expect(JSON.parse(guest?.request.body ?? '')).toEqual({
    grant_type: 'client_credentials',
    client_id: 'guest',
    client_secret: 'guest-secret',
  });
});
test('an Auth service with a table offers the users of the table that it asks, not those of another service in the same database', () => {
  const link = Object.values(storefront.links).find(({ to }) => storefront.nodes[to.node]?.name === 'auth');
  if (!link) throw new Error('the storefront has an Auth service behind its gateway');
  const database = { name: 'db', position: { x: 0, y: 0 } };
  const engine = { engine: 'postgresql' as const, tables: [], rows: {}, restartDelayMs: 0 };
  const shared = addNode(
    { ...storefront, nodes: { ...storefront.nodes, db: { ...database, kind: 'database', config: engine } } },
    'user',
    { x: 0, y: 0 },
    () => 'other',
  );
  if (shared === null) throw new Error('there is a user preset');
  let { document } = shared;
  for (const owner of ['other', link.to.node]) {
    const linked = connect(document, owner, 'db', () => `${owner}-db`);
    if (!linked.ok) throw new Error(JSON.stringify(linked.error));
    ({ document } = linked.value);
  }
  const wanted = wantedBy(document, get('/api/products'));
  expect(wanted?.kind === 'token' && wanted.logins.map(({ who }) => who)).toEqual(['web', 'ada', 'grace']);
});
test('nothing is asked for where the route is open, no route matches, or the gateway lets everybody in', () => {
  expect(wantedBy(storefront, { ...get('/token'), method: 'POST' })).toBeNull();
  expect(wantedBy(storefront, get('/nowhere'))).toBeNull();
  expect(wantedBy(withAuth(undefined), get('/api/products'))).toBeNull();
});
test('a gateway with API keys offers the keys of its consumers', () => {
  const keys = [{ key: 'k-1', consumer: 'shop' }];
  expect(wantedBy(withAuth({ kind: 'api-key', header: 'x-api-key', keys }), get('/api/products'))).toEqual({
    kind: 'key',
    header: 'x-api-key',
    keys,
  });
});
test('the token is read from a real reply, and takes the place of the one before', () => {
  const bodies = ['{"access_token":"a.b.c"}', '{"error":"invalid_client"}', 'no', '[]'];
  expect(bodies.map(tokenIn)).toEqual(['a.b.c', null, null, null]);
  const once = withHeader('x-a: 1\n', 'Authorization', 'Bearer one');
  expect(withHeader(once, 'Authorization', 'Bearer two')).toBe('x-a: 1\nAuthorization: Bearer two');
});

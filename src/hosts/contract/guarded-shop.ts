import { connect } from '../../core/topology/edit/connect.ts';
import { addNode, emptyDocument } from '../../core/topology/edit/edit.ts';
import type { ConfigOf, Document, Route } from '../../core/topology/schema/types.ts';

const route = (id: string, path: string, to: string, auth: Route['auth'], methods?: string[]): Route => ({
  id,
  match: 'prefix',
  path,
  ...(methods === undefined ? {} : { methods }),
  action: { kind: 'forward', to, stripPrefix: false },
  ...(auth === undefined ? {} : { auth }),
});

/** A drawing in which a client logs in with the ready-made Auth service and calls an order service through a gateway that checks its token: reading needs `orders:read`, changing `orders:admin`, which nobody has. */
export function guardedShop(algorithm: 'EdDSA' | 'HS256'): Document {
  let document = emptyDocument('guarded-shop', 'Guarded shop');
  const presets = { web: 'client-web', gateway: 'gateway', auth: 'auth', order: 'order' };
  for (const [id, preset] of Object.entries(presets))
    document = addNode(document, preset, { x: 0, y: 0 }, () => id)?.document ?? document;
  for (const [from, to] of [
    ['gateway', 'order'],
    ['gateway', 'auth'],
    ['web', 'gateway'],
  ] as const) {
    const drawn = connect(document, from, to, () => `${from}-${to}`);
    if (drawn.ok) document = drawn.value.document;
  }
  const { web, gateway, auth, order } = document.nodes;
  if (web?.kind !== 'client' || gateway?.kind !== 'gateway' || auth?.kind !== 'service' || order?.kind !== 'service')
    throw new Error('the presets are not what they were');
  const tokens: NonNullable<ConfigOf<'service'>['tokens']> = { issuer: 'http://auth', algorithm, ttlSeconds: 30 };
  auth.config.tokens = tokens;
  gateway.config.auth = {
    kind: 'jwt',
    issuer: tokens.issuer,
    audience: ['api'],
    algorithms: [algorithm],
    leewaySeconds: 0,
    jwks: { kind: 'node', node: 'auth', path: '/.well-known/jwks.json', cacheMs: 5_000 },
  };
  gateway.config.routes = [
    route('token', '/token', 'auth', { required: false }),
    route('read', '/api/order', 'order', { required: true, scopes: ['orders:read'] }, ['GET']),
    route('change', '/api/order', 'order', { required: true, scopes: ['orders:admin'] }),
  ];
  web.config.login = 'log-in';
  web.config.requests = [
    {
      id: 'log-in',
      name: 'Log in',
      weight: 0,
      method: 'POST',
      path: '/token',
      body: { grant_type: 'client_credentials', client_id: 'web', client_secret: 'web-secret' },
      to: 'gateway',
    },
    ...(['GET', 'DELETE'] as const).map((method, index) => ({
      id: method.toLowerCase(),
      name: method,
      weight: index === 0 ? 9 : 1,
      method,
      path: '/api/order',
      headers: { Authorization: 'Bearer ${ login.body.access_token }' },
      to: 'gateway',
    })),
  ];
  web.config.load = { model: 'open', ratePerSecond: 5, arrival: 'exponential' };
  return document;
}

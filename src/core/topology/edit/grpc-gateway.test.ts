import { describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { addNode, emptyDocument, removeRecords } from './edit.ts';
import { changeLinkKind } from './link-kind.ts';
import type { ConfigOf, Document, NodeKind, Route } from '../schema/types.ts';
import { validateDocument } from '../check/validate.ts';

let ids = 0;
const newId = (): string => `new-${(ids += 1)}`;
const problems = (document: Document): string[] => validateDocument(document).map(({ code, at }) => `${code} ${at}`);
const configOf = <K extends NodeKind>(document: Document, id: string): ConfigOf<K> =>
  document.nodes[id]?.config as ConfigOf<K>;

/** A client, a gateway, a caller and the user service, not linked. */
function placed(): { document: Document; ids: Record<'web' | 'gateway' | 'shop' | 'user', string> } {
  let document = emptyDocument('rpc', 'RPC');
  const place = (preset: string): string => {
    const added = addNode(document, preset, { x: 0, y: 0 }, newId);
    if (added === null) throw new Error(`no preset ${preset}`);
    document = added.document;
    return added.id;
  };
  const known = { web: place('client-web'), gateway: place('gateway'), shop: place('blank'), user: place('user') };
  return { document, ids: known };
}
function draw(document: Document, from: string, to: string, kind?: 'grpc'): { document: Document; link: string } {
  const drawn = connect(document, from, to, newId, kind);
  if (!drawn.ok) throw new Error(drawn.error[0]?.message);
  return drawn.value;
}
const calls = (document: Document, service: string): unknown[] =>
  configOf<'service'>(document, service).endpoints.flatMap(({ steps }) => steps.filter((step) => step.do === 'call'));

describe('GW18 drawing gRPC through a gateway makes traffic', () => {
  test('the gateway gets a port and a route for the service of the proto, its callers an rpc; in either order', () => {
    const { document, ids: at } = placed();
    const links = [
      ['gateway', 'user'],
      ['web', 'gateway'],
      ['shop', 'gateway'],
    ] as const;
    for (const order of [links, links.toReversed()]) {
      let next = document;
      for (const [from, to] of order) next = draw(next, at[from], at[to], 'grpc').document;
      expect(problems(next)).toEqual([]);
      expect(configOf<'gateway'>(next, at.gateway)).toMatchObject({
        grpc: { port: 50_051 },
        routes: [
          { protocol: 'grpc', match: 'prefix', path: '/user.UserService', action: { kind: 'forward', to: at.user } },
        ],
      });
      expect(configOf<'client'>(next, at.web).requests).toMatchObject([
        { protocol: 'grpc', path: '/user.UserService/GetUser', body: { user_id: '1' }, to: at.gateway },
      ]);
      expect(calls(next, at.shop)).toMatchObject([
        { to: at.gateway, endpoint: 'user.UserService/GetUser', input: { body: { user_id: '1' } } },
      ]);
    }
  });
  test('without a port for gRPC no service is drawn to a gateway; with one it is, over gRPC', () => {
    const { document, ids: at } = placed();
    expect(connect(document, at.shop, at.gateway, newId)).toMatchObject({ error: [{ code: 'LINK_TO_GATEWAY' }] });
    const { document: next } = draw(document, at.gateway, at.user, 'grpc');
    const drawn = draw(next, at.shop, at.gateway);
    expect(drawn.document.links[drawn.link]?.kind).toBe('grpc');
  });
  test('a service never calls itself through a gateway', () => {
    const { document, ids: at } = placed();
    const { document: next } = draw(document, at.gateway, at.user, 'grpc');
    expect(calls(draw(next, at.user, at.gateway).document, at.user)).toEqual([]);
  });
  test('without the link behind the gateway its route goes, and every rpc that only it carried', () => {
    const { document, ids: at } = placed();
    const behind = draw(document, at.gateway, at.user, 'grpc');
    let next = draw(behind.document, at.web, at.gateway, 'grpc').document;
    next = draw(next, at.shop, at.gateway, 'grpc').document;
    const removed = removeRecords(next, [behind.link]);
    expect(new Set(removed.broken.map(({ kind, node }) => `${kind} ${node}`))).toEqual(
      new Set([`request ${at.web}`, `route ${at.gateway}`, `step ${at.shop}`]),
    );
    expect(problems(removed.document)).toEqual([]);
  });
  test('a link to a service becomes gRPC and HTTP again: its route with it, as long as the requests allow', () => {
    const { document, ids: at } = placed();
    const over = draw(document, at.gateway, at.user);
    const rpc = changeLinkKind(over.document, over.link, 'grpc');
    if (!rpc.ok) throw new Error(rpc.error[0]?.message);
    expect(problems(rpc.value.document)).toEqual([]);
    const routes = (next: Document): Route[] => configOf<'gateway'>(next, at.gateway).routes;
    expect(routes(rpc.value.document)).toMatchObject([{ protocol: 'grpc' }]);
    const back = changeLinkKind(rpc.value.document, over.link, 'http');
    expect(back.ok && routes(back.value.document)[0]?.protocol).toBe(undefined);
  });
});

describe('GW18 what a route over gRPC cannot do is refused', () => {
  const drawing = (change: (config: ConfigOf<'gateway'>, route: Route) => void): string[] => {
    const { document, ids: at } = placed();
    const next = structuredClone(draw(document, at.gateway, at.user, 'grpc').document);
    const config = configOf<'gateway'>(next, at.gateway);
    change(config, config.routes[0] as Route);
    return problems(next).map((problem) => problem.replace(`nodes/${at.gateway}/config/`, ''));
  };
  test.each<[string, (config: ConfigOf<'gateway'>, route: Route) => void, string[]]>([
    ['methods', (_, route) => (route.methods = ['POST']), ['GRPC_ROUTE_FIELD routes/0/methods']],
    ['query', (_, route) => (route.query = { a: { present: true } }), ['GRPC_ROUTE_FIELD routes/0/query']],
    ['transform', (_, route) => (route.transform = { request: { body: 1 } }), ['GRPC_ROUTE_FIELD routes/0/transform']],
    [
      'a stripped prefix',
      (_, { action }) => Object.assign(action, { stripPrefix: true }),
      ['GRPC_ROUTE_FIELD routes/0/action/stripPrefix'],
    ],
    ['a template', (_, route) => (route.match = 'template'), ['GRPC_ROUTE_PATH routes/0/path']],
    ['a path of half a service', (_, route) => (route.path = '/user.'), ['GRPC_ROUTE_PATH routes/0/path']],
    ['another service', (_, route) => (route.path = '/other.Users'), ['GRPC_ROUTE_UNSERVED routes/0/action/to']],
    ['the port of HTTP', (config) => (config.grpc = { port: config.port }), ['PORT_DUPLICATE grpc/port']],
    ['no port', (config) => delete config.grpc, ['GRPC_NOT_SERVED.gateway grpc']],
    ['the order of nginx', (config) => (config.matching = 'nginx'), ['GRPC_NGINX matching']],
    ['transformations', (config) => (config.transform = {}), ['GRPC_GATEWAY_FIELD transform']],
    [
      'CORS without HTTP',
      (config) =>
        (config.cors = {
          allowOrigins: ['*'],
          allowMethods: ['*'],
          allowHeaders: [],
          allowCredentials: false,
          maxAgeSeconds: 1,
        }),
      ['GRPC_GATEWAY_FIELD cors'],
    ],
  ])('%s', (_, change, found) => {
    expect(drawing(change)).toEqual(found.map((one) => one.replace('.gateway ', ' ')));
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../core/base/json.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { guardedShop } from '../contract/guarded-shop.ts';
import { performEffect } from '../tokens/perform-effect.ts';
import { LocalSystem } from './local-system.ts';

describe.each(['EdDSA', 'HS256'] as const)('tokens over real sockets: %s', (algorithm) => {
  let system: LocalSystem;
  afterEach(() => system.stop());

  test('issued, checked against fetched or shared keys, refused when absent, wrong or too narrow (GW4)', async () => {
    const document = guardedShop(algorithm);
    const { web: _, ...nodes } = document.nodes;
    const { 'web-gateway': __, ...links } = document.links;
    system = new LocalSystem(compileTopology({ nodes, links }), 42, actorFactories, performEffect);
    await system.start();
    const ask = async (method: string, path: string, token: string | null, body: Json = null) =>
      system.request('gateway', {
        method,
        path,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === null ? {} : { 'content-type': 'application/json' }),
        },
        body: body === null ? null : JSON.stringify(body),
      });
    const login = await ask('POST', '/token', null, { client_id: 'web', client_secret: 'web-secret' });
    expect(login.status).toBe(200);
    const token = (JSON.parse(login.body ?? '') as JsonObject)['access_token'] as string;
    const good = await ask('GET', '/api/order', token);
    expect([good.status, (JSON.parse(good.body ?? '') as JsonObject)['service']]).toEqual([200, 'order']);
    const nobody = await ask('GET', '/api/order', null);
    expect([nobody.status, nobody.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api-gateway"']);
    expect((await ask('GET', '/api/order', `${token.slice(0, -3)}AAA`)).status).toBe(401);
    expect((await ask('DELETE', '/api/order', token)).status).toBe(403);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordVerificationAsync } from '../../src/core/compose/record-verification.ts';
import { guardedShop } from '../../src/hosts/contract/guarded-shop.ts';
import { performEffect } from '../../src/hosts/tokens/perform-effect.ts';
import { runVirtualAsync } from '../../src/hosts/virtual/run-virtual.ts';
import { buildRuntime, exported, Stack, whyNoEngine } from './stack.ts';

const REQUESTS = 12;
const reason = whyNoEngine();
if (reason !== null) console.log(`SKIP engine: ${reason}`);

/** Host ports of the exported gateways: each its own, because connections to the first stack are kept open. */
const PORTS = { EdDSA: 18_472, HS256: 18_473 };

describe.skipIf(reason !== null)('tokens in containers', () => {
  let stack: Stack;
  let runtime: Record<string, string>;
  beforeAll(async () => {
    runtime = await buildRuntime();
  });
  afterAll(() => stack?.remove());

  let port = 0;
  const ask = async (method: string, path: string, token: string | null, body: object | null = null) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: body === null ? null : JSON.stringify(body),
    });

  test.each(['EdDSA', 'HS256'] as const)(
    '%s: issued by a key of the export, 200 with it, 401 without, 403 for a scope that it lacks; verify agrees',
    async (algorithm) => {
      port = PORTS[algorithm];
      const document = { ...guardedShop(algorithm), id: `guarded-${algorithm.toLowerCase()}` };
      const { gateway } = document.nodes;
      if (gateway?.kind === 'gateway') gateway.config.port = port;
      const recording = await recordVerificationAsync(document, REQUESTS, (definition, until) =>
        runVirtualAsync(definition, until, { perform: performEffect }),
      );
      stack?.remove();
      stack = new Stack(exported(document, 'zip', runtime, recording));
      const up = stack.compose('up', '-d', '--wait');
      expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
      const login = await ask('POST', '/token', null, { client_id: 'web', client_secret: 'web-secret' });
      expect(login.status).toBe(200);
      const { access_token: token } = (await login.json()) as { access_token: string };
      expect((await ask('GET', '/api/order', token)).status).toBe(200);
      const nobody = await ask('GET', '/api/order', null);
      expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api-gateway"']);
      const narrow = await ask('DELETE', '/api/order', token);
      expect([narrow.status, narrow.headers.get('www-authenticate')]).toEqual([
        403,
        'Bearer realm="api-gateway", error="insufficient_scope", scope="orders:admin"',
      ]);
      // A token of the tab is signed with another key.
      const foreign = JSON.stringify(recording).match(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/)?.[0] ?? '';
      expect((await ask('GET', '/api/order', foreign)).status).toBe(401);
      const verified = stack.verify();
      expect([verified.status, verified.failed], verified.stdout + verified.stderr).toEqual([0, []]);
    },
  );
});

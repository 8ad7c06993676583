import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childSpanId, random } from '../../src/core/base/random.ts';
import type { VerifySpec } from '../../src/core/compose/verification.ts';
import { upstreamOf } from '../../src/core/kinds/gateway/forward.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { buildRuntime, documentOf, run, Stack, whyNoEngine } from './stack.ts';

const reason = whyNoEngine(['node:24-alpine', 'postgres:18-alpine', 'quay.io/coreos/etcd:v3.6.14']);
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const EXAMPLE = 'public/examples/storefront-calls.json';
const PORT = 18_479;
const REQUESTS = 14;
/** The budget of one kind of client, and what is filled in every second. */
const [BURST, PER_SECOND] = [10, 2];
/** How long an instance that died may be known: the drawing's TTL, and what etcd needs to look. */
const GONE_WITHIN_MS = 10_000 + 2_500;

describe.skipIf(reason !== null)('the storefront of calls goes home', () => {
  let stack: Stack;
  let killedAt = 0;
  const headers: Record<string, string> = {};

  beforeAll(async () => {
    stack = new Stack(new Map());
    const runtime = mkdtempSync(join(tmpdir(), 'servarium-runtime-'));
    for (const [name, text] of Object.entries(await buildRuntime())) writeFileSync(join(runtime, name), text);
    process.env['SERVARIUM_RUNTIME'] = runtime;
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const options = ['--to', 'compose', '-o', stack.folder, '--requests', String(REQUESTS)];
    const code = await runCli(['export', EXAMPLE, ...options], { out: say, err: say });
    delete process.env['SERVARIUM_RUNTIME'];
    rmSync(runtime, { recursive: true });
    expect(code, said.join('\n')).toBe(0);
    stack.write('.env', `${stack.read('.env')}GATEWAY_PORT=${PORT}\n`);
  });
  afterAll(() => stack?.remove());

  const ask = (path: string, more: { kind?: string; body?: object; headers?: Record<string, string> } = {}) =>
    fetch(`http://127.0.0.1:${PORT}${path}`, {
      method: more.body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        'x-client-kind': more.kind ?? 'test',
        ...headers,
        ...more.headers,
      },
      body: more.body === undefined ? null : JSON.stringify(more.body),
    });
  /** Status and body of a page; each kind of client has a budget of its own. */
  async function page(kind: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const reply = await ask('/api/pages/p-1?user=u-3', { kind });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  }
  /** Registered instances of a service, as etcd's own client lists them. */
  const registered = (service: string): string[] =>
    stack
      .compose('exec', '-T', 'etcd', 'etcdctl', 'get', `/services/${service}/`, '--prefix', '--keys-only')
      .stdout.split('\n')
      .filter((line) => line !== '');

  test('docker compose accepts it, every container gets healthy, and every instance is in the registry', () => {
    const config = stack.compose('config', '-q');
    expect([config.status, config.stderr]).toEqual([0, '']);
    const startedAt = Date.now();
    const up = stack.compose('up', '-d', '--wait');
    console.log(`up --wait: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
    expect(['product', 'product-next', 'storefront', 'auth'].map((name) => registered(name).length)).toEqual([
      2, 1, 1, 1,
    ]);
  });

  test('what the tab recorded, canonical traces and rows are equal: tokens, pages of both kinds of clients, gRPC', () => {
    const { recording } = JSON.parse(stack.read('verify/recording.json')) as VerifySpec;
    const said = JSON.stringify(recording.requests);
    for (const part of ['POST /token', '"mobile"', '"web"', 'user.UserService/GetUser', 'GET /api/products"'])
      expect([part, said.includes(part)]).toEqual([part, true]);
    const verified = stack.verify();
    expect([verified.status, verified.failed], verified.stdout + verified.stderr).toEqual([0, []]);
    expect(verified.passed).toHaveLength(recording.requests.length + 3);
  });

  test('GW4 GW17: who logs in gets pages, each kind of client its own; nobody else does', async () => {
    const wrong = await ask('/token', { body: { client_id: 'web', client_secret: 'guess' } });
    expect([wrong.status, await wrong.json()]).toEqual([401, { error: 'invalid_client' }]);
    const nobody = await ask('/api/pages/p-1');
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api-gateway"']);
    const login = await ask('/token', { body: { client_id: 'guest', client_secret: 'guest-secret' } });
    const { access_token: token, scope } = (await login.json()) as { access_token: string; scope: string };
    expect([login.status, scope]).toEqual([200, 'orders:read']);
    headers['authorization'] = `Bearer ${token}`;
    const [web, mobile] = [await page('web-by-hand'), await page('mobile')];
    expect([web.status, mobile.status]).toEqual([200, 200]);
    // Over gRPC, from a database of its own.
    expect(web.body['user']).toEqual({ id: 'u-3', name: 'Лариса Кравчук', email: 'larysa@example.com' });
    expect(Object.keys(mobile.body).sort()).toEqual(['product', 'reviews']);
    expect(mobile.body['product']).toEqual(web.body['product']);
  });

  test('the request decides by its trace which version answers, the same one as in the tab', async () => {
    const document = documentOf(EXAMPLE);
    const { gateway } = document.nodes;
    const split = gateway?.kind === 'gateway' && gateway.config.routes.find(({ id }) => id === 'products')?.action;
    if (!split || split.kind !== 'forward') throw new Error('no split');
    const versionOf = (caller: string): string => {
      const span = childSpanId(document.seed, caller, 'server');
      return upstreamOf(split, random(document.seed, 'split', 'gateway', 'products', span)).replace('product-', '');
    };
    const callers = Array.from({ length: 99 }, (_, n) => (n + 1).toString(16).padStart(16, '0'));
    const some = ['v1', 'v2'].flatMap((version) => callers.filter((one) => versionOf(one) === version).slice(0, 3));
    expect(some).toHaveLength(6);
    for (const caller of some) {
      const reply = await ask('/api/products', { headers: { traceparent: `00-${caller}${caller}-${caller}-01` } });
      const { version, products } = (await reply.json()) as { version: string; products: object[] };
      expect([caller, version, products.length]).toEqual([caller, versionOf(caller), 3]);
    }
  });

  test('a product replica dies without a word; pages go on, because their calls are tried again elsewhere', async () => {
    const [victim = ''] = (stack.containers().get('product') ?? '').trim().split(' ');
    expect(run('docker', ['kill', victim], stack.folder).status).toBe(0);
    killedAt = Date.now();
    const pages = await Promise.all(Array.from({ length: 6 }, () => page('web-in-trouble')));
    expect(pages.map(({ status }) => status)).toEqual(Array(6).fill(200));
  });

  test('GW5 GW6: a burst of one kind of client is limited to its budget, another kind is not', async () => {
    const startedAt = Date.now();
    const burst = await Promise.all(Array.from({ length: 30 }, () => ask('/token', { kind: 'iot', body: {} })));
    const most = BURST + PER_SECOND * Math.ceil((Date.now() - startedAt) / 1000);
    const refused = burst.filter(({ status }) => status === 429);
    expect(burst.length - refused.length).toBeGreaterThanOrEqual(BURST);
    expect(burst.length - refused.length).toBeLessThanOrEqual(most);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(await refused[0]?.json()).toMatchObject({ code: 'rate_limited', flag: 'RL', status: 429 });
    expect((await ask('/token', { kind: 'other', body: {} })).status).toBe(401);
  });

  test('RS1: with broken reviews pages go on with the fallback, and the breaker of their call opens', async () => {
    const { fault } = documentOf(EXAMPLE).demo?.break ?? {};
    stack.write('.env', `${stack.read('.env')}SERVARIUM_FAULTS=${JSON.stringify([fault])}\n`);
    const up = stack.compose('up', '-d', '--wait', '--no-deps', 'reviews');
    expect(up.status, up.stderr).toBe(0);
    const notes: string[] = [];
    for (let n = 0; n < 9; n += 1) {
      const { status, body } = await page('web-without-reviews');
      expect(status).toBe(200);
      notes.push((body['reviews'] as { note?: string }).note ?? 'reviews');
    }
    expect(notes).toContain('no reviews: http_503');
    expect(notes.at(-1)).toBe('no reviews: breaker_open');
  });

  test('SR6: the dead replica is gone from the registry with its lease, and the other one has all the traffic', async () => {
    while (registered('product').length > 1 && Date.now() < killedAt + GONE_WITHIN_MS)
      await new Promise((resolve) => setTimeout(resolve, 250));
    expect(registered('product')).toHaveLength(1);
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await ask('/api/products')).status));
    expect(statuses).toEqual(Array(6).fill(200));
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { childSpanId, random, uuid } from '../../base/random.ts';
import { upstreamOf } from '../../kinds/gateway/forward.ts';
import { createRouter } from '../../kinds/gateway/routing/routing.ts';
import type { ConfigOf, Document, Route } from '../../topology/schema/types.ts';
import { validateDocument } from '../../topology/check/validate.ts';
import { RUNTIME_ENTRY } from '../container-spec.ts';
import { exportCompose, type ComposeExport } from '../export-compose.ts';
import { embeddedDocument } from '../import-compose.ts';
import { richGateway } from '../testing/rich-gateway.ts';
import { smallDocument } from '../testing/small-document.ts';
import { gatewayScript } from './gateway-script.ts';
import { planNginx } from './nginx-plan.ts';
import { nginxRows } from './nginx-rows.ts';

type Gateway = ConfigOf<'gateway'>;

function exported(document: Document, form: 'zip' | 'single' = 'zip'): ComposeExport {
  const result = exportCompose(document, {
    form,
    gateway: 'nginx',
    runtime: { files: { [RUNTIME_ENTRY]: '// the runtime stands here\n' } },
    verify: null,
    secrets: { password: (name) => `pw-${name}` },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
function gatewayOf(document: Document): Gateway {
  const { gateway } = document.nodes;
  if (gateway?.kind !== 'gateway') throw new Error('no gateway');
  return gateway.config;
}

interface Asked {
  method: string;
  target: string;
  headers: Record<string, string>;
}
interface Answer {
  location?: string;
  status?: number;
  body?: string;
  variables: Record<string, string>;
}
/** What nginx gives to a handler, as far as the script reads it. */
async function ask(script: string, { method, target, headers }: Asked): Promise<Answer> {
  const { default: gw } = (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as {
    default: { handle(r: unknown): Promise<void> };
  };
  const answer: Answer = { variables: {} };
  const variables: Record<string, string> = { request_uri: target, request_id: 'f'.repeat(32) };
  for (const name of ['version', 'limits', 'consumer']) variables[`servarium_${name}`] = '';
  await gw.handle({
    method,
    headersIn: headers,
    headersOut: {},
    variables,
    subrequest: () =>
      Promise.resolve({
        status: 200,
        headersOut: { 'content-type': 'application/json' },
        responseText: '{"consumer":{"name":"Anna Ü"}}',
      }),
    internalRedirect: (location: string) => (answer.location = location),
    return: (status: number, body: string) => Object.assign(answer, { status, body }),
  });
  answer.variables = variables;
  return answer;
}

const forward: Route['action'] = { kind: 'forward', to: 'notes', stripPrefix: false };
const segment = fc.constantFrom('a', 'a', 'b', '{id}', '{id}', '%61', 'x y', '');
const routeArbitrary = (id: string): fc.Arbitrary<Route> =>
  fc
    .record({
      match: fc.constantFrom('exact' as const, 'prefix' as const, 'template' as const),
      segments: fc.array(segment, { minLength: 1, maxLength: 2 }),
      methods: fc.option(fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT'), { minLength: 1 }), {
        nil: undefined,
        freq: 1,
      }),
      stripPrefix: fc.boolean(),
      header: fc.option(fc.constantFrom({ equals: '1' }, { matches: '(?i)[a-c]+' }, { present: true as const }), {
        nil: undefined,
      }),
      query: fc.option(fc.constantFrom({ equals: '1' }, { matches: 'p\\d*' }), { nil: undefined, freq: 1 }),
      kinds: fc.option(fc.constant<Route['clientKinds']>(['mobile']), { nil: undefined, freq: 1 }),
      version: fc.option(fc.constantFrom('v1', 'v2'), { nil: undefined, freq: 1 }),
    })
    .map(({ match, segments, methods, stripPrefix, header, query, kinds, version }) => ({
      id,
      match,
      path: `/${segments.join('/')}`.replaceAll(' ', '%20'),
      action: { kind: 'forward', to: 'notes', stripPrefix },
      ...(methods === undefined ? {} : { methods }),
      ...(header === undefined ? {} : { headers: { 'x-a': header } }),
      ...(query === undefined ? {} : { query: { q: query } }),
      ...(kinds === undefined ? {} : { clientKinds: kinds }),
      ...(version === undefined ? {} : { version }),
    }));
const asked: fc.Arbitrary<Asked> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    path: fc.array(fc.constantFrom('a', 'a', 'a', 'b', 'v1', 'v3', '%61', '%', 'x%20y', ''), {
      minLength: 1,
      maxLength: 4,
    }),
    query: fc.constantFrom('', '?q=1', '?q=p7&q=1', '?x', '#f', '?q=%31'),
    headers: fc.record(
      {
        'x-a': fc.constantFrom('1', 'ABC', 'abd'),
        'x-client-kind': fc.constantFrom('mobile', 'web'),
        'api-version': fc.constantFrom('v1', 'v2', 'v9'),
        accept: fc.constantFrom('application/vnd.shop.v2+json', 'text/html; version=v1', '*/*'),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ method, path, query, headers }) => ({ method, target: `/${path.join('/')}${query}`, headers }));

describe('gateway of an export as nginx', () => {
  test('GW1 GW16 GW17 the route table in njs decides as the router of the tab, whatever the routes and the request', async () => {
    const seen = { route: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...['r0', 'r1', 'r2', 'r3'].map(routeArbitrary)),
        fc.constantFrom(undefined, 'path' as const, 'header' as const, 'media-type' as const),
        fc.array(asked, { minLength: 1, maxLength: 8 }),
        async (routes, by, requests) => {
          const config: Gateway = {
            port: 80,
            replicas: 1,
            timeoutMs: 1,
            routes,
            ...(by === undefined
              ? {}
              : { versioning: { by, default: 'v1', unknown: 404, versions: [{ name: 'v1' }, { name: 'v2' }] } }),
          };
          const plan = planNginx({ config });
          const script = gatewayScript('gateway', 7, plan);
          const router = createRouter(config);
          for (const request of requests) {
            const decision = router(request);
            const answer = await ask(script, request);
            if (decision.kind === 'route') {
              seen.route += 1;
              const index = plan.routes.findIndex(({ route }) => route.id === decision.route.id);
              expect([answer.location, answer.variables['servarium_target']]).toEqual([
                `@route_${index}`,
                decision.target,
              ]);
              expect(answer.variables['servarium_version']).toBe(decision.version ?? '');
            } else if (decision.kind === 'refused') {
              seen.refused += 1;
              expect(answer.status).toBe(decision.status);
              expect(JSON.parse(answer.body ?? '')).toMatchObject({ code: decision.code, detail: decision.detail });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(Math.min(seen.route, seen.refused)).toBeGreaterThan(50);
  });

  test('OB1 spans, request ids and shares are those of the tab, so services behind nginx draw the same', async () => {
    const split = ['notes', 'other'].map((to, index) => ({ to, weight: 9 - 8 * index }));
    const action = { ...forward, split } as Extract<Route['action'], { kind: 'forward' }>;
    const config: Gateway = {
      port: 80,
      replicas: 1,
      timeoutMs: 1,
      routes: [{ id: 'all', match: 'prefix', path: '/', action }],
    };
    const script = gatewayScript('gateway', 7, planNginx({ config }));
    const went = new Set<string>();
    for (let n = 1; n <= 60; n += 1) {
      const caller = n.toString(16).padStart(16, '0');
      const traceId = 'ab'.repeat(16);
      const answer = await ask(script, {
        method: 'GET',
        target: '/x',
        headers: { traceparent: `00-${traceId}-${caller}-01` },
      });
      const server = childSpanId(7, caller, 'server');
      expect(answer.variables).toMatchObject({
        servarium_traceparent: `00-${traceId}-${childSpanId(7, server, 'upstream', 'all')}-01`,
        servarium_request_id: uuid(7, 'request-id', server),
        servarium_upstream: `node-${upstreamOf(action, random(7, 'split', 'gateway', 'all', server))}`,
      });
      went.add(answer.variables['servarium_upstream'] ?? '');
    }
    expect(went.size).toBe(2);
    const fresh = await ask(script, {
      method: 'GET',
      target: '/x',
      headers: { traceparent: 'no trace', tracestate: 'a=1' },
    });
    expect(fresh.variables).toMatchObject({ servarium_tracestate: '' });
    expect(fresh.variables['servarium_traceparent']).toMatch(new RegExp(`^00-${'f'.repeat(32)}-[0-9a-f]{16}-01$`));
  });

  test('golden files of a gateway that uses every setting', async () => {
    const document = richGateway();
    expect(validateDocument(document).filter(({ severity }) => severity === 'error')).toEqual([]);
    const { files, report } = exported(document);
    await expect(files.get('gateway/gateway/nginx.conf')).toMatchFileSnapshot(
      '../__golden__/rich-gateway.nginx.conf.txt',
    );
    await expect(files.get('gateway/gateway/gateway.js')).toMatchFileSnapshot('../__golden__/rich-gateway.js.txt');
    const rows = report
      .filter(({ node }) => node === 'gateway')
      .map(({ aspect, level, note }) => `${aspect} | ${level} | ${note}`);
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('../__golden__/rich-gateway.rows.txt');
  });

  test('every setting that is there has a row; what is not there has none', () => {
    const full = gatewayOf(richGateway());
    const bare = gatewayOf(smallDocument());
    const aspectsOf = (config: Gateway): string[] =>
      nginxRows('gateway', config).map((one) => one.aspectText ?? one.aspect);
    const optional = {
      auth: 'authentication',
      rateLimit: 'limits',
      outlierDetection: 'outliers',
      upstreamLimits: 'upstreamLimits',
      retries: 'retries',
      cors: 'cors',
      transform: 'transform',
      versioning: 'versions',
      requestId: 'requestId',
    } as const;
    for (const [field, aspect] of Object.entries(optional)) {
      expect(aspectsOf(bare)).not.toContain(aspect);
      expect(aspectsOf({ ...bare, [field]: full[field as keyof Gateway] }), field).toContain(aspect);
    }
    for (const aspect of [
      'listening',
      'matching',
      'forwarding',
      'timeouts',
      'balancing',
      'discovery',
      'tracing',
      'errors',
    ])
      expect(aspectsOf(bare)).toContain(aspect);
    expect(aspectsOf(full)).toEqual(expect.arrayContaining(['aggregation', 'split', 'transformComputed']));
    expect(new Set(aspectsOf(full)).size).toBe(aspectsOf(full).length);
  });

  test('the sidecar is there only where nginx needs it, and keeps the keys of callers to itself', () => {
    expect([...exported(smallDocument()).files.keys()].filter((path) => path.includes('sidecar'))).toEqual([]);
    const { files } = exported(richGateway());
    expect(files.get('services/gateway-sidecar.json')).toContain('k-anna');
    for (const path of ['gateway/gateway/nginx.conf', 'gateway/gateway/gateway.js'])
      expect(files.get(path)).not.toContain('k-anna');
    const { services } = parse(files.get('compose.yaml') ?? '');
    expect(services['gateway-sidecar'].ports).toBeUndefined();
    expect(services.gateway).toMatchObject({
      image: 'nginx:1.30-alpine',
      ports: ['127.0.0.1:${GATEWAY_PORT:-8080}:8080'],
    });
    expect(services.gateway.depends_on).toEqual({
      'gateway-sidecar': { condition: 'service_healthy' },
      notes: { condition: 'service_healthy' },
    });
  });

  test('in one file dollars are doubled, and the drawing comes back', () => {
    const text = exported(richGateway(), 'single').files.get('compose.yaml') ?? '';
    const { configs } = parse(text);
    const zip = exported(richGateway()).files;
    for (const name of ['nginx.conf', 'gateway.js'])
      expect(configs[`gateway-gateway-${name}`].content.replaceAll('$$', '$')).toBe(zip.get(`gateway/gateway/${name}`));
    expect(configs['gateway-gateway-nginx.conf'].content).toContain('$$servarium_target');
    expect(embeddedDocument(text)).toEqual({ ok: true, value: richGateway() });
  });
});

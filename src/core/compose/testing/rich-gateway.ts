import type { ConfigOf, Document } from '../../topology/schema/types.ts';
import { smallDocument } from './small-document.ts';

/** The small document with a gateway of which nginx can say something about every setting. */
export function richGateway(): Document {
  const document = smallDocument();
  const config: ConfigOf<'gateway'> = {
    port: 8080,
    replicas: 1,
    timeoutMs: 2_000,
    requestId: 'keep',
    auth: { kind: 'api-key', header: 'x-key', keys: [{ key: 'k-anna', consumer: 'anna' }] },
    rateLimit: { kind: 'token-bucket', maxTokens: 50, tokensPerFill: 10, fillIntervalMs: 1_000, key: 'consumer' },
    loadBalancing: { kind: 'least-request', choices: 2, bias: 1 },
    outlierDetection: {
      consecutive5xx: 5,
      intervalMs: 1_000,
      baseEjectionMs: 30_000,
      maxEjectionMs: 300_000,
      maxEjectionPercent: 50,
      panicPercent: 0,
    },
    upstreamLimits: { maxRequests: 100, maxPending: 10, maxRetries: 3 },
    retries: {
      maxAttempts: 3,
      on: ['connection', '5xx'],
      backoff: { initialIntervalMs: 10, backoffCoefficient: 2, maxIntervalMs: 100, jitter: 'full' },
    },
    cors: {
      allowOrigins: ['https://shop.example'],
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['content-type', 'x-key'],
      exposeHeaders: ['x-request-id'],
      allowCredentials: true,
      maxAgeSeconds: 600,
    },
    transform: { response: { headers: { remove: ['x-powered-by'], add: { 'x-gateway': 'shop' } } } },
    versioning: {
      by: 'header',
      header: 'api-version',
      default: '1',
      unknown: 406,
      versions: [{ name: '1', deprecatedAt: '2026-01-01T00:00:00Z', sunsetAt: '2027-01-01T00:00:00Z' }, { name: '2' }],
    },
    routes: [
      {
        id: 'notes',
        match: 'prefix',
        path: '/api/notes',
        methods: ['GET', 'POST'],
        action: { kind: 'forward', to: 'notes', stripPrefix: false },
        auth: { required: true },
        rateLimit: { kind: 'token-bucket', maxTokens: 5, tokensPerFill: 1, fillIntervalMs: 1_000, key: 'consumer' },
        transform: { request: { headers: { add: { 'x-source': 'gate "way"' }, rename: { 'x-old': 'x-new' } } } },
      },
      {
        id: 'one-note',
        match: 'template',
        path: '/api/notes/{id}',
        methods: ['GET'],
        action: { kind: 'forward', to: 'notes', stripPrefix: false, split: [{ to: 'notes', weight: 1 }] },
        timeoutMs: 500,
      },
      {
        id: 'mobile',
        match: 'exact',
        path: '/api/feed',
        headers: { 'x-beta': { matches: '(?i)yes|on' } },
        query: { page: { present: true } },
        clientKinds: ['mobile'],
        version: '2',
        action: { kind: 'forward', to: 'notes', stripPrefix: true },
      },
      {
        id: 'overview',
        match: 'exact',
        path: '/api/overview',
        action: {
          kind: 'aggregate',
          mode: 'parallel',
          parts: [{ id: 'note', to: 'notes', method: 'GET', path: '/api/notes/1', required: true }],
          body: { note: '${ parts.note }' },
        },
      },
      {
        id: 'renamed',
        match: 'prefix',
        path: '/old',
        action: { kind: 'forward', to: 'notes', stripPrefix: true },
        transform: { request: { path: '/api/notes/${ request.query.id }' } },
      },
    ],
  };
  const { gateway } = document.nodes;
  if (gateway?.kind !== 'gateway') throw new Error('the small document has a gateway');
  document.nodes['gateway'] = { ...gateway, config };
  return document;
}

import type { ConfigOf, Route } from '../../core/topology/schema/types.ts';
import { CHECKED, DIRECT_ROUTE } from './workshop-health.ts';

const toMaker = { kind: 'forward', to: 'maker', stripPrefix: false } as const;

/** A route whose pattern, policies and transformations show in the answer. */
const guarded: Route = {
  id: 'guarded',
  match: 'template',
  path: '/shop/{version}/items/{id}',
  headers: { 'x-tenant': { matches: '[a-z]+' } },
  action: toMaker,
  rateLimit: {
    kind: 'token-bucket',
    maxTokens: 2,
    tokensPerFill: 1,
    fillIntervalMs: 3_600_000,
    key: 'header',
    header: 'x-tenant',
  },
  transform: {
    request: { path: '/api/items/${ request.params.id }' },
    response: {
      headers: { add: { 'x-tenant': '${ request.headers["x-tenant"] }' } },
      body: { v: '${ request.params.version }', name: '${ reply.body.name }' },
    },
  },
};

/** The gateway of the workshop. */
export const workshopGateway = (): ConfigOf<'gateway'> => ({
  port: 8080,
  grpc: { port: 50_052 },
  timeoutMs: 4000,
  replicas: 1,
  ...CHECKED,
  cors: {
    allowOrigins: ['https://shop.test'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['content-type'],
    allowCredentials: true,
    maxAgeSeconds: 60,
  },
  routes: [
    { id: 'api', match: 'prefix', path: '/api', action: toMaker },
    {
      id: 'whole',
      match: 'exact',
      path: '/api/whole',
      methods: ['GET'],
      action: {
        kind: 'aggregate',
        mode: 'sequential',
        parts: [
          { id: 'item', to: 'maker', method: 'GET', path: '/api/items/${ request.query.id }', required: true },
          { id: 'shelf', to: 'depot', method: 'GET', path: '/api/shelves/${ parts.item.id }', required: false },
        ],
        body: { item: '${ parts.item.name }', shelf: '${ parts.shelf }' },
      },
    },
    guarded,
    DIRECT_ROUTE,
    {
      id: 'rpc',
      protocol: 'grpc',
      match: 'prefix',
      path: '/depot.v1.Depot',
      action: { kind: 'forward', to: 'depot', stripPrefix: false },
    },
    {
      id: 'again',
      match: 'exact',
      path: '/again',
      action: toMaker,
      retries: {
        maxAttempts: 3,
        on: ['5xx'],
        backoff: { initialIntervalMs: 1, backoffCoefficient: 1, maxIntervalMs: 1, jitter: 'none' },
      },
      transform: { request: { path: '/api/unhandled' } },
    },
  ],
});

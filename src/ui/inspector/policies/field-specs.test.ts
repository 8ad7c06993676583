import { expect, test } from 'vitest';
import * as Policy from '../../../core/topology/schema/policy-schema.ts';
import { REGISTRY_DEFAULTS } from '../../../core/topology/wiring/registry-presets.ts';
import { GatewayConfig } from '../../../core/topology/schema/gateway-schema.ts';
import { RegistryConfig } from '../../../core/topology/schema/schema.ts';
import { en } from '../../text/en/index.ts';
import { createTexts } from '../../text/texts.ts';
import { uk } from '../../text/uk/index.ts';
import { FIELD_SPECS, type FieldArea, type FieldSpec } from './field-specs.ts';
import {
  BREAKER,
  BULKHEAD,
  CORS,
  freshLinkFault,
  freshNodeFault,
  probeOn,
  RATE_LIMITS,
  RETRIES,
  THROTTLE,
  VERSIONING,
} from './fresh.ts';
import { summariesOf } from './summaries.ts';

const AREAS = Object.keys(FIELD_SPECS) as FieldArea[];

test('every field of every policy, and every option, has its words', () => {
  const missing = AREAS.flatMap((area) =>
    FIELD_SPECS[area].flatMap((spec: FieldSpec) => {
      const key = `${area.split('.')[0]}.${spec.field}`;
      return Object.hasOwn(en, key) ? [] : [key];
    }),
  );
  expect(missing).toEqual([]);
});

test('fields and options of a form are those of the schema', () => {
  const shapes = {
    bulkhead: Policy.Bulkhead,
    breaker: Policy.Breaker,
    outlier: Policy.OutlierDetection,
    healthChecks: Policy.HealthChecks,
    upstream: Policy.UpstreamLimits,
    cors: Policy.Cors,
    retries: Policy.Retries,
    backoff: Policy.Backoff,
    concurrency: Policy.Concurrency,
    release: Policy.Release,
    tokens: Policy.Tokens,
    routeAuth: Policy.RouteAuth,
  } as const;
  const own: Readonly<Record<string, readonly string[]>> = {
    breaker: ['preset'],
    retries: ['backoff', 'throttle'],
  };
  for (const [area, shape] of Object.entries(shapes)) {
    const asked = [...FIELD_SPECS[area as keyof typeof shapes].map(({ field }) => field), ...(own[area] ?? [])];
    expect([area, asked.sort()]).toEqual([area, Object.keys(shape.shape).sort()]);
  }
});

test('every kind of fault has a form that begins with a valid one', () => {
  const kinds = Policy.Fault.options.map((option) => option.shape.kind.value);
  const areas = AREAS.filter((area) => area.startsWith('fault.')).map((area) => area.slice('fault.'.length));
  expect(areas.sort()).toEqual([...kinds].sort());
  for (const kind of ['step-error', 'error-rate', 'slow', 'pause', 'outage', 'clock-skew'] as const)
    expect(Policy.Fault.parse(freshNodeFault(kind, 'order', 'create'))).toMatchObject({ kind, node: 'order' });
  for (const kind of ['latency', 'loss', 'duplicate', 'reorder', 'partition'] as const)
    expect(Policy.Fault.parse(freshLinkFault(kind, 'a-b'))).toMatchObject({ kind, link: 'a-b' });
});

test('what a switch puts in is valid at once', () => {
  const fresh = {
    cors: CORS,
    versioning: VERSIONING,
    retries: { ...RETRIES, throttle: THROTTLE },
    rateLimit: RATE_LIMITS['token-bucket'],
  };
  const config = { port: 8080, routes: [], timeoutMs: 3000, replicas: 1 };
  expect(GatewayConfig.parse({ ...config, ...fresh })).toEqual({ ...config, ...fresh });
  for (const limit of Object.values(RATE_LIMITS)) expect(Policy.RateLimit.parse(limit)).toEqual(limit);
  expect(Policy.CallPolicy.parse({ breaker: BREAKER, bulkhead: BULKHEAD })).toBeDefined();
  expect(Policy.Health.parse({ readiness: probeOn('/ready') })).toBeDefined();
});

test('a registry of each kind begins with its own numbers and nothing of another', () => {
  for (const [engine, numbers] of Object.entries(REGISTRY_DEFAULTS)) {
    expect(RegistryConfig.parse({ ...numbers, restartDelayMs: null })).toMatchObject({ engine });
    expect(numbers.ttlMs).toBeGreaterThan(numbers.heartbeatMs);
  }
  expect('selfPreservation' in REGISTRY_DEFAULTS.etcd).toBe(false);
});

test('summaries say in one line what is set, in both languages', () => {
  const limit = { ...RATE_LIMITS['token-bucket'], key: 'ip' } as const;
  expect(summariesOf(createTexts('en', en)).limit(limit)).toBe('token bucket, 10 per second, per client address');
  expect(summariesOf(createTexts('uk', uk)).limit(limit)).toBe(
    'відро з жетонами, 10 за секунду, окремо для адреси клієнта',
  );
  expect(summariesOf(createTexts('en', en)).breaker(BREAKER)).toBe('resilience4j, opens at 50 % for 60 s');
});

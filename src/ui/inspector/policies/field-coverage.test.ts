import { expect, test } from 'vitest';
import { GatewayConfig } from '../../../core/topology/schema/gateway-schema.ts';
import * as Policy from '../../../core/topology/schema/policy-schema.ts';
import { FIELD_SPECS, type FieldArea } from './field-specs.ts';

/** What every kind of a family has, and a form of its own sets: the kind itself, whose it is, what a list or pairs hold. */
const own = { limit: ['kind', 'key', 'header'], balance: ['kind', 'weights'], fault: ['kind', 'node', 'link', 'step'] };
const families = {
  limit: Policy.RateLimit.options,
  balance: Policy.LoadBalancing.options,
  fault: Policy.Fault.options,
} as const;

test('every field of every limit, balancer and fault is asked for, and no other', () => {
  for (const [family, options] of Object.entries(families)) {
    for (const { shape } of options) {
      const area = `${family}.${shape.kind.value}` as FieldArea;
      const asked = FIELD_SPECS[area].map(({ field }) => field);
      const wanted = Object.keys(shape).filter((field) => !own[family as keyof typeof own].includes(field));
      expect([area, asked.toSorted()]).toEqual([area, wanted.toSorted()]);
    }
  }
});

test('every field of a probe, a version, a part, a token and a key is asked for, and no other', () => {
  const route = GatewayConfig.shape.routes.element.shape;
  const [, aggregate] = route.action.options;
  const versioning = GatewayConfig.shape.versioning.unwrap().shape;
  const [jwt, apiKey] = Policy.Auth.options;
  const [fetched] = jwt.shape.jwks.options;
  const shapes: [FieldArea, object, string[]][] = [
    ['probe', Policy.Health.shape.readiness.unwrap().shape, []],
    ['version', versioning.versions.element.shape, []],
    ['versioning', versioning, ['by', 'unknown', 'versions']],
    ['part', aggregate.shape.parts.element.shape, ['to', 'retries', 'fallback']],
    ['auth.jwt', jwt.shape, ['kind', 'jwks']],
    ['auth.jwks', fetched.shape, ['kind', 'node']],
    ['auth.key', apiKey.shape.keys.element.shape, []],
    ['headers', Policy.Transform.shape.request.unwrap().shape.headers.unwrap().shape, []],
    ['transform.request', Policy.Transform.shape.request.unwrap().shape, ['headers']],
    ['transform.response', Policy.Transform.shape.response.unwrap().shape, ['headers']],
    ['throttle', Policy.Retries.shape.throttle.unwrap().shape, []],
  ];
  for (const [area, shape, elsewhere] of shapes) {
    const asked = FIELD_SPECS[area].map(({ field }) => field);
    const wanted = Object.keys(shape).filter((field) => !elsewhere.includes(field));
    expect([area, asked.toSorted()]).toEqual([area, wanted.toSorted()]);
  }
});

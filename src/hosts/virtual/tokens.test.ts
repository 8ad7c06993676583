import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import { checkSpans } from '../../core/telemetry/spans.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { guardedShop } from '../contract/guarded-shop.ts';
import { performEffect } from '../tokens/perform-effect.ts';
import { VirtualRun, type VirtualOptions } from './run-virtual.ts';

async function run(algorithm: 'EdDSA' | 'HS256', until: number, options: VirtualOptions = {}): Promise<VirtualRun> {
  const document = guardedShop(algorithm);
  expect(validateDocument(document)).toEqual([]);
  const definition = {
    documentId: document.id,
    topology: compileTopology(document),
    initialData: null,
    seed: 4,
    inputs: [],
  };
  const virtual = new VirtualRun(definition, { perform: performEffect, ...options });
  await virtual.runUntilAsync(until);
  return virtual;
}
const replies = (events: readonly LogEvent[], source: string): string[] =>
  events.flatMap((event) =>
    event.type === 'message.sent' && event.source === source && event.payload.kind === 'http.reply'
      ? [event.operation]
      : [],
  );

describe.each(['EdDSA', 'HS256'] as const)('a whole run with %s tokens', (algorithm) => {
  test('the log does not depend on the window size: lookahead, L/7, one event at a time', async () => {
    const hashes = [];
    for (const windowSize of ['lookahead', 71, 'event'] as const)
      hashes.push((await run(algorithm, 8_000_000, { windowSize, keep: false })).sha256());
    expect(new Set(hashes).size).toBe(1);
  });

  test('who has logged in reads, nobody changes; logins are renewed; spans are valid trees (GW4, OB3)', async () => {
    const { events } = await run(algorithm, 90_000_000);
    const answered = replies(events, 'gateway#0');
    const count = (text: string): number => answered.filter((operation) => operation === text).length;
    expect(new Set(answered)).toEqual(new Set(['200 POST /token', '200 GET /api/order', '403 DELETE /api/order']));
    // 30 s each, renewed when a tenth is left.
    expect(count('200 POST /token')).toBe(4);
    expect(count('200 GET /api/order')).toBeGreaterThan(300);
    expect(replies(events, 'auth#0').includes('200 GET /.well-known/jwks.json')).toBe(algorithm === 'EdDSA');
    expect(checkSpans(events)).toEqual([]);
  });
});

test('a gateway whose clock is wrong refuses tokens that hold, and takes them again when it is right', async () => {
  const virtual = await run('EdDSA', 5_000_000);
  const fault = { kind: 'clock-skew' as const, node: 'gateway', skewMs: 60_000 };
  virtual.inject({ kind: 'fault.set', fault });
  await virtual.runUntilAsync(10_000_000);
  const during = replies(
    virtual.events.filter(({ t }) => t > 6_000_000),
    'gateway#0',
  );
  expect(new Set(during)).toEqual(new Set(['200 POST /token', '401 GET /api/order', '401 DELETE /api/order']));
  virtual.inject({ kind: 'fault.clear', fault });
  await virtual.runUntilAsync(16_000_000);
  const after = replies(
    virtual.events.filter(({ t }) => t > 12_000_000),
    'gateway#0',
  );
  expect(after.some((operation) => operation.startsWith('401'))).toBe(false);
});

test('an Auth service that is gone: 503 once the keys are too old, 200 again when it is back', async () => {
  const virtual = await run('EdDSA', 4_000_000);
  virtual.inject({ kind: 'instance.kill', instance: 'auth#0' });
  await virtual.runUntilAsync(14_000_000);
  const during = replies(
    virtual.events.filter(({ t }) => t > 10_000_000),
    'gateway#0',
  );
  expect(new Set(during)).toEqual(new Set(['503 GET /api/order', '503 DELETE /api/order']));
  virtual.inject({ kind: 'instance.start', instance: 'auth#0' });
  await virtual.runUntilAsync(20_000_000);
  const after = replies(
    virtual.events.filter(({ t }) => t > 17_000_000),
    'gateway#0',
  );
  expect(after.every((operation) => !operation.startsWith('503'))).toBe(true);
});

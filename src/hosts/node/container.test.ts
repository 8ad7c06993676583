import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isoTime } from '../../core/base/iso-time.ts';
import type { Json } from '../../core/base/json.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { checkSpans } from '../../core/telemetry/spans.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { workshop } from '../contract/workshop.ts';
import { wallNowUs } from './clock.ts';
import { LocalSystem } from './local-system.ts';

/** The workshop whose gateway checks nobody, and whose callers ask the registry again after 200 ms. */
function unchecked(): Document {
  const document = workshop();
  const { gateway, names } = document.nodes;
  if (gateway?.kind === 'gateway') delete gateway.config.healthChecks;
  if (names?.kind !== 'registry') return document;
  delete names.config.blockingWaitMs;
  names.config.cacheTtlMs = 200;
  return document;
}

describe('instances on the wall clock', () => {
  let system: LocalSystem;
  beforeEach(async () => {
    system = new LocalSystem(compileTopology(unchecked()), 42, actorFactories);
    await system.start();
  });
  afterEach(() => system.stop());

  const ask = async (
    path: string,
    method = 'GET',
    body: string | null = null,
  ): Promise<{ status: number; body: Json }> => {
    const reply = await system.request('gateway', { method, path, headers: {}, body });
    return { status: reply.status, body: reply.body === null ? null : (JSON.parse(reply.body) as Json) };
  };
  const cacheExpired = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));

  test('a drained instance says goodbye to the registry: its callers find nobody, in the exact words', async () => {
    expect(await ask('/api/many', 'POST', '[2]')).toEqual({ status: 200, body: [4] });
    await system.drain('maker#0');
    await cacheExpired();
    expect(await ask('/api/many', 'POST', '[2]')).toMatchObject({
      status: 503,
      body: { code: 'no_instances', detail: 'no instances found for maker' },
    });
    const types = system.events
      .filter((event) => 'instance' in event && event.instance === 'maker#0')
      .map((event) => event.type);
    expect(types.filter((type) => type.startsWith('instance.'))).toEqual([
      'instance.starting',
      'instance.ready',
      'instance.draining',
      'instance.stopped',
    ]);
  });

  test('a killed instance is a refused connection until its lease ends', async () => {
    await system.kill('maker#0');
    expect(await ask('/api/many', 'POST', '[2]')).toMatchObject({ status: 503, body: { code: 'connection_refused' } });
  });

  test('the log of containers is a log: strictly ordered per source, sound spans, no event twice', async () => {
    await ask('/api/items', 'POST', '{"id":"a","name":"lamp"}');
    await ask('/api/ask/a');
    const seen = new Map<string, { t: number; seq: number }>();
    for (const { source, t, seq } of system.events) {
      const last = seen.get(source) ?? { t: -Infinity, seq: -1 };
      expect(t).toBeGreaterThanOrEqual(last.t);
      expect(seq).toBeGreaterThan(last.seq);
      seen.set(source, { t, seq });
    }
    expect(checkSpans(system.events)).toEqual([]);
  });

  test('a body that is too large is refused before the actor sees it', async () => {
    const reply = await system.request('gateway', {
      method: 'POST',
      path: '/api/items',
      headers: {},
      body: 'x'.repeat(1024 * 1024 + 1),
    });
    expect(reply.status).toBe(413);
  });

  test('the clock of the core tells the real time', () => {
    expect(Math.abs(Date.parse(isoTime(wallNowUs())) - Date.now())).toBeLessThan(1000);
  });
});

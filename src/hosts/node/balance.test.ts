import { afterEach, expect, test } from 'vitest';
import { OUTLIER_DEFAULTS } from '../../core/balance/presets.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { shop, type Shop } from '../virtual/simulation/balance.suite.ts';
import { LocalSystem } from './local-system.ts';

let system: LocalSystem | null = null;
afterEach(async () => {
  await system?.stop();
  system = null;
});
/** Statuses of requests to the gateway over loopback, one after the other. */
async function ask(given: Shop, count: number): Promise<number[]> {
  system = new LocalSystem(shop(given), 7, actorFactories);
  await system.start();
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) {
    const request = { method: 'GET', path: '/orders', headers: { 'x-user': 'ann' }, body: null };
    statuses.push((await system.request('gw', request)).status);
  }
  return statuses;
}
const chosen = (): string[] =>
  (system?.events ?? []).flatMap((event) =>
    event.type === 'message.sent' && event.from === 'gw#0' && event.payload.kind === 'http.request' ? [event.to] : [],
  );

test('GW11 on real sockets: the same picker among the replicas that the registry names', async () => {
  const loadBalancing = { kind: 'weighted-round-robin', weights: { '#1': 3 } } as const;
  const gateway = { timeoutMs: 2000, loadBalancing };
  expect(await ask({ replicas: 2, ratePerSecond: 0, registry: true, gateway }, 8)).toEqual(Array(8).fill(200));
  expect(chosen().map((instance) => instance.slice(-1))).toEqual(['1', '0', '1', '1', '1', '0', '1', '1']);
});

test('GW12 on real sockets: active checks find the instances, who is not there is told and gets nothing', async () => {
  const outlierDetection = { ...OUTLIER_DEFAULTS, panicPercent: 0 };
  const healthChecks = { path: '/orders', intervalMs: 50, timeoutMs: 500, unhealthyThreshold: 1, healthyThreshold: 1 };
  const resolve: Shop['resolve'] = { by: 'static', addresses: ['127.0.0.1:1'] };
  const gateway = { timeoutMs: 2000, outlierDetection, healthChecks };
  system = new LocalSystem(shop({ replicas: 2, ratePerSecond: 0, registry: true, gateway }), 7, actorFactories);
  await system.start();
  const request = { method: 'GET', path: '/orders', headers: {}, body: null };
  await expect.poll(async () => (await system?.request('gw', request))?.status).toBe(200);
  await system.stop();
  system = new LocalSystem(shop({ replicas: 1, ratePerSecond: 0, resolve, gateway }), 7, actorFactories);
  await system.start();
  const ejected = (): number => system?.events.filter((event) => event.type === 'host.ejected').length ?? 0;
  await expect.poll(ejected).toBe(1);
  expect((await system.request('gw', request)).status).toBe(503);
});

test('an address by hand that no neighbour has is really connected to, and refused', async () => {
  // Port 1 is reserved (tcpmux); nobody listens there.
  const statuses = await ask(
    { replicas: 1, ratePerSecond: 0, resolve: { by: 'static', addresses: ['127.0.0.1:1'] } },
    2,
  );
  for (const status of statuses) expect([502, 503]).toContain(status);
  expect(chosen()).toEqual(['order#127.0.0.1:1', 'order#127.0.0.1:1']);
  const refused = system?.events.filter((event) => event.type === 'message.refused') ?? [];
  expect(refused).toMatchObject([{ reason: 'connection_refused' }, { reason: 'connection_refused' }]);
});

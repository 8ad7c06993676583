import { expect, test } from '@playwright/test';
import type { Fault } from '../src/core/topology/schema/types.ts';
import { documentOf, node } from './canvas-page.ts';
import {
  ask,
  askAll,
  askUntil,
  fill,
  inspector,
  logged,
  openDocument,
  reached,
  setSpeed,
  switchOn,
} from './features-page.ts';
import { events, now, reach } from './servarium-page.ts';
import { client, drawn, echo, forward, gateway, registry, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

test('GW8 GW11 GW12 requests are balanced as the form says; a dead replica is passed by, then ejected', async ({
  page,
}) => {
  const shop = service('shop', [echo('work', '/work')], { replicas: 2 });
  const routes = [forward('work', 'prefix', '/work', 'shop')];
  const heard = await openDocument(
    page,
    drawn('replicas', { gateway: gateway(routes), shop }, ['http gateway shop']),
    1,
  );
  const statuses = async (count: number, init: RequestInit = {}): Promise<number[]> => {
    const found: number[] = [];
    for (let n = 0; n < count; n += 1) found.push((await ask(page, '/work', init)).status);
    return found;
  };
  await statuses(4);
  expect(new Set(await reached(page))).toEqual(new Set(['shop#0', 'shop#1']));

  await node(page, 'Gateway').click();
  const balance = await switchOn(inspector(page), 'Load balancing');
  await balance.getByRole('combobox', { name: 'Algorithm' }).selectOption('ring-hash');
  const policy = async () => {
    const { gateway: edited } = (await documentOf(page)).nodes;
    return edited?.kind === 'gateway' ? edited.config.loadBalancing : undefined;
  };
  expect(await policy()).toEqual({ kind: 'ring-hash', header: 'x-user-id' });
  const lastFour = async () => {
    await statuses(4, { headers: { 'x-user-id': 'u-1' } });
    return new Set((await reached(page)).slice(-4)).size;
  };
  await expect.poll(lastFour).toBe(1);
  await balance.getByRole('combobox', { name: 'Algorithm' }).selectOption('round-robin');
  await expect.poll(lastFour).toBe(2);

  await node(page, 'Shop').click();
  await inspector(page).getByRole('tab', { name: 'Run' }).click();
  await inspector(page).getByRole('button', { name: 'Kill', exact: true }).first().click();
  await expect.poll(async () => (await logged(page, 'instance.crashed')).length).toBe(1);
  expect(new Set(await statuses(6))).toEqual(new Set([200, 503]));

  await node(page, 'Gateway').click();
  await switchOn(inspector(page), 'Retries');
  await expect.poll(async () => new Set(await statuses(4))).toEqual(new Set([200]));
  expect(await logged(page, 'retry.decided')).toContainEqual(
    expect.objectContaining({ to: 'shop', attempt: 1, reason: 'connection_refused', refused: null }),
  );

  const outlier = await switchOn(inspector(page), 'Outlier detection');
  await fill(outlier, 'spinbutton', 'Failures in a row', '1');
  const ejections = async () => {
    await statuses(2);
    return (await logged(page, 'host.ejected')).map(({ instance }) => instance);
  };
  await expect.poll(ejections).toEqual(['shop#0']);
  await expect(page.getByTestId('reason-gateway')).toContainText('ejected');
  const before = (await reached(page)).length;
  expect(await statuses(4)).toEqual([200, 200, 200, 200]);
  expect((await reached(page)).slice(before)).toEqual(['shop#1', 'shop#1', 'shop#1', 'shop#1']);
  expect(heard).toEqual([]);
});

test('RP4 a readiness probe takes instances out; a changed version is rolled out without a failed request', async ({
  page,
}) => {
  const endpoints = [echo('ready', '/ready'), echo('work', '/work')];
  const shop = service('shop', endpoints, { replicas: 2, release: { strategy: 'rolling', graceMs: 5000 } });
  const built = {
    web: client('/work', 10),
    gateway: gateway([forward('work', 'prefix', '/work', 'shop')]),
    registry: registry(),
    shop,
  };
  const links = ['http web gateway', 'http gateway shop', 'discovery gateway registry', 'discovery shop registry'];
  const heard = await openDocument(page, drawn('life', built, links));
  await node(page, 'Shop').click();
  const health = await switchOn(inspector(page), 'Health probes');
  await fill(health, 'spinbutton', 'Every', '500');
  await fill(health, 'spinbutton', 'Failures in a row', '1');
  const { shop: edited } = (await documentOf(page)).nodes;
  expect(edited?.config).toMatchObject({
    health: { readiness: { path: '/ready', periodMs: 500, failureThreshold: 1 } },
  });
  await askUntil(page, 200, '/work');

  const broken: Fault = { kind: 'step-error', node: 'shop', step: 'ready-answer', rate: 1, code: 'warming' };
  await page.evaluate((fault) => window.servarium.inject({ kind: 'fault.set', fault }), broken);
  expect(await askUntil(page, 503, '/work')).toMatchObject({ json: { code: 'no_instances', flag: 'UH' } });
  await expect(page.getByTestId('reason-shop')).toContainText('warming by fault');
  const probes = (await logged(page, 'probe.changed')).filter(
    ({ passing, reason }) => !passing && reason.startsWith('HTTP 500'),
  );
  expect(new Set(probes.map(({ instance, probe }) => `${probe} ${instance}`))).toEqual(
    new Set(['readiness shop#0', 'readiness shop#1']),
  );
  await page.evaluate((fault) => window.servarium.inject({ kind: 'fault.clear', fault }), broken);
  await askUntil(page, 200, '/work');
  await reach(page, (await now(page)) + 3_000_000);

  const from = await now(page);
  await fill(inspector(page), 'textbox', 'Version', 'v2');
  const released = async () => (await logged(page, 'release.changed')).at(-1);
  await expect.poll(released).toMatchObject({ node: 'shop', version: 'v2', done: 2, total: 2 });
  await reach(page, (await now(page)) + 1_000_000);
  const log = (await events(page)).filter(({ t }) => t > from);
  const statuses = log.flatMap((event) =>
    event.type === 'message.sent' && event.to === 'web#0' && event.payload.kind === 'http.reply'
      ? [event.payload.status]
      : [],
  );
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const started = log.flatMap((event) =>
    event.type === 'instance.starting' ? [`${event.instance} ${event.version}`] : [],
  );
  expect(started).toEqual(['shop#0 v2', 'shop#1 v2']);
  expect(heard).toEqual([]);
});

test('SR8 a fixed address breaks when its instance moves; DNS is stale until its TTL is over', async ({ page }) => {
  const shop = service('shop', [echo('work', '/work')]);
  const routes = [forward('work', 'prefix', '/work', 'shop')];
  const heard = await openDocument(
    page,
    drawn('addresses', { gateway: gateway(routes), shop }, ['http gateway shop']),
    1,
  );
  const findBy = async (way: string): Promise<void> => {
    await node(page, 'Shop').click();
    await inspector(page).getByRole('tab', { name: 'Links' }).click();
    await inspector(page).getByRole('button', { name: 'Gateway HTTP' }).click();
    await inspector(page).getByRole('combobox', { name: 'Found by' }).selectOption(way);
  };
  const move = async (): Promise<void> => {
    const moves = (await logged(page, 'instance.ready')).filter(({ instance }) => instance === 'shop#0').length;
    await node(page, 'Shop').click();
    await inspector(page).getByRole('tab', { name: 'Run' }).click();
    await inspector(page).getByRole('button', { name: 'Move Shop #0 to another machine' }).click();
    const ready = async () => (await logged(page, 'instance.ready')).filter(({ instance }) => instance === 'shop#0');
    await expect.poll(async () => (await ready()).length).toBe(moves + 1);
  };
  await findBy('static');
  await askUntil(page, 200, '/work');
  await move();
  const refused = { status: 503, json: { code: 'connection_refused', flag: 'UF' } };
  expect(await ask(page, '/work')).toMatchObject(refused);
  await findBy('dns');
  await askUntil(page, 200, '/work');
  const resolvedAt = await now(page);
  await move();
  expect(await ask(page, '/work')).toMatchObject(refused);
  await setSpeed(page, 'max');
  await reach(page, resolvedAt + 30_000_000);
  expect((await ask(page, '/work')).status).toBe(200);
  expect(heard).toEqual([]);
});

test('RS4 a service at its limit answers 503, a bulkhead refuses calls, a fallback answers for them', async ({
  page,
}) => {
  const slow = service('slow', [echo('work', '/work', 'GET', [{ id: 'rest', do: 'wait', ms: 600 }])]);
  const call = { id: 'ask', do: 'call', to: 'slow', endpoint: 'work', input: {}, timeoutMs: 4000, as: 'got' } as const;
  const answer = { id: 'answer', do: 'respond', status: 200, body: { by: '${ got.body.by }' } } as const;
  const desk = service('desk', [{ id: 'page', method: 'GET', path: '/page', steps: [call, answer] }]);
  const routes = [forward('work', 'prefix', '/work', 'slow'), forward('page', 'prefix', '/page', 'desk')];
  const links = ['http gateway slow', 'http gateway desk', 'http desk slow'];
  const heard = await openDocument(page, drawn('limits', { gateway: gateway(routes), desk, slow }, links), 1);
  const burst = async (path: string): Promise<string[]> =>
    (await askAll(page, 3, path)).map(({ status, json }) => {
      const word = json['code'] ?? json['by'];
      return `${status} ${typeof word === 'string' ? word : 'nothing'}`;
    });
  expect(new Set(await burst('/work'))).toEqual(new Set(['200 slow']));

  await node(page, 'Slow').click();
  const concurrency = await switchOn(inspector(page), 'Concurrency');
  await fill(concurrency, 'spinbutton', 'At once', '1');
  await fill(concurrency, 'spinbutton', 'In line', '0');
  await expect
    .poll(async () => (await burst('/work')).sort())
    .toEqual(['200 slow', '503 overloaded', '503 overloaded']);
  await concurrency.getByRole('switch', { name: 'Concurrency', exact: true }).click();

  await node(page, 'Desk').click();
  await inspector(page).getByRole('tab', { name: 'Behaviour' }).click();
  await inspector(page).getByRole('button', { name: 'GET /page', exact: true }).click();
  await inspector(page).getByRole('button', { name: /^call/ }).first().click();
  const bulkhead = await switchOn(inspector(page), 'Bulkhead');
  await fill(bulkhead, 'spinbutton', 'At once', '1');
  await expect
    .poll(async () => (await burst('/page')).sort())
    .toEqual(['200 slow', '503 bulkhead_full', '503 bulkhead_full']);
  const fallback = await switchOn(inspector(page), 'Fallback');
  await fill(fallback, 'textbox', 'Value', '{ "by": "memory" }');
  await expect.poll(async () => (await burst('/page')).sort()).toEqual(['200 memory', '200 memory', '200 slow']);
  expect((await logged(page, 'pool.changed')).some(({ pool, refused }) => pool === 'bulkhead' && refused > 0)).toBe(
    true,
  );
  expect(heard).toEqual([]);
});

import { expect, test, type Page } from '@playwright/test';
import type { Fault } from '../src/core/topology/schema/types.ts';
import { node } from './canvas-page.ts';
import { ask, askAll, askUntil, fill, inspector, logged, openDocument, reached, switchOn } from './features-page.ts';
import { client, drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

const set = (page: Page, fault: Fault) =>
  page.evaluate((fault) => window.servarium.inject({ kind: 'fault.set', fault }), fault);
const clear = (page: Page, fault: Fault) =>
  page.evaluate((fault) => window.servarium.inject({ kind: 'fault.clear', fault }), fault);

test('GW9 GW11 GW13 retries and load balancing by hand: what is not idempotent, budget, a route’s own, retries at once, choices, bias', async ({
  page,
}) => {
  const held = echo('hold', '/hold', 'GET', [{ id: 'rest', do: 'wait', ms: 36_000_000 }]);
  const slow = echo('slow', '/slow', 'GET', [{ id: 'rest', do: 'wait', ms: 200 }]);
  const built = {
    web: client('/hold', 0),
    gateway: gateway([forward('all', 'prefix', '/', 'shop')], { timeoutMs: 36_000_000 }),
    shop: service('shop', [echo('work', '/work'), echo('post', '/work', 'POST'), slow, held], { replicas: 3 }),
  };
  const heard = await openDocument(page, drawn('upstream', built, ['http web gateway', 'http gateway shop']));
  const broken: Fault = { kind: 'error-rate', node: 'shop', rate: 1, status: 503 };
  await set(page, broken);
  await askUntil(page, 503, '/work');
  await node(page, 'Gateway').click();
  const panel = inspector(page);
  const upstream = panel.getByRole('region', { name: 'What goes on' });
  const retries = await switchOn(upstream, 'Retries');
  const refusal = async (init: RequestInit = {}) => {
    await ask(page, '/work', init);
    return (await logged(page, 'retry.decided')).at(-1)?.refused ?? null;
  };
  await expect.poll(refusal).toBe('attempts: 3 of 3 made');
  const post = { method: 'POST' };
  expect(await refusal(post)).toMatch(/^not idempotent/);
  await retries.getByRole('switch', { name: 'Also POST, PATCH' }).click();
  await expect.poll(() => refusal(post)).toBe('attempts: 3 of 3 made');

  /** Retries of twelve requests at once that the budget refused. */
  const overBudget = async () => {
    const before = (await logged(page, 'retry.decided')).length;
    await askAll(page, 12, '/work');
    const refused = (await logged(page, 'retry.decided')).slice(before).flatMap((event) => event.refused ?? []);
    return refused.filter((reason) => reason.startsWith('budget'));
  };
  await fill(retries, 'spinbutton', 'Budget', '0');
  await expect.poll(async () => (await overBudget()).at(-1)).toMatch(/^budget: 3 of 3 retries under way \(0 % of/);
  await fill(retries, 'spinbutton', 'Budget', '');
  await expect.poll(overBudget).toEqual([]);

  await panel.getByRole('button', { name: /^(?!Remove).* → Shop$/ }).click();
  const route = panel.getByRole('listitem').filter({ has: page.getByRole('combobox', { name: 'Match' }) });
  const own = await switchOn(route, 'Retries');
  await fill(own, 'spinbutton', 'Attempts', '2');
  await expect.poll(refusal).toBe('attempts: 2 of 2 made');
  const limits = await switchOn(upstream, 'Upstream limits');
  await fill(limits, 'spinbutton', 'Retries at once', '0');
  await expect.poll(async () => (await ask(page, '/work')).json['flag']).toBe('UO');
  await limits.getByRole('switch', { name: 'Upstream limits', exact: true }).click();
  await clear(page, broken);
  await askUntil(page, 200, '/work');

  // Two of three instances hold a request for ever: of more choices the idle one is nearly always among them.
  const balance = await switchOn(upstream, 'Load balancing');
  await expect(balance.getByRole('combobox', { name: 'Algorithm' })).toHaveValue('least-request');
  const holding = async () =>
    (await logged(page, 'message.sent')).flatMap(({ to, payload }) =>
      to.startsWith('shop#') && payload.kind === 'http.request' && payload.path === '/hold' ? [to] : [],
    );
  for (let asked = 1; new Set(await holding()).size < 2; asked += 1) {
    await page.evaluate(() => window.servarium.inject({ kind: 'request', node: 'web', requestId: 'ask' }));
    await expect.poll(async () => (await holding()).length).toBe(asked);
  }
  const inTurn = async () => {
    await page.evaluate(async () => {
      for (let n = 0; n < 16; n += 1) await (await fetch('edge/gateway/work')).text();
    });
    return new Set((await reached(page)).slice(-16)).size;
  };
  expect(await inTurn()).toBeGreaterThan(1);
  await fill(balance, 'spinbutton', 'Choices', '10');
  await expect.poll(inTurn).toBe(1);

  // Unequal weights: without a bias the load says nothing, with a large one hardly anything else does.
  const weights = balance.getByRole('group', { name: 'Weights, by #number or version', exact: true });
  for (const [name, weight] of [
    ['#0', '1'],
    ['#1', '900'],
    ['#2', '1'],
  ] as const) {
    await weights.getByRole('button', { name: 'Add weight' }).click();
    await expect(weights.getByRole('textbox', { name: 'Name' }).last()).toHaveValue(name);
    await weights.getByRole('textbox', { name: 'Value' }).last().fill(weight);
    await weights.getByRole('textbox', { name: 'Value' }).last().blur();
  }
  const spread = async () => {
    await askAll(page, 12, '/slow');
    return new Set((await reached(page)).slice(-12)).size;
  };
  await fill(balance, 'spinbutton', 'Bias', '0');
  await expect.poll(spread).toBe(1);
  await fill(balance, 'spinbutton', 'Bias', '10');
  await expect.poll(spread).toBe(3);
  expect(heard).toEqual([]);
});

test('GW12 outlier detection and active checks by hand: looks, how long and how many are out, panic; how long a check waits, when it is out and back', async ({
  page,
}) => {
  const built = {
    web: client('/work', 10),
    gateway: gateway([forward('all', 'prefix', '/', 'shop')]),
    shop: service('shop', [echo('work', '/work')], { replicas: 4 }),
  };
  const heard = await openDocument(page, drawn('outliers', built, ['http web gateway', 'http gateway shop']));
  const kill = (instance: string) =>
    page.evaluate((instance) => window.servarium.inject({ kind: 'instance.kill', instance }), instance);
  await node(page, 'Gateway').click();
  const upstream = inspector(page).getByRole('region', { name: 'What goes on' });
  const outlier = await switchOn(upstream, 'Outlier detection');
  await fill(outlier, 'spinbutton', 'Failures in a row', '1');
  await fill(outlier, 'spinbutton', 'Looks every', '1000');
  await fill(outlier, 'spinbutton', 'Out for', '2000');
  await fill(outlier, 'spinbutton', 'At most for', '3000');
  await kill('shop#0');
  /** For how many whole looks the first instance was out, each time. */
  const spells = async () =>
    (await logged(page, 'host.ejected')).flatMap(({ instance, t, until }) =>
      instance === 'shop#0' && until !== null ? [Math.floor((until - t) / 1_000_000)] : [],
    );
  // 2 s, then twice as long, but no longer than 3 s; the end is the look that comes after it.
  await expect.poll(async () => new Set(await spells())).toEqual(new Set([2, 3]));
  const out = async () => {
    const log = [...(await logged(page, 'host.ejected')), ...(await logged(page, 'host.returned'))];
    const last = new Map(log.sort((a, b) => a.t - b.t).map(({ instance, type }) => [instance, type]));
    return [...last.values()].filter((type) => type === 'host.ejected').length;
  };
  await fill(outlier, 'spinbutton', 'Out for', '600000');
  await fill(outlier, 'spinbutton', 'At most for', '600000');
  await expect.poll(async () => (await spells()).at(-1)).toBeGreaterThan(500);
  // 10 % of four is nobody, but one may always be out.
  await kill('shop#1');
  await kill('shop#2');
  const failed = async () =>
    (await logged(page, 'message.refused')).filter(({ to }) => to === 'shop#1' || to === 'shop#2').length;
  await expect.poll(failed).toBeGreaterThan(8);
  expect(await out()).toBe(1);
  await fill(outlier, 'spinbutton', 'At most so many', '100');
  await expect.poll(out).toBe(3);
  const panics = async () => (await logged(page, 'panic.changed')).map(({ panicking }) => panicking);
  await expect.poll(panics).toEqual([true]);
  await fill(outlier, 'spinbutton', 'Panic below', '0');
  await expect.poll(panics).toEqual([true, false]);
  await outlier.getByRole('switch', { name: 'Outlier detection', exact: true }).click();
  await expect.poll(out).toBe(0);

  const checks = await switchOn(upstream, 'Active health checks');
  await fill(checks, 'textbox', 'Path', '/work');
  await fill(checks, 'spinbutton', 'Every', '300');
  await fill(checks, 'spinbutton', 'Waits for', '120');
  await fill(checks, 'spinbutton', 'Out after', '2');
  await fill(checks, 'spinbutton', 'Back after', '4');
  await askUntil(page, 200, '/work');
  const paused: Fault = { kind: 'pause', node: 'shop' };
  await set(page, paused);
  const ejected = async () => (await logged(page, 'host.ejected')).findLast(({ instance }) => instance === 'shop#3');
  await expect.poll(async () => (await ejected())?.reason).toBe('no answer to a health check within 120 ms');
  await clear(page, paused);
  const returned = async () => (await logged(page, 'host.returned')).findLast(({ instance }) => instance === 'shop#3');
  await expect.poll(async () => (await returned())?.t ?? 0).toBeGreaterThan((await ejected())?.t ?? 0);
  const [from, to] = [(await logged(page, 'instance.paused')).at(-1)?.t ?? 0, (await ejected())?.t ?? 0];
  const back = (await returned())?.t ?? 0;
  const sent = await logged(page, 'message.sent');
  const asked = sent.filter((event) => event.to === 'shop#3' && event.operation === 'check GET /work');
  const isInTime = ({ source, seq, t }: (typeof asked)[number]) =>
    sent.some((event) => event.inReplyTo === `${source}:${seq}` && event.arriveAt <= Math.min(back, t + 120_000));
  // One may have been on its way when everything stood still.
  expect(asked.filter((check) => check.t > from - 120_000 && check.t < to && !isInTime(check)).length).toBe(2);
  expect(asked.filter((check) => check.t > to && isInTime(check)).length).toBe(4);
  expect(heard).toEqual([]);
});

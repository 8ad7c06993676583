import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { documentOf, link, listen, node } from './canvas-page.ts';
import { fill, inspector, switchOn, unfold } from './features-page.ts';
import { events, openSite } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 }, actionTimeout: 30_000 });

/** Rules broken in the inspector. */
async function broken(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode().include('[data-inspector]');
  const { violations } = await axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

test('a rate limit of one per second, set by hand, answers 429', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await node(page, 'API gateway').click();
  const limit = await switchOn(inspector(page), 'Rate limit');
  await fill(limit, 'spinbutton', 'Burst', '1');
  await fill(limit, 'spinbutton', 'Tokens added', '1');
  await expect(limit).toContainText('token bucket, 1 per second, per client address');
  const { nodes } = await documentOf(page);
  expect(nodes['gateway']?.config).toMatchObject({
    rateLimit: { kind: 'token-bucket', maxTokens: 1, tokensPerFill: 1, fillIntervalMs: 1000, key: 'ip' },
  });
  for (let press = 0; press < 4; press += 1) await page.getByTestId('send-demo').click();
  await page.locator('#drawer-tab-requests').click();
  await expect(page.getByTestId('drawer').getByText('429').first()).toBeVisible({ timeout: 30_000 });
  expect(heard).toEqual([]);
});

test('a partition from the menu of a link drops messages, and the same menu heals it', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  const edge = link(page, 'HTTP from API gateway to Order');
  // By keyboard: the menu key on the focused link.
  await edge.focus();
  await edge.dispatchEvent('contextmenu', { clientX: 600, clientY: 400, bubbles: true, cancelable: true });
  await page.getByRole('menuitem', { name: 'Cut the link: partition' }).click();
  await inspector(page).getByRole('tab', { name: 'Run' }).click();
  await expect(page.getByTestId('fault-partition')).toContainText('both ways');
  await page.getByTestId('send-demo').click();
  const dropped = async () =>
    (await events(page)).filter((event) => event.type === 'message.sent' && event.fate === 'partitioned').length;
  await expect.poll(dropped, { timeout: 30_000 }).toBeGreaterThan(0);
  await edge.dispatchEvent('contextmenu', { clientX: 600, clientY: 400, bubbles: true, cancelable: true });
  await page.getByRole('menuitem', { name: 'Heal the partition' }).click();
  await expect(page.getByTestId('fault-partition')).toHaveCount(0);
  expect(heard).toEqual([]);
});

test('what is set on a node is a row that axe finds nothing in; an instance moves', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await node(page, 'Payment').click();
  await inspector(page).getByRole('tab', { name: 'Run' }).click();
  await inspector(page).getByRole('button', { name: 'Set fault' }).click();
  await expect(page.getByTestId('fault-step-error')).toBeVisible();
  expect(await broken(page)).toEqual([]);
  await inspector(page).getByRole('button', { name: 'Move Payment #0 to another machine' }).click();
  await expect
    .poll(async () =>
      (await events(page)).some((event) => event.type === 'input' && event.input.kind === 'instance.move'),
    )
    .toBe(true);
  expect(heard).toEqual([]);
});

test('the registry becomes etcd and Eureka with their own numbers, and the run goes on', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await node(page, 'Consul').click();
  const kind = inspector(page).getByRole('combobox', { name: 'Kind' });
  const registry = async () => (await documentOf(page)).nodes['consul'];
  await kind.selectOption('eureka');
  expect((await registry())?.config).toMatchObject({ engine: 'eureka', ttlMs: 90_000, responseCacheMs: 30_000 });
  await kind.selectOption('etcd');
  const etcd = await registry();
  expect(etcd?.title).toBe('etcd');
  expect(Object.keys(etcd?.config ?? {}).sort()).toEqual([
    'cacheTtlMs',
    'engine',
    'heartbeatMs',
    'restartDelayMs',
    'ttlMs',
  ]);
  const from = await page.evaluate(() => window.servarium.state().now);
  await page.getByTestId('send-demo').click();
  const answered = async () =>
    (await events(page)).some(
      (event) =>
        event.t > from &&
        event.type === 'message.sent' &&
        event.payload.kind === 'http.reply' &&
        event.operation === '201 POST /api/orders',
    );
  await expect.poll(answered, { timeout: 30_000 }).toBe(true);
  expect(heard).toEqual([]);
});

test('a call gets a circuit breaker of somebody’s numbers; changed numbers are one’s own', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  await node(page, 'Order').click();
  await inspector(page).getByRole('tab', { name: 'Behaviour' }).click();
  await inspector(page).getByRole('button', { name: 'POST /api/orders', exact: true }).click();
  await inspector(page).getByRole('button', { name: /^try/ }).first().click();
  await inspector(page).getByRole('button', { name: /^call/ }).first().click();
  const breaker = await switchOn(inspector(page), 'Circuit breaker');
  await breaker.getByRole('combobox', { name: 'Numbers of' }).selectOption('hystrix');
  await expect(breaker).toContainText('Hystrix, opens at 50 % for 5 s');
  const policies = async (): Promise<string> => JSON.stringify((await documentOf(page)).nodes['order']?.config);
  expect(await policies()).toContain('"preset":"hystrix"');
  await fill(breaker, 'spinbutton', 'Stays open', '2000');
  await expect(breaker).toContainText('opens at 50 % for 2 s');
  expect(await policies()).not.toContain('"preset":"hystrix"');
  expect(await broken(page)).toEqual([]);
  expect(heard).toEqual([]);
});

test('every part of a gateway, a route, a service and a link opens quietly, and axe finds nothing', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const heard = listen(page);
  await openSite(page);
  await page.evaluate(() => window.servarium.pause());
  await node(page, 'API gateway').click();
  for (const title of [
    'Authentication',
    'Rate limit',
    'CORS',
    'API versions',
    'Transformation',
    'Load balancing',
    'Retries',
    'Outlier detection',
    'Upstream limits',
  ])
    await switchOn(inspector(page), title);
  expect(Object.keys((await documentOf(page)).nodes['gateway']?.config ?? {})).toEqual(
    expect.arrayContaining(['auth', 'rateLimit', 'cors', 'versioning', 'transform', 'loadBalancing', 'retries']),
  );
  expect(['gateway', await broken(page)]).toEqual(['gateway', []]);
  await inspector(page)
    .getByRole('button', { name: /\/api\/orders → Order$/ })
    .click();
  const route = inspector(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('combobox', { name: 'Match' }) });
  for (const title of ['Rate limit', 'Retries', 'Transformation']) await switchOn(route, title);
  await route.getByRole('switch', { name: 'Split traffic' }).click();
  await unfold(route, 'Only when');
  await route.getByRole('button', { name: 'Add header' }).first().click();
  expect(['route', await broken(page)]).toEqual(['route', []]);
  await page.keyboard.press('Escape');
  await node(page, 'Order').click();
  for (const title of ['Concurrency', 'Health probes', 'Release of a new version', 'Issues tokens'])
    await switchOn(inspector(page), title);
  expect(['service', await broken(page)]).toEqual(['service', []]);
  await inspector(page).getByRole('tab', { name: 'Links' }).click();
  await inspector(page).getByRole('button', { name: 'API gateway HTTP' }).click();
  const found = inspector(page).getByRole('combobox', { name: 'Found by' });
  await found.selectOption('static');
  await expect(inspector(page).getByRole('textbox', { name: 'Addresses' })).toHaveValue(/^192\.168\.1\.\d+:\d+/);
  await found.selectOption('dns');
  expect((await documentOf(page)).links['gateway-order']?.config.resolve).toEqual({ by: 'dns', ttlMs: 30_000 });
  expect(['link', await broken(page)]).toEqual(['link', []]);
  expect(heard).toEqual([]);
});

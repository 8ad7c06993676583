import { expect, test, type Page } from '@playwright/test';
import { openRun, openSite, orderSaga, reach, settled, startRun } from './servarium-page.ts';

interface Answer {
  status: number;
  type: string | null;
  body: string;
}
/** The page's own fetch, all at once. */
const fetchAll = (page: Page, urls: string[], init: RequestInit = {}): Promise<Answer[]> =>
  page.evaluate(
    ({ urls, init }) =>
      Promise.all(
        urls.map(async (url) => {
          const response = await fetch(url, init);
          return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
        }),
      ),
    { urls, init: init as Record<string, string> },
  );
const fetchOne = async (page: Page, url: string, init?: RequestInit): Promise<Answer> =>
  (await fetchAll(page, [url], init))[0] as Answer;
const codeOf = (answer: Answer): unknown => (JSON.parse(answer.body) as { code: unknown }).code;
const recorded = (page: Page) => page.evaluate(async () => (await window.servarium.inputs()).length);
/** Settles when the page is controlled, so that its requests reach the edge. */
const controlled = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

test('a real fetch reaches the gateway by both addresses, as recorded inputs with real replies @subpath', async ({
  page,
}) => {
  await openRun(page, orderSaga(), { seed: 1, speed: 'max' });
  await controlled(page);
  const listed = await fetchOne(page, 'edge/gateway/api/products');
  expect(listed).toMatchObject({ status: 200, type: 'application/json' });
  expect(JSON.parse(listed.body)).toContainEqual(expect.objectContaining({ id: 'p-123', name: 'Laptop' }));
  const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
  const headers = { 'content-type': 'application/json' };
  const placed = await fetchOne(page, 'https://gateway.servarium.test/api/orders', { method: 'POST', headers, body });
  expect(placed.status).toBe(201);
  const inputs = await page.evaluate(() => window.servarium.inputs());
  expect(
    inputs.map(({ body: input }) =>
      input.kind === 'request' ? [input.node, input.request?.method, input.request?.path] : [],
    ),
  ).toEqual([
    ['gateway', 'GET', '/api/products'],
    ['gateway', 'POST', '/api/orders'],
  ]);
  const nobody = await fetchOne(page, 'edge/nobody/api');
  expect([nobody.status, nobody.type, codeOf(nobody)]).toEqual([404, 'application/problem+json', 'EDGE_NO_NODE']);
});

test('a hundred fetches while paused, at 0.01x, and at full speed with the service worker stopped: a hundred replies and inputs', async ({
  page,
  context,
}) => {
  await openRun(page, orderSaga(), { seed: 2, play: false });
  await controlled(page);
  const urls = (count: number) => Array.from({ length: count }, (_, i) => `edge/gateway/api/users/u-${1 + (i % 6)}`);
  const statuses = async (count: number) =>
    (await fetchAll(page, urls(count))).filter(({ status }) => status === 200).length;
  await page.evaluate(() => window.servarium.setSpeed(1));
  expect(await statuses(40)).toBe(40);
  await expect.poll(() => page.evaluate(() => window.servarium.state().status)).toBe('paused');
  await page.evaluate(() => window.servarium.setSpeed(0.01));
  await page.evaluate(() => window.servarium.play());
  expect(await statuses(20)).toBe(20);
  await page.evaluate(() => window.servarium.setSpeed('max'));
  const cdp = await context.newCDPSession(page);
  await cdp.send('ServiceWorker.enable');
  for (let i = 0; i < 4; i++) {
    await cdp.send('ServiceWorker.stopAllWorkers');
    expect(await statuses(10)).toBe(10);
  }
  expect(await recorded(page)).toBe(100);
});

test('a run that is not there answers 503 RUN_STOPPED; a request during boot waits for the start', async ({ page }) => {
  await openSite(page);
  await controlled(page);
  await startRun(page, orderSaga(), { seed: 3 });
  expect((await fetchOne(page, 'edge/gateway/api/products')).status).toBe(200);
  await page.evaluate(() => window.servarium.stop());
  const answer = await fetchOne(page, 'edge/gateway/api/products');
  expect([answer.status, codeOf(answer)]).toEqual([503, 'RUN_STOPPED']);
});

test('a request before the edge is open waits for it, on a first visit and on the next', async ({ page }) => {
  for (const visit of ['./', './']) {
    await page.goto(visit);
    await page.waitForFunction(() => 'servarium' in window);
    const isOpen = await page.evaluate(() => navigator.serviceWorker.controller !== null);
    expect((await fetchOne(page, 'edge/gateway/api/products')).status).toBe(200);
    if (!isOpen) await controlled(page);
  }
});

test('a page that starts uncontrolled, as after a forced reload, is claimed', async ({ page, context }) => {
  await openSite(page);
  await controlled(page);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setBypassServiceWorker', { bypass: true });
  await page.reload({ waitUntil: 'commit' });
  await cdp.send('Network.setBypassServiceWorker', { bypass: false });
  await settled(page);
  await controlled(page);
  await startRun(page, orderSaga(), { seed: 4, speed: 'max' });
  expect((await fetchOne(page, 'https://gateway.servarium.test/api/products')).status).toBe(200);
});

test('only the edge is answered: other requests go where they always went', async ({ page }) => {
  await openRun(page, orderSaga(), { seed: 5, speed: 'max' });
  await controlled(page);
  await reach(page, 100_000);
  const example = await fetchOne(page, 'examples/order-saga.json');
  expect([example.status, (JSON.parse(example.body) as { id: string }).id]).toEqual([200, 'order-saga']);
  expect((await fetchOne(page, 'nothing/edge/gateway')).status).toBe(404);
  expect(await recorded(page)).toBe(0);
});

test('a second tab on the same document only reads, and its fetches say which tab to use', async ({
  page,
  context,
}) => {
  await openSite(page);
  await controlled(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await second.waitForFunction(() => 'servarium' in window);
  await controlled(second);
  const answer = async () => {
    const { type, body } = await fetchOne(second, 'edge/gateway/api/products');
    // Until the tab has opened its edge, the static host answers.
    return type === 'application/problem+json' ? (JSON.parse(body) as { code: string }).code : type;
  };
  await expect.poll(answer, { timeout: 20_000 }).toBe('EDGE_OTHER_TAB');
  const started = await second.evaluate(() => window.servarium.start());
  expect(started).toMatchObject({ ok: false, error: [{ code: 'RUN_IN_OTHER_TAB' }] });
  await page.evaluate(() => window.servarium.setSpeed('max'));
  expect((await fetchOne(page, 'edge/gateway/api/products')).status).toBe(200);
});

test('two tabs with two documents: no crossed reply, no shared row', async ({ page, context }) => {
  await openRun(page, orderSaga(), { seed: 7, speed: 'max' });
  await controlled(page);
  const second = await context.newPage();
  // It opens the same document first, to read along; what it loads then is its own.
  await second.goto(page.url());
  await second.waitForFunction(() => 'servarium' in window);
  await controlled(second);
  const other = orderSaga();
  const shop = Object.values(other.nodes).find((node) => node.kind === 'database' && node.name.startsWith('product'));
  if (shop?.kind !== 'database') throw new Error('the example has a product database');
  for (const rows of Object.values(shop.config.rows)) for (const row of rows) if ('name' in row) row['name'] = 'Other';
  await startRun(second, other, { seed: 8, speed: 'max' });
  const names = async (tab: Page): Promise<Set<string>> => {
    const replies = await fetchAll(
      tab,
      Array.from({ length: 10 }, () => 'edge/gateway/api/products'),
    );
    return new Set(replies.flatMap(({ body }) => (JSON.parse(body) as { name: string }[]).map(({ name }) => name)));
  };
  const [first, theirs] = await Promise.all([names(page), names(second)]);
  expect([...theirs]).toEqual(['Other']);
  expect(first.has('Other')).toBe(false);
  expect([await recorded(page), await recorded(second)]).toEqual([10, 10]);
  const ids = await Promise.all([page, second].map((tab) => tab.evaluate(() => window.servarium.document().id)));
  expect(new Set(ids).size).toBe(2);
});

test.describe('service workers blocked', () => {
  test.use({ serviceWorkers: 'block' });

  test('the application starts, and the edge works inside the page', async ({ page }) => {
    await openRun(page, orderSaga(), { seed: 6, speed: 'max' });
    await reach(page, 100_000);
    await expect
      .poll(async () => (await fetchOne(page, 'edge/gateway/api/products').catch(() => null))?.status, {
        timeout: 20_000,
      })
      .toBe(200);
  });
});

import { expect, test, type Page } from '@playwright/test';
import { openSite, orderSaga, settled, startRun } from './servarium-page.ts';

/** All files of the shell are in the cache and the page is controlled: from now on no network is needed. */
const installed = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

async function placeOrder(page: Page): Promise<number> {
  await startRun(page, orderSaga(), { seed: 1, speed: 'max' });
  return page.evaluate(async () => {
    const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    return (await fetch('edge/gateway/api/orders', init)).status;
  });
}

test('after the first load everything works without a network: reload, send an order @subpath', async ({
  page,
  context,
}) => {
  await openSite(page);
  await installed(page);
  await context.setOffline(true);
  await page.reload();
  await settled(page);
  await installed(page);
  expect(await placeOrder(page)).toBe(201);
});

test('the last tab closed and opened again without a network', async ({ page, context }) => {
  await openSite(page);
  await installed(page);
  const url = page.url();
  await page.close();
  await context.setOffline(true);
  const again = await context.newPage();
  await openSite(again, url);
  await installed(again);
  expect(await placeOrder(again)).toBe(201);
});

test('no request ever leaves the origin', async ({ page, baseURL }) => {
  const foreign: string[] = [];
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    const isOurs = url.origin === new URL(baseURL ?? '').origin || url.hostname.endsWith('.servarium.test');
    if (!isOurs && url.protocol !== 'blob:' && url.protocol !== 'data:') foreign.push(request.url());
  });
  await openSite(page);
  await installed(page);
  expect(await placeOrder(page)).toBe(201);
  expect(foreign).toEqual([]);
});

import { expect, test, type Page } from '@playwright/test';
import { listen } from './canvas-page.ts';
import { events, openSite } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

/** What the log says: handlers that cancelled an order, messages on the way back, payments declined by the fault. */
async function orders(page: Page): Promise<{ cancelled: number; back: number; declined: number }> {
  const log = await events(page);
  return {
    cancelled: log.filter((event) => event.type === 'span.started' && event.saga?.step === 'cancel-order').length,
    back: log.filter((event) => event.type === 'message.sent' && event.trace?.saga?.direction === 'compensation')
      .length,
    declined: log.filter((event) => event.type === 'step.failed' && event.byFault && event.code === 'declined').length,
  };
}
const dots = async (page: Page) => Number(await page.getByTestId('packets').getAttribute('data-dots'));
/** Full speed until something is so: the opening pace shows an order in about six seconds. */
const faster = (page: Page) => page.evaluate(() => window.servarium.setSpeed(1));

test('by mouse: an order travels, a dot opens, payment breaks, the reason stands on it, healing helps', async ({
  page,
}) => {
  const heard = listen(page);
  await openSite(page);
  await expect(page.getByRole('textbox', { name: 'Document name' })).toHaveValue('Order saga');
  await page.getByRole('button', { name: 'Send order' }).click();
  await expect.poll(() => dots(page), { intervals: [40] }).toBeGreaterThan(0);

  await test.step('a row of the list opens the whole message', async () => {
    await page.getByRole('tab', { name: /^Requests/ }).click();
    await page.getByTestId('drawer').getByText('POST /api/orders').first().click();
    const panel = page.getByTestId('message-panel');
    await expect(panel).toBeVisible();
    await expect(panel).toContainText('/api/orders');
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
  });

  await faster(page);
  await page.getByRole('button', { name: 'Break payment' }).click();
  await page.getByRole('button', { name: 'Send order' }).click();
  await expect(page.getByTestId('reason-payment')).toHaveText('declined by fault: 100 %', { timeout: 30_000 });
  await expect.poll(async () => (await orders(page)).cancelled, { timeout: 30_000 }).toBeGreaterThan(0);
  const { declined, back } = await orders(page);
  expect([declined > 0, back > 0]).toEqual([true, true]);

  await page.getByRole('button', { name: 'Heal payment' }).click();
  await expect(page.getByRole('button', { name: 'Break payment' })).toBeVisible();
  await page.getByRole('button', { name: 'Send order' }).click();
  await expect(page.getByTestId('reason-payment')).toHaveCount(0, { timeout: 30_000 });
  expect(heard).toEqual([]);
});

test('by keyboard alone: the same mission', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  const press = async (name: string) => {
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type(name);
    await expect(page.getByRole('option').first()).toContainText(name);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => dots(page), { intervals: [40] }).toBeGreaterThan(0);
  await faster(page);
  await press('Break or heal');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('reason-payment')).toHaveText('declined by fault: 100 %', { timeout: 30_000 });
  await expect.poll(async () => (await orders(page)).cancelled, { timeout: 30_000 }).toBeGreaterThan(0);
  await press('Break or heal');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  const now = () => page.evaluate(() => window.servarium.state().now);
  const before = await now();
  await page.keyboard.press('Period');
  await expect.poll(now).toBeGreaterThan(before);
  await expect.poll(() => page.evaluate(() => window.servarium.state().status)).toBe('paused');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
  expect(heard).toEqual([]);
});

test('killing payment is another thing: its messages wait and the node says that it is dead', async ({ page }) => {
  await openSite(page);
  await faster(page);
  await page.locator('.react-flow__node[data-id="payment"]').click();
  await page.getByRole('tab', { name: 'Run' }).click();
  await page.getByTestId('inspector').getByRole('button', { name: 'Kill' }).first().click();
  await expect(page.locator('.react-flow__node[data-id="payment"] [data-state="dead"]')).toBeAttached();
  await expect(page.getByTestId('inspector').getByRole('button', { name: 'Start' })).toBeVisible();
});

test('the app starts with service workers blocked', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ serviceWorkers: 'block', ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  const heard = listen(page);
  await openSite(page);
  await page.getByTestId('send-demo').click();
  await expect.poll(() => dots(page), { intervals: [40] }).toBeGreaterThan(0);
  expect(heard.filter((line) => line.startsWith('uncaught'))).toEqual([]);
  await context.close();
});

test('the second visit opens what was left, with the edit that was made', async ({ page }) => {
  await openSite(page);
  const name = page.getByRole('textbox', { name: 'Document name' });
  await name.fill('My shop');
  await name.press('Enter');
  await expect(page.getByTestId('saved')).toHaveText('Saved');
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Document name' })).toHaveValue('My shop');
});

test('a bug shows the crash overlay with the seed and the log to download', async ({ page }) => {
  await openSite(page);
  await page.evaluate(() => {
    setTimeout(() => {
      throw new Error('Assertion failed: planted by the test');
    });
  });
  const overlay = page.getByRole('alertdialog', { name: 'Servarium hit a bug' });
  await expect(overlay).toContainText('planted by the test');
  await expect(overlay).toContainText('Seed 4203');
  const download = page.waitForEvent('download');
  await overlay.getByRole('button', { name: 'Download log' }).click();
  expect((await download).suggestedFilename()).toBe('servarium-log.ndjson');
});

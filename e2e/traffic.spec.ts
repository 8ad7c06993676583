import { expect, test, type Page } from '@playwright/test';
import { foldContext, foldTo } from '../src/core/telemetry/fold.ts';
import type { RunView } from '../src/core/telemetry/view.ts';
import { compileTopology } from '../src/core/topology/compile.ts';
import type { StartOptions } from '../src/app/run/start-run.ts';
import { clickDot, frames, packets, pauseWithDots } from './dots.ts';
import { events, openRun, orderSaga, reach } from './servarium-page.ts';

// The faces show their reasons from 75 % on: a window in which the example fits at that size.
test.use({ viewport: { width: 1440, height: 900 } });

/** What the overlay shows, as bytes of its picture. */
const picture = (page: Page): Promise<string> =>
  packets(page).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
const foldAt = (log: Awaited<ReturnType<typeof events>>, t: number): RunView =>
  foldTo(log, t, foldContext(compileTopology(orderSaga())));

/** The order saga from its own rows. */
const open = (page: Page, options: StartOptions): Promise<void> => openRun(page, orderSaga(), options);
/** Settles when the page has folded all that the paused run has logged. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => window.servarium.pause());
  const folded = () =>
    page.evaluate(async () => {
      const { events } = await window.servarium.hash();
      return (window.servarium.snapshot() as { events: number }).events - events;
    });
  await expect.poll(folded).toBe(0);
}

test('with the run frozen two seconds of frames move no dot; going on moves them', async ({ page }) => {
  await open(page, { seed: 4207, speed: 0.1 });
  await page.getByTestId('send-demo').click();
  await pauseWithDots(page);
  // What the run had logged when it paused is on the page: on a busy machine the last batch comes some frames later.
  await settled(page);
  await frames(page, 4);
  const before = await picture(page);
  await frames(page, 120);
  expect(await picture(page)).toBe(before);
  await page.evaluate(() => window.servarium.play());
  await frames(page, 12);
  expect(await picture(page)).not.toBe(before);
});

test('every dot is a message of the log, and every message on a shown link is a dot', async ({ page }) => {
  await open(page, { seed: 7, speed: 0.1 });
  await page.getByTestId('send-demo').click();
  const now = await pauseWithDots(page);
  const log = await events(page);
  const flying = log.filter((event) => event.type === 'message.sent' && event.t <= now && now < event.arriveAt);
  expect(flying.length).toBeGreaterThan(0);
  await expect(packets(page)).toHaveAttribute('data-dots', String(flying.length));
});

test('a click on a dot opens its message, Escape closes it, the list opens it by keyboard', async ({ page }) => {
  await open(page, { seed: 4207, speed: 0.1 });
  await page.getByTestId('send-demo').click();
  await pauseWithDots(page);
  await clickDot(page);
  const panel = page.getByTestId('message-panel');
  await expect(panel).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();

  await page.locator('#drawer-tab-requests').click();
  await page.getByRole('listbox', { name: 'Messages' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(panel).toBeVisible();
  await expect(panel.getByRole('tab', { name: /Headers/ })).toBeVisible();
  await panel.getByRole('button', { name: 'Follow trace' }).click();
  await expect(page.locator('#drawer-tab-traces')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('listbox', { name: /Spans of/ })).toBeVisible();
});

test('Break payment: the fault is in the log, the compensation runs in amber, the badge says why, Heal takes it away', async ({
  page,
}) => {
  await open(page, { seed: 4207, speed: 1 });
  await page.getByTestId('break-demo').click();
  await expect(page.getByTestId('break-demo')).toHaveText('Heal payment');
  await page.getByTestId('send-demo').click();
  await expect(page.getByTestId('reason-payment')).toContainText('declined');
  await page.locator('#drawer-tab-sagas').click();
  await expect(page.getByTestId('step-process-payment')).toHaveAttribute('data-state', 'failed');
  await expect(page.getByTestId('compensation').getByTestId('step-cancel-order')).toHaveAttribute('data-state', 'done');
  const log = await events(page);
  const amber = log.filter((e) => e.type === 'message.sent' && e.trace?.saga?.direction === 'compensation');
  expect(amber.length).toBeGreaterThan(0);
  await page.getByTestId('break-demo').click();
  await expect(page.getByTestId('break-demo')).toHaveText('Break payment');
  // The button says what was pressed, the log has it from the next window on.
  const inputs = () => page.evaluate(async () => (await window.servarium.inputs()).map((input) => input.body.kind));
  await expect.poll(inputs).toEqual(['fault.set', 'request', 'fault.clear']);
});

test('scrubbing folds the log: the past is shown, the run is not touched', async ({ page }) => {
  await open(page, { seed: 3, speed: 'max' });
  await reach(page, 6e6);
  await settled(page);
  const hash = await page.evaluate(() => window.servarium.hash());
  const log = await events(page);
  const timeline = page.getByTestId('timeline');
  await timeline.focus();
  await page.keyboard.press('Home');
  await expect(page.getByTestId('time')).toContainText('00:00.000');
  for (const t of [0, 1_234_567, 4e6]) {
    await page.evaluate((t) => window.servarium.seek(t), t);
    await frames(page, 2);
    const shown = (await page.evaluate(() => window.servarium.snapshot())) as unknown as {
      t: number;
      events: number;
      tables: Record<string, object>;
    };
    const folded = foldAt(log, t);
    expect([shown.t, shown.events]).toEqual([t, folded.events]);
    const rows = Object.fromEntries([...folded.tables].map(([name, table]) => [name, Object.fromEntries(table)]));
    expect(shown.tables).toEqual(rows);
  }
  await page.getByTestId('back-to-live').click();
  await expect(page.getByTestId('back-to-live')).toBeHidden();
  expect(await page.evaluate(() => window.servarium.hash())).toEqual(hash);
});

test('the Data panel shows the rows that IndexedDB holds', async ({ page }) => {
  await open(page, { seed: 5, speed: 'max' });
  await reach(page, 10e6);
  await settled(page);
  const tables = await page.evaluate(
    () => (window.servarium.snapshot() as { tables: Record<string, Record<string, object>> }).tables,
  );
  for (const store of ['order-db', 'payment-db', 'inventory-db']) {
    const stored = await page.evaluate((store) => window.servarium.stored(store), store);
    const shown = Object.entries(tables).flatMap(([name, rows]) =>
      name.startsWith(`${store}/`)
        ? Object.entries(rows).map(([key, row]) => ({ table: name.slice(store.length + 1), key, row }))
        : [],
    );
    const order = (a: { table: string; key: string }, b: { table: string; key: string }) =>
      `${a.table} ${a.key}` < `${b.table} ${b.key}` ? -1 : 1;
    expect(shown.sort(order)).toEqual([...stored].sort(order));
  }
  await page.locator('#drawer-tab-data').click();
  const count = Object.keys(tables['order-db/orders'] ?? {}).length;
  await page
    .getByRole('navigation', { name: 'Tables' })
    .getByRole('button', { name: /^orders/ })
    .click();
  await expect(page.getByTestId('drawer')).toContainText(`${count} rows`);
});

test('the console sends a real request and shows its reply', async ({ page }) => {
  await open(page, { seed: 5, speed: 'max' });
  await page.locator('#drawer-tab-requests').click();
  const form = page.getByTestId('console');
  await form.getByLabel('Path').fill('/api/products/p-123');
  await page.getByTestId('console-send').click();
  await expect(page.getByTestId('console-reply')).toContainText('200');
  await expect(page.getByTestId('console-reply')).toContainText('Laptop');
  await form.getByLabel('Path').fill('/api/products/nothing');
  await page.getByTestId('console-send').click();
  await expect(page.getByTestId('console-reply')).toContainText('404');
});

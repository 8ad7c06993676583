import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { documentOf, listen, node } from './canvas-page.ts';
import { clickDot, pauseWithDots } from './dots.ts';
import { openRun, openSite, orderSaga, startRun } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

const places = async (page: Page) =>
  Object.fromEntries(Object.entries((await documentOf(page)).nodes).map(([id, { position }]) => [id, position]));

test('auto layout is one undo; what is pinned stays, and only a selection moves when there is one', async ({
  page,
}) => {
  const heard = listen(page);
  await openSite(page);
  const before = await places(page);
  await node(page, 'Consul').click();
  await page.keyboard.press('p');
  await expect(page.getByTestId('pin-consul')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Alt+L');
  await expect.poll(async () => (await places(page))['web']).not.toEqual(before['web']);
  expect((await places(page))['consul']).toEqual(before['consul']);
  await page.keyboard.press('Control+z');
  await expect.poll(() => places(page)).toEqual(before);

  await node(page, 'Web').click();
  await node(page, 'Mobile').click({ modifiers: ['Shift'] });
  await page.getByTestId('inspector').getByRole('button', { name: 'Arrange the selection' }).click();
  await expect.poll(() => places(page)).not.toEqual(before);
  const { web: _, mobile: __, ...others } = await places(page);
  expect(before).toMatchObject(others);
  expect(heard).toEqual([]);
});

test('F shows a component with its neighbours, one link further each time; Escape shows everything', async ({
  page,
}) => {
  await openSite(page);
  const far = page.locator('[data-far=true]');
  await node(page, 'Email').click();
  await page.mouse.move(700, 95);
  await page.keyboard.press('f');
  await expect(page.locator('[data-node=web]')).toHaveAttribute('data-far', 'true');
  await expect(page.locator('[data-node=rabbitmq]')).toHaveAttribute('data-far', 'false');
  const once = await far.count();
  await page.keyboard.press('f');
  await expect.poll(() => far.count()).toBeLessThan(once);
  await page.keyboard.press('Escape');
  await expect(far).toHaveCount(0);
});

test('the view comes back when the inspector closes, unless somebody moved it', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await openSite(page);
  const web = async () => (await node(page, 'Web').boundingBox())?.x ?? 0;
  const before = await web();
  await node(page, 'Payment').click();
  await expect.poll(web).toBeLessThan(before);
  await page.keyboard.press('Escape');
  await expect.poll(web).toBeCloseTo(before, 0);
});

test('a pasted document is opened, as a dropped one is', async ({ page }) => {
  await openSite(page);
  const text = JSON.stringify({ ...orderSaga(), id: 'pasted', name: 'Pasted saga' });
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
  await expect(page.getByRole('textbox', { name: 'Document name' })).toHaveValue('Pasted saga');
});

test('a fault is set from the command palette with its own number, and is told before it bites', async ({ page }) => {
  await openSite(page);
  await page.getByTestId('break-demo').click();
  await expect(page.getByTestId('reason-payment')).toHaveText('fault armed at order.created, charge: declined, 100 %');
  await node(page, 'Shipping').click();
  await page.keyboard.press('Control+k');
  const commands = page.getByRole('combobox', { name: 'Commands' });
  await commands.fill('slow shipping');
  await commands.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Faults of Shipping' });
  await expect(dialog.getByRole('combobox', { name: 'Fault' })).toBeFocused();
  await dialog.getByRole('spinbutton').fill('4');
  await dialog.getByRole('button', { name: 'Set fault' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('reason-shipping')).toHaveText('4 times slower by fault');
  await page.keyboard.press('Control+k');
  await commands.fill('own speed');
  await commands.press('Enter');
  await expect(page.getByTestId('reason-shipping')).toHaveCount(0);
});

test('the console of the storefront gets a token by a real login and sends with it', async ({ page }) => {
  await openSite(page);
  const storefront = JSON.parse(readFileSync('public/examples/storefront-calls.json', 'utf8')) as ReturnType<
    typeof orderSaga
  >;
  await startRun(page, storefront, { seed: 7, speed: 1 });
  const form = page.getByTestId('console');
  await expect(form.getByTestId('credential')).toContainText('This route asks for a token');
  await form.getByTestId('console-send').click();
  await expect(page.getByTestId('console-reply')).toContainText('401');
  await form.getByLabel('In whose name').selectOption('guest');
  await form.getByTestId('get-token').click();
  await expect(form.getByRole('textbox', { name: 'Headers, one per line' })).toHaveValue(/^Authorization: Bearer \S+$/);
  await form.getByTestId('console-send').click();
  await expect(page.getByTestId('console-reply')).toContainText('200');
});

test('a right click on a dot offers what can be done with its message', async ({ page }) => {
  await openRun(page, orderSaga(), { seed: 4207, speed: 0.1 });
  await page.getByTestId('send-demo').click();
  await pauseWithDots(page);
  await clickDot(page, 'right');
  await page.getByRole('menuitem', { name: 'Open the message' }).click();
  await expect(page.getByTestId('message-panel')).toBeVisible();
});

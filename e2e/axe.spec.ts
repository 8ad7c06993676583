import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { listen, node } from './canvas-page.ts';
import { openSite } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

/** Rules broken on what is shown now, each with the first place. */
async function broken(page: Page, except: string[] = []): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .disableRules(except)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on the running canvas, ${colorScheme}`, async ({ page }) => {
    const heard = listen(page);
    await page.emulateMedia({ colorScheme });
    await openSite(page);
    await page.getByTestId('break-demo').click();
    await page.getByTestId('send-demo').click();
    await expect(page.getByTestId('reason-payment')).toBeVisible({ timeout: 30_000 });
    await page.evaluate(() => window.servarium.pause());
    expect(await broken(page)).toEqual([]);
    expect(heard).toEqual([]);
  });
}

test('axe finds nothing in inspector, menus and dialogs', async ({ page }) => {
  // A dozen analyses of the whole page, each of some seconds on a busy machine.
  test.setTimeout(180_000);
  await openSite(page);
  await page.evaluate(() => window.servarium.pause());
  for (const name of ['Web', 'API gateway', 'MongoDB']) {
    await node(page, name).click();
    await expect(page.getByTestId('inspector').getByRole('heading', { name, exact: true })).toBeVisible();
    expect([name, await broken(page)]).toEqual([name, []]);
  }
  await node(page, 'Order').click();
  await page.getByRole('tab', { name: 'Behaviour' }).click();
  await page.getByTestId('inspector').getByRole('button', { name: 'POST /api/orders', exact: true }).click();
  await page
    .getByTestId('inspector')
    .getByRole('button', { name: /^choose/ })
    .click();
  expect(['behaviour', await broken(page)]).toEqual(['behaviour', []]);
  await page.getByRole('tab', { name: 'Run' }).click();
  expect(['run', await broken(page)]).toEqual(['run', []]);
  await page.keyboard.press('Escape');
  for (const keys of ['Control+k', 'Shift+Slash', 'Control+e', 'Control+f']) {
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog')).toBeVisible();
    expect([keys, await broken(page)]).toEqual([keys, []]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  // An open menu stands outside of the landmarks, as the menu pattern has it.
  expect(['menu', await broken(page, ['region'])]).toEqual(['menu', []]);
});

test('in Ukrainian: language of the page, names and no English left on the first screen', async ({ page }) => {
  await openSite(page);
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'Українська' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'uk');
  await expect(page.getByRole('button', { name: 'Експорт' })).toBeVisible();
  await expect(page.getByPlaceholder('Додати на полотно')).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'uk');
  expect(await broken(page)).toEqual([]);
});

test('with less motion chrome does not animate', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openSite(page);
  const durations = await page
    .getByRole('button', { name: 'Menu', exact: true })
    .evaluate((button) => getComputedStyle(button).transitionDuration);
  expect(new Set(durations.split(', '))).toEqual(new Set(['0s']));
});

import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { listen, node } from './canvas-page.ts';
import { openSite, settled } from './servarium-page.ts';

test.use({ viewport: { width: 1440, height: 900 } });

interface Scope {
  /** Only this part: the rest of the page has been analysed before and is the same. */
  within?: string;
  /** Only these rules: the others do not depend on what has changed. */
  rules?: string[];
  except?: string[];
}

/** Rules broken on what is shown now, each with the first place. */
async function broken(page: Page, { within, rules, except = [] }: Scope = {}): Promise<string[]> {
  // The page has no frames: nothing has to be collected in a page of its own, which costs more than many an analysis.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (within !== undefined) axe.include(within);
  if (rules !== undefined) axe.withRules(rules);
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).disableRules(except);
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

test('axe finds nothing on the running canvas, light and dark', async ({ page }) => {
  const heard = listen(page);
  // Without transitions, so that no colour is read halfway between two themes.
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openSite(page);
  await page.getByTestId('break-demo').click();
  await page.getByTestId('send-demo').click();
  await expect(page.getByTestId('reason-payment')).toBeVisible({ timeout: 30_000 });
  await page.evaluate(() => window.servarium.pause());
  expect(await broken(page)).toEqual([]);
  // The same page in other colours: what may differ is contrast.
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await broken(page, { rules: ['color-contrast', 'link-in-text-block'] })).toEqual([]);
  expect(heard).toEqual([]);
});

test('axe finds nothing in inspector, menus and dialogs', async ({ page }) => {
  // Several analyses, each of some seconds on a busy machine.
  test.setTimeout(180_000);
  await openSite(page);
  await page.evaluate(() => window.servarium.pause());
  const inspector = { within: '[data-inspector]' };
  for (const [index, name] of ['Web', 'API gateway', 'MongoDB'].entries()) {
    await node(page, name).click();
    await expect(page.getByTestId('inspector').getByRole('heading', { name, exact: true })).toBeVisible();
    expect([name, await broken(page, index === 0 ? {} : inspector)]).toEqual([name, []]);
  }
  await node(page, 'Order').click();
  await page.getByRole('tab', { name: 'Behaviour' }).click();
  await page.getByTestId('inspector').getByRole('button', { name: 'POST /api/orders', exact: true }).click();
  await page
    .getByTestId('inspector')
    .getByRole('button', { name: /^choose/ })
    .click();
  expect(['behaviour', await broken(page, inspector)]).toEqual(['behaviour', []]);
  await page.getByRole('tab', { name: 'Run' }).click();
  expect(['run', await broken(page, inspector)]).toEqual(['run', []]);
  await page.keyboard.press('Escape');
  // A dialog begins where somebody goes on: at its first control, in its text, or at its title while it has neither.
  const dialogs = [
    ['Control+k', 'combobox', 'Commands'],
    ['Shift+Slash', 'region', 'Help'],
    ['Control+e', 'button', 'Docker Compose'],
    ['Control+f', 'combobox', 'Find'],
  ] as const;
  for (const [index, [keys, role, name]] of dialogs.entries()) {
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog').getByRole(role, { name })).toBeFocused();
    expect([keys, await broken(page, index === 0 ? {} : { within: '[role=dialog]' })]).toEqual([keys, []]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  for (const item of ['Documents…', 'Versions…']) {
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible();
    await expect(page.getByRole('dialog').getByRole('heading').first()).toBeFocused();
    expect([item, await broken(page, { within: '[role=dialog]' })]).toEqual([item, []]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await page.getByTestId('send-demo').click({ button: 'right' });
  await expect(page.getByRole('dialog').getByRole('switch', { name: 'Shown' }).first()).toBeFocused();
  expect(['buttons', await broken(page, { within: '[role=dialog]' })]).toEqual(['buttons', []]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  // An open menu stands outside of the landmarks, as the menu pattern has it.
  expect(['menu', await broken(page, { except: ['region'] })]).toEqual(['menu', []]);
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
  await settled(page);
  await page.evaluate(() => window.servarium.pause());
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

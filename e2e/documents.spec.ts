import { expect, test, type Page } from '@playwright/test';
import { documentOf, listen } from './canvas-page.ts';
import { openSite, settled } from './servarium-page.ts';

test('a drawing that was left is in the menu, as it was', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  const name = page.getByRole('textbox', { name: 'Document name' });
  await name.fill('My own shop');
  await name.press('Enter');
  await expect.poll(async () => (await documentOf(page)).name).toBe('My own shop');
  const { id } = await documentOf(page);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New', exact: true }).click();
  await expect.poll(async () => (await documentOf(page)).id).not.toBe(id);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Open My own shop', exact: true }).click();
  await expect.poll(async () => (await documentOf(page)).id).toBe(id);
  expect((await documentOf(page)).name).toBe('My own shop');
  expect(Object.keys((await documentOf(page)).nodes)).toContain('payment');
  expect(heard).toEqual([]);
});

const databases = (page: Page, id: string) =>
  page.evaluate(
    async (prefix) => (await indexedDB.databases()).filter(({ name }) => name?.startsWith(prefix)).length,
    `servarium/${id}/`,
  );
const choose = async (page: Page, item: string) => {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};

test('a former version opens as a copy; a document that is deleted takes its databases along', async ({ page }) => {
  const heard = listen(page);
  await openSite(page);
  const { id } = await documentOf(page);
  await expect(page.getByTestId('saved')).toHaveText('Saved');
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await expect.poll(async () => Object.keys((await documentOf(page)).nodes)).toEqual([]);
  await choose(page, 'Versions…');
  await page
    .getByRole('button', { name: /^Open the version of/ })
    .first()
    .click();
  await expect.poll(async () => Object.keys((await documentOf(page)).nodes).length).toBeGreaterThan(5);
  expect((await documentOf(page)).id).not.toBe(id);
  await settled(page);

  expect(await databases(page, id)).toBeGreaterThan(0);
  await choose(page, 'Documents…');
  const dialog = page.getByRole('dialog', { name: 'Documents in this browser' });
  const row = dialog.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Delete / }) });
  await row.getByRole('button', { name: /^Delete / }).click();
  await dialog.getByRole('button', { name: 'Keep it' }).press('Enter');
  await expect(dialog.getByRole('listitem')).toHaveCount(2);
  await row.getByRole('button', { name: /^Delete / }).click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(dialog.getByRole('listitem')).toHaveCount(1);
  await expect.poll(() => databases(page, id)).toBe(0);
  expect(heard).toEqual([]);
});

test('a tab that only reads takes the document over: it runs there, and the other one reads and says so', async ({
  page,
  context,
}) => {
  await openSite(page);
  const second = await context.newPage();
  const heard = [listen(page), listen(second)];
  await second.goto(page.url());
  const bar = second.getByTestId('read-only');
  await expect(bar).toContainText('Another tab edits this document');
  await bar.getByRole('button', { name: 'Take over' }).click();
  await expect(bar).toBeHidden();
  await second.waitForFunction(() => 'servarium' in window && window.servarium.state().status === 'running');
  await expect(page.getByTestId('read-only')).toBeVisible();
  await expect(page.getByTestId('notice')).toContainText('Another tab has taken over');
  await page.waitForFunction(() => window.servarium.state().status === 'idle');
  // The reading tab follows what the other one draws, and can go on alone.
  const name = second.getByRole('textbox', { name: 'Document name' });
  await name.fill('Taken over');
  await name.press('Enter');
  await expect.poll(async () => (await documentOf(page)).name).toBe('Taken over');
  const { id } = await documentOf(page);
  await page.getByTestId('read-only').getByRole('button', { name: 'Open a copy' }).click();
  await expect.poll(async () => (await documentOf(page)).id).not.toBe(id);
  await page.waitForFunction(() => window.servarium.state().status === 'running');
  await expect(page.getByTestId('read-only')).toBeHidden();
  expect(heard.flat()).toEqual([]);
});

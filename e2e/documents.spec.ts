import { expect, test } from '@playwright/test';
import { documentOf, listen } from './canvas-page.ts';
import { openSite } from './servarium-page.ts';

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

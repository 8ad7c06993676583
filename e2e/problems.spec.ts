import { expect, test, type Page } from '@playwright/test';
import { documentOf, listen } from './canvas-page.ts';
import { openSite, orderSaga } from './servarium-page.ts';

const notice = (page: Page, text: string) => page.getByTestId('notice').filter({ hasText: text });

/** Replaces the content of every stored snapshot, as an older version or a hand would have left it. */
const rewrite = (page: Page, id: string, content: unknown) =>
  page.evaluate(
    ([id, content]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('servarium/documents');
        opening.addEventListener('error', () => reject(opening.error ?? new Error('not opened')));
        opening.addEventListener('success', () => {
          const change = opening.result.transaction(['snapshots', 'edits'], 'readwrite');
          change.objectStore('edits').clear();
          const snapshots = change.objectStore('snapshots');
          const listing = snapshots.getAll();
          listing.addEventListener('success', () => {
            for (const entry of listing.result as { document: string }[])
              if (entry.document === id) snapshots.put({ ...entry, content });
          });
          change.addEventListener('complete', () => {
            opening.result.close();
            resolve();
          });
        });
      }),
    [id, content] as const,
  );

test('a loaded document that cannot run says so, names the place, and says it again after a reload', async ({
  page,
}) => {
  const heard = listen(page);
  await openSite(page);
  const document = orderSaga();
  delete document.links['rabbitmq-subscribe-email'];
  const loaded = await page.evaluate(
    async (text) => (await window.servarium.load(text)).ok,
    JSON.stringify({ ...document, id: 'broken-saga' }),
  );
  expect(loaded).toBe(true);
  await expect(notice(page, 'Opened, but nothing runs: 1 problem')).toContainText('"Email" subscribes to "RabbitMQ"');
  const list = page.getByRole('list', { name: 'Problems of the document' });
  await list.getByRole('button', { name: /"Email" subscribes to "RabbitMQ"/ }).click();
  const chosen = page.getByTestId('inspector').getByRole('heading', { name: 'Email', exact: true });
  await expect(chosen).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chosen).toBeHidden();
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await expect(dialog.getByTestId('export-download')).toBeDisabled();
  await dialog.getByRole('button', { name: /^Email: subscriptions.*"Email" subscribes to "RabbitMQ"/ }).click();
  await expect(dialog).toBeHidden();
  await expect(chosen).toBeVisible();
  await expect(page.getByTestId('saved')).toHaveText('Saved');
  await page.reload();
  await expect(notice(page, 'Opened, but nothing runs: 1 problem')).toBeVisible();
  await expect(list).toContainText('"Email" subscribes to "RabbitMQ"');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'Українська' }).click();
  await expect(page.getByRole('list', { name: 'Проблеми документа' })).toContainText(
    '«Email» підписаний на «RabbitMQ», але зв’язку доставки між ними немає',
  );
  expect(heard).toEqual([]);
});

test('a stored document that cannot be read is said by its name, kept, and something else is open', async ({
  page,
}) => {
  await openSite(page);
  await expect(page.getByTestId('saved')).toHaveText('Saved');
  const { id, name } = await documentOf(page);
  // A page of the same origin in which the application does not run.
  await page.goto('./examples/order-saga.json');
  await rewrite(page, id, { ...orderSaga(), id, speed: 'slow' });
  const heard = listen(page);
  await openSite(page);
  await expect(notice(page, `“${name}” was not opened: 1 problem`)).toContainText('must be a number');
  expect((await documentOf(page)).id).not.toBe(id);
  expect(Object.keys((await documentOf(page)).nodes)).toContain('payment');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: `Open ${name}`, exact: true }).click();
  await expect(notice(page, `“${name}” was not opened: 1 problem`).last()).toBeVisible();
  expect(heard).toEqual([]);
});

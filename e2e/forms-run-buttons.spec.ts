import { expect, test } from '@playwright/test';
import { documentOf } from './canvas-page.ts';
import { choose, fill, logged, openDocument } from './features-page.ts';
import { client, drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1280, height: 720 }, actionTimeout: 30_000 });

test('the buttons of the run bar by hand: what the one sends, what the other breaks and heals, their words in a language', async ({
  page,
}) => {
  const built = {
    web: client('/work', 0),
    gateway: gateway([forward('all', 'prefix', '/', 'shop')]),
    shop: service('shop', [echo('work', '/work')]),
  };
  const heard = await openDocument(page, drawn('buttons', built, ['http web gateway', 'http gateway shop']));
  const [send, broken] = [page.getByTestId('send-demo'), page.getByTestId('break-demo')];
  await expect(send).toHaveCount(0);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Buttons of the run bar…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Buttons of the run bar' });
  const [first, second] = [dialog.getByRole('region', { name: 'Send' }), dialog.getByRole('region', { name: 'Break' })];
  await expect(first.getByRole('switch', { name: 'Shown' })).toBeFocused();
  await page.keyboard.press('Space');
  await fill(first, 'textbox', 'Words', 'Ask the shop');
  await first.getByRole('button', { name: /^Words: by language/ }).click();
  await fill(first, 'textbox', 'Українська', 'Спитати крамницю');
  await second.getByRole('switch', { name: 'Shown' }).click();
  await choose(second, 'Where', 'web-gateway');
  await expect(second.getByRole('combobox', { name: 'Fault' })).toHaveValue('partition');
  await choose(second, 'Where', 'shop');
  await choose(second, 'Fault', 'step-error');
  await fill(second, 'textbox', 'Code', 'closed');
  await fill(second, 'textbox', 'Words', ' ');
  await expect(second.getByRole('alert')).toHaveText('A button needs words');
  await fill(second, 'textbox', 'Words', 'Close the shop');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect((await documentOf(page)).demo).toEqual({
    primary: { label: 'Ask the shop', labels: { uk: 'Спитати крамницю' }, client: 'web', request: 'ask' },
    break: {
      label: 'Close the shop',
      healLabel: 'Heal Shop',
      fault: { kind: 'step-error', node: 'shop', step: 'work-answer', rate: 1, code: 'closed' },
    },
  });

  const answers = async () =>
    (await logged(page, 'message.sent')).flatMap(({ to, payload }) =>
      to === 'web#0' && payload.kind === 'http.reply' ? [payload.status] : [],
    );
  await expect(send).toHaveText('Ask the shop');
  await send.click();
  await expect.poll(answers).toEqual([200]);
  await expect(broken).toHaveText('Close the shop');
  await broken.click();
  await expect(broken).toHaveText('Heal Shop');
  await send.click();
  await expect.poll(answers).toEqual([200, 500]);

  // A button that means something else is not pressed any more: what it had set goes.
  await broken.click({ button: 'right' });
  await choose(second, 'Fault', 'error-rate');
  await fill(second, 'spinbutton', 'How often', '100');
  await fill(second, 'spinbutton', 'Status', '507');
  await page.keyboard.press('Escape');
  await expect(broken).toHaveText('Close the shop');
  await send.click();
  await expect.poll(answers).toEqual([200, 500, 200]);
  await broken.click();
  await send.click();
  // The gateway passes on what the shop answers by fault.
  await expect.poll(answers).toEqual([200, 500, 200, 507]);

  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'Українська' }).click();
  await expect(send).toHaveText('Спитати крамницю');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('Кнопки панелі');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('switch', { name: 'Показувати' }).first().click();
  await page.keyboard.press('Escape');
  await expect(send).toHaveCount(0);
  await expect(broken).toHaveCount(0);
  expect(heard).toEqual([]);
});

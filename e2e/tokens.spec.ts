import { expect, test } from '@playwright/test';
import { guardedShop } from '../src/hosts/contract/guarded-shop.ts';
import { bothHashes, crashes, events, openRun, reach } from './servarium-page.ts';

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => expect.soft(error.message, 'error on the page').toBe(''));
  page.on('console', (line) => {
    if (line.type() === 'error') expect.soft(line.text(), 'error on the console').toBe('');
  });
});

for (const algorithm of ['EdDSA', 'HS256'] as const) {
  test(`${algorithm} tokens signed in the tab are those of the virtual host, byte for byte @subpath`, async ({
    page,
  }) => {
    const document = guardedShop(algorithm);
    await openRun(page, document, { seed: 3, speed: 'max' });
    await reach(page, 30_000_000);
    const { tab, virtual } = await bothHashes(page, document, 3);
    expect(tab).toEqual(virtual);
    expect(await crashes(page)).toEqual([]);
    const answered = new Set(
      (await events(page)).flatMap((event) =>
        event.type === 'message.sent' && event.source === 'gateway#0' && event.payload.kind === 'http.reply'
          ? [event.operation]
          : [],
      ),
    );
    expect(answered).toEqual(new Set(['200 POST /token', '200 GET /api/order', '403 DELETE /api/order']));
  });
}

import { expect, test, type Page } from '@playwright/test';
import { events, openSite, reach, startRun } from './servarium-page.ts';
import { client, drawn, echo, forward, gateway, service } from './small-documents.ts';

test.use({ viewport: { width: 1440, height: 900 } });

/** What the packet layer says of its picture, once two frames have passed. */
const shown = (page: Page) =>
  page.evaluate(async () => {
    await new Promise<void>((resolve) => void requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
    const layer = document.querySelector<HTMLElement>('[data-testid=packets]');
    const [dots, messages, hidden, aggregated] = ['dots', 'messages', 'hidden', 'aggregated'].map((name) =>
      Number(layer?.dataset[name]),
    ) as [number, number, number, number];
    return { dots, messages, hidden, aggregated };
  });

test('in an aggregated flow the weights of the dots sum to the messages that the log has on the wire', async ({
  page,
}) => {
  const built = {
    web: client('/work', 400),
    gateway: gateway([forward('all', 'prefix', '/', 'shop')]),
    shop: service('shop', [echo('work', '/work')]),
  };
  const document = drawn('dense', built, ['http web gateway', 'http gateway shop']);
  const slow = document.links['web-gateway'];
  if (slow) slow.config.latency = { distribution: { kind: 'constant', ms: 300 }, minUs: 1000 };
  await openSite(page);
  await startRun(page, document, { seed: 1, speed: 2 });
  await reach(page, 900_000);
  await page.evaluate(() => window.servarium.pause());
  const log = await events(page);
  const onTheWire = (t: number) =>
    log.filter((event) => event.type === 'message.sent' && event.t <= t && t < event.arriveAt).length;
  for (const t of [150_000, 500_000, 800_000]) {
    await page.evaluate((t) => window.servarium.seek(t), t);
    const flying = onTheWire(t);
    await expect.poll(async () => (await shown(page)).messages).toBe(flying);
    const { dots, hidden, aggregated } = await shown(page);
    // The client's link is dense, the others are not.
    expect([hidden, aggregated]).toEqual([0, 1]);
    expect(dots).toBeLessThan(flying / 2);
  }
});

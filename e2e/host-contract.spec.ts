import { expect, test, type Page } from '@playwright/test';
import { CONTRACT_CASES, type HostUnderTest } from '../src/hosts/contract/contract-cases.ts';
import { workshop } from '../src/hosts/contract/workshop.ts';
import { now, openRun, reach } from './servarium-page.ts';

/** Virtual time after which everything that was under way has ended, µs. */
const SETTLE_US = 200_000;

/** The tab as a host: real workers, requests by the automation interface, rows as IndexedDB has them. */
function tabHost(page: Page): HostUnderTest {
  return {
    async start(document) {
      await openRun(page, document, { seed: document.seed, speed: 10 });
      await reach(page, SETTLE_US);
    },
    request: (node, request) =>
      page.evaluate(([to, what]) => window.servarium.send(to, what), [node, request] as const),
    async rows(store) {
      await reach(page, (await now(page)) + SETTLE_US);
      return page.evaluate((id) => window.servarium.stored(id), store);
    },
    stop: () => page.evaluate(() => window.servarium.stop()),
  };
}

test('host contract: the tab keeps every promise of the other hosts', async ({ page }) => {
  const host = tabHost(page);
  await host.start(workshop());
  for (const one of CONTRACT_CASES) await test.step(one.name, () => one.run(host, expect));
  await host.stop();
});

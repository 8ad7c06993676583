import { chromium } from '@playwright/test';
import type { Engine } from './engine.ts';

/** Chromium as the other tests drive it. */
export async function openChromium(executablePath: string): Promise<Engine> {
  const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', '--no-first-run'] });
  return {
    deaf: null,
    async open() {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      const heard: string[] = [];
      page.on('console', (line) => {
        if (['error', 'warning'].includes(line.type())) heard.push(`${line.type()}: ${line.text()}`);
      });
      page.on('pageerror', (error) => heard.push(`uncaught: ${error.message}`));
      return {
        goto: async (url) => void (await page.goto(url)),
        reload: async () => void (await page.reload()),
        evaluate: <R>(work: (input?: unknown) => R | Promise<R>, input?: unknown): Promise<R> =>
          page.evaluate(work, input) as Promise<R>,
        click: (selector) => page.locator(selector).first().click(),
        async drag(from, to) {
          await page.mouse.move(from.x, from.y);
          await page.mouse.down();
          await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
          await page.mouse.move(to.x, to.y, { steps: 4 });
          await page.mouse.up();
        },
        picture: () => page.screenshot(),
        heard: () => heard.splice(0),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}

// Pictures of the real thing for the README, in both themes, taken from dist/: npm run shots [-- <folder>]
// Everything in them happened: some orders are sent by hand, and the picture is taken when enough messages are on their way.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findBrowser } from './browser.mjs';
import { anyFreePort } from './free-port.mjs';
import { serve } from './serve.mjs';

const MAX_BYTES = 400_000;
/** µs of virtual time after which the picture may be taken: some orders done, others on their way. */
const MOMENT_US = 6_000_000;
/** Messages on their way in the picture, and how long to wait for so many. */
const DOTS = 12;
const PATIENCE_US = 4_000_000;
const SIZE = { width: 1440, height: 900 };

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folder = process.argv[2] ?? 'docs';
mkdirSync(folder, { recursive: true });

const found = await findBrowser();
if (!found) throw new Error('Failed to take pictures: no Chromium was found (npm test says how to get one)');
const url = await serve({ port: await anyFreePort() });
const browser = await chromium.launch({ executablePath: found.path, args: ['--disable-gpu', '--no-first-run'] });
try {
  for (const theme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: theme, locale: 'en-GB' });
    await page.goto(url);
    await page.waitForFunction(() => window.servarium?.state().status === 'running', null, { timeout: 30_000 });
    await page.evaluate(
      async ({ moment, wanted, patience }) => {
        const api = window.servarium;
        const until = async (isSo) => {
          while (!isSo()) await new Promise((next) => setTimeout(next, 2));
        };
        await api.start({ speed: 'max', play: true });
        await until(() => api.state().now > moment - 600_000);
        await api.setSpeed(0.25);
        await until(() => api.state().now > moment);
        for (let i = 0; i < 3; i++) await api.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
        await api.inject({ kind: 'request', node: 'mobile', requestId: 'browse-products' });
        const last = api.state().now + patience;
        const dots = () => Number(document.querySelector('[data-testid=packets]')?.dataset.dots ?? 0);
        await until(() => dots() >= wanted || api.state().now > last);
        await api.pause();
      },
      { moment: MOMENT_US, wanted: DOTS, patience: PATIENCE_US },
    );
    await page.mouse.move(SIZE.width / 2, SIZE.height - 4);
    await page.waitForTimeout(500);
    const path = `${folder}/screenshot-${theme}.png`;
    await page.screenshot({ path });
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new Error(`Failed to keep ${path} small: ${size} bytes, at most ${MAX_BYTES}`);
    console.log(`${path}: ${(size / 1000).toFixed(0)} kB`);
    await page.close();
  }
} finally {
  await browser.close();
  process.exitCode ??= 0;
}
process.exit();

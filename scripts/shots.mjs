// Pictures of the real thing for the README, in both themes, taken from dist/: npm run shots [-- <folder>]
// The moment is chosen by virtual time and not by the clock, so that two runs show the same messages.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findBrowser } from './browser.mjs';
import { anyFreePort } from './free-port.mjs';
import { serve } from './serve.mjs';

const MAX_BYTES = 400_000;
/** µs of virtual time at which the picture is taken: some orders done, others on their way. */
const MOMENT_US = 6_400_000;
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
    await page.evaluate(async (moment) => {
      const api = window.servarium;
      await api.start({ speed: 'max', play: false });
      await api.play();
      while (api.state().now < moment - 400_000) await new Promise((next) => setTimeout(next, 1));
      await api.pause();
      await api.setSpeed(0.1);
      await api.play();
      const until = Math.max(moment, api.state().now + 500_000);
      while (api.state().now < until) await new Promise((next) => setTimeout(next, 5));
      await api.pause();
    }, MOMENT_US);
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

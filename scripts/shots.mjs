// Pictures of the real thing for the README, in both themes, taken from dist/: npm run shots [-- <folder>]
// A replay: the same inputs at the same virtual time, so that two pictures show the same messages.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findBrowser } from './browser.mjs';
import { anyFreePort } from './free-port.mjs';
import { serve } from './serve.mjs';

const MAX_BYTES = 400_000;
const order = (at, seq, node, requestId) => ({ at, seq, body: { kind: 'request', node, requestId } });
/** Sent by hand while the clients of the drawing go on by themselves. */
const INPUTS = [
  order(6_000_000, 0, 'web', 'create-order'),
  order(6_150_000, 1, 'web', 'create-order'),
  order(6_300_000, 2, 'mobile', 'create-order'),
  order(6_450_000, 3, 'web', 'create-order'),
  order(6_600_000, 4, 'mobile', 'browse-products'),
];
/** µs of virtual time at which the picture is taken: eleven messages on ten links. */
const MOMENT_US = 6_602_000;
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
    await page.waitForFunction(() => window.servarium?.state().status === 'running', null, { timeout: 60_000 });
    await page.evaluate(
      async ({ inputs, moment }) => {
        const api = window.servarium;
        const until = async (t) => {
          while (api.state().now < t) await new Promise((next) => setTimeout(next, 1));
        };
        await api.start({ speed: 2, inputs });
        await until(moment - 300_000);
        // Slow enough that even a busy machine stops at the moment that is meant.
        await api.setSpeed(0.05);
        await until(moment);
        await api.pause();
      },
      { inputs: INPUTS, moment: MOMENT_US },
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

// Cold load to the first moving dot on a slow 4G line and a CPU four times slower, against the first node of a bare app of the same four libraries.
import { resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findBrowser } from '../../scripts/browser.mjs';
import { anyFreePort } from '../../scripts/free-port.mjs';
import { serve } from '../../scripts/serve.mjs';
import { spread, verdict } from '../report.mjs';

const PEER = 'node_modules/.cache/bench/cold-peer';
const ROUNDS = 5;
/** Chromium's "Slow 4G": 1.6 Mbit/s down, 0.75 up, 150 ms there and back. */
const LINE = { offline: false, downloadThroughput: 200_000, uploadThroughput: 93_750, latency: 150 };
const CPU_RATE = 4;

/** In the page, from its first moment: notes when the first node stands and when a dot has moved. */
function watch() {
  const seen = { node: null, dot: null };
  globalThis.firsts = seen;
  let first = null;
  requestAnimationFrame(function look() {
    seen.node ??= document.querySelector('.react-flow__node') ? performance.now() : null;
    const canvas = document.querySelector('[data-testid=packets]');
    if (canvas && Number(canvas.dataset.dots ?? 0) > 0) {
      // Moved = another frame than the first one with a dot, and virtual time has gone on.
      const now = window.servarium.state().now;
      first ??= now;
      if (now > first) seen.dot ??= performance.now();
    }
    requestAnimationFrame(look);
  });
}

/** In the page: when its code was there, when the first node stood and the wanted first came, and what the page itself had loaded by then (workers load their own). */
function stages(wanted) {
  const at = globalThis.firsts[wanted];
  const loaded = performance.getEntriesByType('resource').filter(({ responseEnd }) => responseEnd <= at);
  const code = Math.max(
    ...loaded.filter(({ name }) => /\/main-[^/]*\.js$|\/index-[^/]*\.js$/.test(name)).map((e) => e.responseEnd),
  );
  const bytes = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  return { at, code, node: globalThis.firsts.node, requests: loaded.length, kB: bytes / 1000 };
}

/** The stages of a visit in wall ms from navigation, in a browser profile that knows nothing. */
async function cold(browser, url, wanted) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', LINE);
    await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction((name) => globalThis.firsts[name], wanted, { timeout: 60_000 });
    return await page.evaluate(stages, wanted);
  } finally {
    await context.close();
  }
}

export async function bench() {
  const found = await findBrowser();
  if (!found) return console.log('  not run: no Chromium was found');
  await build({
    configFile: false,
    root: resolve('bench/cold/peer'),
    base: './',
    logLevel: 'error',
    build: { outDir: resolve(PEER), emptyOutDir: true, target: 'es2023' },
  });
  const [site, peer] = [
    await serve({ port: await anyFreePort() }),
    await serve({ port: await anyFreePort(), folder: PEER }),
  ];
  const browser = await chromium.launch({ executablePath: found.path, args: ['--disable-gpu', '--no-first-run'] });
  try {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ ours: await cold(browser, site, 'dot'), peer: await cold(browser, peer, 'node') });
    const column = (of) => rounds.map(of);
    const ms = (of) => spread(column(of), ' ms');
    console.log(`  first moving dot ${ms((r) => r.ours.at)}, bare app's first node ${ms((r) => r.peer.at)}`);
    for (const who of ['ours', 'peer']) {
      const { requests, kB } = rounds[0][who];
      const loaded = `${requests} requests of the page, ${kB.toFixed(0)} kB`;
      console.log(
        `    ${who}: its code there ${ms((r) => r[who].code)}, first node ${ms((r) => r[who].node)}; ${loaded}`,
      );
    }
    const ratios = column((r) => r.ours.at / r.peer.at);
    console.log(verdict({ figure: 'cold load against the bare app', ratios, goal: 1.25, floor: 1.5, higher: false }));
  } finally {
    await browser.close();
  }
}

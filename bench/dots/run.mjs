// Dots of the real packet layer at a steady 60 frames/s, on 150 nodes while one is dragged, against a bare loop that draws arcs on an equal canvas.
import { chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { anyFreePort } from '../../scripts/free-port.mjs';
import { serve } from '../../scripts/serve.mjs';
import { median, spread, verdict } from '../report.mjs';
import { dotsDocument, STEADY_US } from './document.mjs';

const RUNGS = [500, 1000, 2000, 3000, 5000, 7500];
const PEER_RUNGS = [500, 1000, 2000, 3000, 5000, 7500, 10_000, 15_000];
const ROUNDS = 3;
const SLICE_MS = 2000;
const SIZE = { width: 1440, height: 900 };

/** In the page: intervals between frames for so long, and the main thread's ms per frame that animation callbacks take. */
async function frames(ms) {
  const times = [];
  const cost = globalThis.frameCost;
  cost.ms = 0;
  await new Promise((done) => {
    const begun = performance.now();
    requestAnimationFrame(function next(now) {
      times.push(now);
      if (now - begun < ms) requestAnimationFrame(next);
      else done();
    });
  });
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  gaps.sort((a, b) => a - b);
  const dots = Number(document.querySelector('[data-testid=packets]')?.dataset.dots ?? globalThis.arcs ?? 0);
  return {
    fps: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
    p95: gaps[Math.floor(gaps.length * 0.95)],
    jsMs: cost.ms / gaps.length,
    dots,
  };
}
/** Before the page's own scripts: adds up what animation callbacks cost. */
function meter() {
  globalThis.frameCost = { ms: 0 };
  const original = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (callback) =>
    original((now) => {
      const begun = performance.now();
      callback(now);
      globalThis.frameCost.ms += performance.now() - begun;
    });
}
const isSteady = ({ fps, p95 }) => fps >= 58 && p95 <= 18;

async function oursAt(page, count) {
  await page.evaluate(
    async ({ document, until }) => {
      const api = window.servarium;
      const loaded = await api.load(document);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
      await api.start({ speed: 'max', play: true });
      while (api.state().now < until) await new Promise((next) => setTimeout(next, 20));
      await api.setSpeed(0.25);
    },
    { document: dotsDocument(count), until: STEADY_US },
  );
  await page.keyboard.press('Shift+Digit1');
  await page.waitForTimeout(500);
  const node = page.locator('.react-flow__node').first();
  const box = await node.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  let isDragging = true;
  const drag = (async () => {
    for (let i = 0; isDragging; i++) {
      await page.mouse.move(x + 4 * Math.sin(i / 5), y + 4 * Math.cos(i / 5));
      await page.waitForTimeout(16);
    }
  })();
  const measured = await page.evaluate(frames, SLICE_MS);
  isDragging = false;
  await drag;
  await page.mouse.up();
  return measured;
}

/** The peer's page: one full canvas, arcs in one path, positions computed anew in each frame. */
async function peerAt(page, count) {
  await page.setContent('<body style="margin:0"><canvas></canvas></body>');
  await page.evaluate(
    ({ count, size }) => {
      const canvas = document.querySelector('canvas');
      Object.assign(canvas, size);
      const context = canvas.getContext('2d');
      globalThis.arcs = count;
      requestAnimationFrame(function draw(now) {
        context.clearRect(0, 0, size.width, size.height);
        context.beginPath();
        for (let i = 0; i < count; i++) {
          const x = (i * 37 + now * 0.05) % size.width;
          const y = (i * 61) % size.height;
          context.moveTo(x + 4.6, y);
          context.arc(x, y, 4.6, 0, Math.PI * 2);
        }
        context.fillStyle = '#24292f';
        context.fill();
        if (canvas.isConnected) requestAnimationFrame(draw);
      });
    },
    { count, size: SIZE },
  );
  return page.evaluate(frames, SLICE_MS);
}

/** The highest steady rung, and what a dot cost there. */
async function climb(rungs, at) {
  let best = { dots: 0, jsMs: 0 };
  for (const count of rungs) {
    const measured = await at(count);
    if (!isSteady(measured)) {
      console.log(`    ${count}: ${measured.fps.toFixed(1)} fps, p95 ${measured.p95.toFixed(1)} ms: not steady`);
      break;
    }
    best = measured;
  }
  return best;
}

export async function bench() {
  const found = await findBrowser();
  if (!found) return console.log('  not run: no Chromium was found');
  const url = await serve({ port: await anyFreePort() });
  const browser = await chromium.launch({ executablePath: found.path, args: ['--disable-gpu', '--no-first-run'] });
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.addInitScript(meter);
    await page.goto(url);
    await page.waitForFunction(() => window.servarium !== undefined, null, { timeout: 30_000 });
    const peer = await browser.newPage({ viewport: SIZE });
    await peer.addInitScript(meter);
    await peer.goto('about:blank');
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      await page.bringToFront();
      const ours = await climb(RUNGS, (count) => oursAt(page, count));
      await page.evaluate(() => window.servarium.stop());
      await peer.bringToFront();
      rounds.push({ ours, peer: await climb(PEER_RUNGS, (count) => peerAt(peer, count)) });
    }
    const column = (of) => rounds.map(of);
    console.log(
      `  dots at a steady 60/s: ours ${spread(column((r) => r.ours.dots))}, bare arcs ${spread(column((r) => r.peer.dots))}`,
    );
    console.log(
      `  animation callbacks per frame at that height: ours ${median(column((r) => r.ours.jsMs)).toFixed(2)} ms, bare ${median(column((r) => r.peer.jsMs)).toFixed(2)} ms`,
    );
    if (rounds.every((r) => r.peer.dots > 0)) {
      const ratios = column((r) => r.ours.dots / r.peer.dots);
      console.log(verdict({ figure: 'dots against a bare canvas loop', ratios, goal: 0.8, floor: 0.5 }));
    } else console.log('  no ratio: the machine was too busy for 60 frames/s even with 500 bare arcs');
  } finally {
    await browser.close();
  }
}

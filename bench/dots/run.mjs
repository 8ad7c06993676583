// Dots of the real packet layer at a steady 60 frames/s, on 150 nodes while one is dragged, against a bare loop that draws arcs on an equal canvas.
import { chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { anyFreePort } from '../../scripts/free-port.mjs';
import { serve } from '../../scripts/serve.mjs';
import { median, spread, verdict } from '../report.mjs';
import { dotsDocument, MOST_DOTS, reachedUs } from './document.mjs';

const RUNGS = [500, 1000, 2000, 3000, 5000, 7500, 10_000, 15_000].filter((count) => count <= MOST_DOTS);
/** At this many dots the cost of a frame is compared, whatever the machine can hold steady. */
const COMPARED = 2000;
const ROUNDS = 3;
const SLICE_MS = 1200;
/** Wall ms within which the run has to reach the next rung. */
const FILL_MS = 60_000;
const SIZE = { width: 1440, height: 900 };

/** In the page: intervals between frames for so long, and the ms of the main thread that the animation callbacks of the middle frame take. */
async function frames(ms) {
  const times = [];
  const costs = (globalThis.frameCosts = []);
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
  costs.sort((a, b) => a - b);
  const dots = Number(document.querySelector('[data-testid=packets]')?.dataset.dots ?? globalThis.arcs ?? 0);
  return {
    fps: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
    p95: gaps[Math.floor(gaps.length * 0.95)],
    jsMs: costs[costs.length >> 1] ?? 0,
    dots,
  };
}
/** Before the page's own scripts: notes what the animation callbacks of each frame cost together. */
function meter() {
  globalThis.frameCosts = [];
  const original = globalThis.requestAnimationFrame.bind(globalThis);
  let frame = -1;
  globalThis.requestAnimationFrame = (callback) =>
    original((now) => {
      const begun = performance.now();
      callback(now);
      const { frameCosts } = globalThis;
      if (now !== frame || frameCosts.length === 0) frameCosts.push(0);
      frame = now;
      frameCosts[frameCosts.length - 1] += performance.now() - begun;
    });
}
const isSteady = ({ fps, p95 }) => fps >= 58 && p95 <= 18;

/** Starts the run; its rungs come with time. */
async function begin(page) {
  await page.evaluate(async (document) => {
    const api = window.servarium;
    const loaded = await api.load(document);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    await api.start({ speed: 10, play: true });
  }, dotsDocument());
  await page.keyboard.press('Shift+Digit1');
}

/** Lets the run go on until so many messages are on the way, then stand still. False when it did not get there in time. */
async function reach(page, count) {
  return page.evaluate(
    async ({ until, ms }) => {
      const api = window.servarium;
      const begun = performance.now();
      await api.setSpeed(10);
      await api.play();
      while (api.state().now < until && performance.now() - begun < ms) await new Promise(requestAnimationFrame);
      await api.pause();
      return api.state().now >= until;
    },
    { until: reachedUs(count), ms: FILL_MS },
  );
}

/** Measures while the messages on the way move slowly and a node is dragged. */
async function oursAt(page) {
  await page.evaluate(async () => {
    await window.servarium.setSpeed(0.1);
    await window.servarium.play();
  });
  await page.waitForTimeout(300);
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
  await page.evaluate(() => window.servarium.pause());
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

/** One side of one round: its highest steady rung so far, and what a frame with `COMPARED` dots costs. */
const fresh = () => ({ best: 0, isHolding: true, jsMs: 0, dots: 0 });
function note(side, count, measured) {
  if (count === COMPARED) Object.assign(side, { jsMs: measured.jsMs, dots: measured.dots });
  side.isHolding &&= isSteady(measured);
  if (side.isHolding) side.best = measured.dots;
}
const isDone = (side, count) => !side.isHolding && count !== COMPARED;

/** Rung after rung in one run, all rounds of a rung one after the other, both sides in turn. */
async function climb(page, peer) {
  const rounds = Array.from({ length: ROUNDS }, () => ({ ours: fresh(), peer: fresh() }));
  for (const count of RUNGS) {
    const isOurs = !rounds.every(({ ours }) => isDone(ours, count));
    await page.bringToFront();
    if (isOurs && !(await reach(page, count))) {
      console.log(
        `  not run: ${count} messages were not on the way after ${FILL_MS / 1000} s: the machine is too busy`,
      );
      return null;
    }
    for (const round of rounds) {
      if (!isDone(round.ours, count)) {
        await page.bringToFront();
        note(round.ours, count, await oursAt(page));
      }
      if (isDone(round.peer, count)) continue;
      await peer.bringToFront();
      note(round.peer, count, await peerAt(peer, count));
    }
  }
  return rounds;
}

function report(rounds) {
  const column = (of) => rounds.map(of);
  const cost = (who) => `${median(column((r) => (r[who].jsMs * 1000) / r[who].dots)).toFixed(2)} ms`;
  const counts = `${median(column((r) => r.ours.dots)).toFixed(0)} and ${COMPARED}`;
  console.log(
    `  animation callbacks of the middle frame, per 1,000 dots: ours ${cost('ours')}, bare ${cost('peer')} (with ${counts})`,
  );
  console.log(
    `  dots at a steady 60/s: ours ${spread(column((r) => r.ours.best))}, bare arcs ${spread(column((r) => r.peer.best))}`,
  );
  if (rounds.every((r) => r.peer.best > 0)) {
    const ratios = column((r) => r.ours.best / r.peer.best);
    console.log(verdict({ figure: 'dots against a bare canvas loop', ratios, goal: 0.8, floor: 0.5 }));
  } else console.log('  no ratio: the machine was too busy for 60 frames/s even with 500 bare arcs');
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
    await begin(page);
    const rounds = await climb(page, peer);
    if (rounds !== null) report(rounds);
  } finally {
    await browser.close();
  }
}

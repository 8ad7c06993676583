// Dots of the real packet layer at a steady 60 frames/s, on 150 nodes while one is dragged. The peer: a bare loop that draws as many
// arcs on a canvas of the same size, in the same page, over the same drawing, while the same node is dragged.
import { chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { anyFreePort } from '../../scripts/free-port.mjs';
import { serve } from '../../scripts/serve.mjs';
import { cpuOfTree, median, spread, verdict } from '../report.mjs';
import { dotsDocument, MOST_DOTS, reachedUs } from './document.mjs';

const RUNGS = [500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6500, 8000, 10_000].filter((count) => count <= MOST_DOTS);
/** Rungs that both sides draw whether they hold 60 frames/s or not: the cost of a dot is the difference between them. */
const COMPARED = [500, 4000];
const ROUNDS = 3;
const SLICE_MS = 1000;
/** Wall ms within which the run has to reach the next rung. */
const FILL_MS = 60_000;
const SIZE = { width: 1440, height: 900 };
const LAYER = '[data-testid=packets]';

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
  return {
    frames: times.length,
    fps: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
    p95: gaps[Math.floor(gaps.length * 0.95)],
    jsMs: costs[costs.length >> 1] ?? 0,
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

/** Frames of a slice while a node is dragged in circles, with the CPU time that the whole browser spends on each. */
async function draggedFrames(page, pid) {
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
  const before = await cpuOfTree(pid);
  const measured = await page.evaluate(frames, SLICE_MS);
  const after = await cpuOfTree(pid);
  isDragging = false;
  await drag;
  await page.mouse.up();
  return { ...measured, cpuMs: before === null ? null : (after - before) / measured.frames };
}

/** Measures while the messages on the way move slowly. */
async function oursAt(page, pid) {
  await page.evaluate(async () => {
    await window.servarium.setSpeed(0.1);
    await window.servarium.play();
  });
  await page.waitForTimeout(200);
  const measured = await draggedFrames(page, pid);
  const dots = await page.evaluate((layer) => Number(document.querySelector(layer).dataset.dots), LAYER);
  await page.evaluate(() => window.servarium.pause());
  return { ...measured, dots };
}

/** In the page: while t = 0 is shown, when nothing was on the way, a canvas of the layer's size draws arcs in one path, positions anew in each frame. */
async function showPeer({ count, layer }) {
  await window.servarium.seek(0);
  const ours = document.querySelector(layer);
  const canvas = ours.cloneNode();
  canvas.removeAttribute('data-testid');
  ours.before(canvas);
  const context = canvas.getContext('2d');
  const { width, height } = canvas;
  requestAnimationFrame(function draw(now) {
    context.clearRect(0, 0, width, height);
    context.beginPath();
    for (let i = 0; i < count; i++) {
      const x = (i * 37 + now * 0.05) % width;
      const y = (i * 61) % height;
      context.moveTo(x + 4.6, y);
      context.arc(x, y, 4.6, 0, Math.PI * 2);
    }
    context.fillStyle = '#24292f';
    context.fill();
    if (canvas.isConnected) requestAnimationFrame(draw);
  });
  globalThis.endPeer = async () => {
    canvas.remove();
    await window.servarium.seek(null);
  };
}
async function peerAt(page, pid, count) {
  await page.evaluate(showPeer, { count, layer: LAYER });
  await page.waitForTimeout(200);
  const measured = await draggedFrames(page, pid);
  await page.evaluate(() => globalThis.endPeer());
  return { ...measured, dots: count };
}

/** One side of one round: its highest steady rung so far, and what it measured at the compared ones. */
const fresh = () => ({ best: 0, isHolding: true, at: new Map() });
function note(side, count, measured) {
  if (COMPARED.includes(count)) side.at.set(count, measured);
  side.isHolding &&= isSteady(measured);
  if (side.isHolding) side.best = measured.dots;
}
const isDone = (side, count) => !side.isHolding && !COMPARED.includes(count);

/** Rung after rung in one run, all rounds of a rung one after the other, both sides in turn. */
async function climb(page, pid) {
  const rounds = Array.from({ length: ROUNDS }, () => ({ ours: fresh(), peer: fresh() }));
  for (const count of RUNGS) {
    const isOurs = !rounds.every(({ ours }) => isDone(ours, count));
    if (isOurs && !(await reach(page, count))) {
      console.log(
        `  not run: ${count} messages were not on the way after ${FILL_MS / 1000} s: the machine is too busy`,
      );
      return null;
    }
    for (const round of rounds) {
      if (!isDone(round.ours, count)) note(round.ours, count, await oursAt(page, pid));
      if (!isDone(round.peer, count)) note(round.peer, count, await peerAt(page, pid, count));
    }
  }
  return rounds;
}

/** What 1,000 dots more cost in a frame: the difference between the compared rungs, each the median of its rounds, so that everything else in the page cancels out. */
function perThousand(sides, of) {
  const at = (count, what) => median(sides.map((side) => what(side.at.get(count))));
  const [few, many] = COMPARED;
  const dots = (frame) => frame.dots;
  return ((at(many, of) - at(few, of)) / (at(many, dots) - at(few, dots))) * 1000;
}

function report(rounds) {
  const [ours, peer] = [rounds.map((r) => r.ours), rounds.map((r) => r.peer)];
  const costs = (of) => [perThousand(ours, of), perThousand(peer, of)];
  const said = ([mine, bare]) => `ours ${mine.toFixed(2)} ms, bare arcs ${bare.toFixed(2)} ms`;
  const best = (side) => side.best;
  console.log(`  1,000 dots more in a frame, animation callbacks: ${said(costs((frame) => frame.jsMs))}`);
  console.log(`  dots at a steady 60/s: ours ${spread(ours.map(best))}, bare arcs ${spread(peer.map(best))}`);
  const limits = { goal: 0.8, floor: 0.5 };
  if (peer.every((side) => side.best > 0)) {
    const ratios = rounds.map((r) => r.ours.best / r.peer.best);
    console.log(verdict({ figure: 'dots at a steady 60/s against a bare canvas loop', ratios, ...limits }));
  } else console.log(`  too busy for 60 frames/s even with ${RUNGS[0]} bare arcs: only the CPU time can be compared`);
  if (ours.some((side) => side.at.get(COMPARED[0]).cpuMs === null)) return;
  const cpu = costs((frame) => frame.cpuMs);
  console.log(`  1,000 dots more in a frame, CPU of the whole browser: ${said(cpu)}`);
  if (Math.min(...cpu) <= 0) return console.log('  no ratio of CPU time: other processes hide the difference');
  console.log(
    verdict({ figure: 'dots for the same CPU time, against bare arcs', ratios: [cpu[1] / cpu[0]], ...limits }),
  );
}

export async function bench() {
  const found = await findBrowser();
  if (!found) return console.log('  not run: no Chromium was found');
  const url = await serve({ port: await anyFreePort() });
  const browser = await chromium.launchServer({
    executablePath: found.path,
    args: ['--disable-gpu', '--no-first-run'],
  });
  try {
    const client = await chromium.connect(browser.wsEndpoint());
    const page = await client.newPage({ viewport: SIZE });
    await page.addInitScript(meter);
    await page.goto(url);
    await page.waitForFunction(() => window.servarium !== undefined, null, { timeout: 30_000 });
    await begin(page);
    const rounds = await climb(page, browser.process().pid);
    if (rounds !== null) report(rounds);
    await client.close();
  } finally {
    await browser.close();
  }
}

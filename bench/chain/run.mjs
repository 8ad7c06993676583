// Three simulated hops in the tab, real workers and the whole log on, against three Fastify processes with keep-alive. Interleaved rounds.
import { chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { anyFreePort } from '../../scripts/free-port.mjs';
import { serve } from '../../scripts/serve.mjs';
import { cpuOfTree, median, spread, verdict } from '../report.mjs';
import { chainDocument } from './document.mjs';
import { startPeer } from './peer.mjs';

const ROUNDS = 7;
const SLICE_MS = 3000;
/** Requests of one virtual second. An open loop: how many are answered in a wall second is what we want to know. */
const DENSE = 20_000;
/** One request is over after 6 ms of network: with 8 ms between two of them there is never more than one. */
const ALONE = 125;
const PEER_IN_FLIGHT = { dense: 32, alone: 1 };

/** Runs in the page: loads a document, lets it go at full speed, and says how far virtual time came in a slice of wall time. */
async function slice({ document, ms }) {
  const api = globalThis.window.servarium;
  const loaded = await api.load(document);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  await api.start({ speed: 'max', play: false });
  await api.play();
  // The first moments belong to starting workers and compiling.
  await new Promise((next) => setTimeout(next, 700));
  const before = { ...api.state(), at: performance.now() };
  await new Promise((next) => setTimeout(next, ms));
  const after = { ...api.state(), at: performance.now() };
  await api.pause();
  await api.stop();
  return {
    virtualS: (after.now - before.now) / 1e6,
    wallS: (after.at - before.at) / 1000,
    events: after.events - before.events,
  };
}

async function ours(page, pid, perSecond) {
  const cpuBefore = await cpuOfTree(pid);
  const { virtualS, wallS, events } = await page.evaluate(slice, { document: chainDocument(perSecond), ms: SLICE_MS });
  const cpuAfter = await cpuOfTree(pid);
  const requests = virtualS * perSecond;
  // CPU of all processes of the browser, start of the run and drawing included, over the requests of the slice and its warm-up.
  const share = SLICE_MS / (SLICE_MS + 700);
  const cpuUs = cpuBefore === null ? null : ((cpuAfter - cpuBefore) * share * 1000) / requests;
  return { perSecond: requests / wallS, eventsPerS: events / wallS, cpuUs };
}

function report(name, rounds, goal, floor) {
  const column = (of) => rounds.map(of);
  console.log(
    `  ${name}: ours ${spread(column((r) => r.ours.perSecond))} requests/s, peer ${spread(column((r) => r.peer.perSecond))}`,
  );
  console.log(`    log events/s: ${spread(column((r) => r.ours.eventsPerS))}`);
  const ratios = column((r) => r.ours.perSecond / r.peer.perSecond);
  console.log(verdict({ figure: `${name}, requests/s against Fastify`, ratios, goal, floor }));
}

export async function bench() {
  const found = await findBrowser();
  if (!found) return console.log('  not run: no Chromium was found');
  const url = await serve({ port: await anyFreePort() });
  const browser = await chromium.launchServer({
    executablePath: found.path,
    args: ['--disable-gpu', '--no-first-run'],
  });
  const peer = await startPeer();
  try {
    const client = await chromium.connect(browser.wsEndpoint());
    const page = await client.newPage();
    await page.goto(url);
    await page.waitForFunction(() => window.servarium !== undefined, null, { timeout: 30_000 });
    const pid = browser.process().pid;
    const rounds = { dense: [], alone: [] };
    await peer.drive(PEER_IN_FLIGHT.dense, 1000);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, perSecond] of [
        ['dense', DENSE],
        ['alone', ALONE],
      ]) {
        rounds[name].push({
          ours: await ours(page, pid, perSecond),
          peer: await peer.drive(PEER_IN_FLIGHT[name], SLICE_MS),
        });
      }
    }
    report('dense', rounds.dense, 3, 2);
    const cpu = rounds.dense.filter((r) => r.ours.cpuUs !== null);
    if (cpu.length > 0) {
      const us = (of) => `${median(cpu.map(of)).toFixed(0)} us`;
      console.log(
        `    CPU per request: ours ${us((r) => r.ours.cpuUs)} (the whole browser), peer ${us((r) => r.peer.cpuUs)} (without its driver)`,
      );
      const ratios = cpu.map((r) => r.ours.cpuUs / r.peer.cpuUs);
      console.log(verdict({ figure: 'CPU per request against Fastify', ratios, goal: 0.5, floor: 0.6, higher: false }));
    }
    report('one at a time', rounds.alone, 1.5, 1);
    await client.close();
  } finally {
    peer.stop();
    await browser.close();
  }
}

// Events per second of CPU on the virtual host, with everything on: contents, traces, canonical log, sha256. The peer does none of it.
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'vite';
import { spread, verdict } from '../report.mjs';

const OUT = 'node_modules/.cache/bench';
const ROUNDS = 7;
const SECONDS = 60;

/** Bundles the entry, because Node does not read the project's TypeScript by itself. */
export async function bundled(entry, name) {
  mkdirSync(OUT, { recursive: true });
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir: OUT,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { format: 'es', entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  return import(pathToFileURL(resolve(OUT, `${name}.mjs`)).href);
}

export async function bench() {
  const { simulate, closures } = await bundled('bench/virtual/entry.mjs', 'virtual');
  for (let i = 0; i < 15; i++) simulate(SECONDS);
  closures(2e6, 40);
  const [ours, peers, ratios, ms] = [[], [], [], []];
  const hashes = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    const run = simulate(SECONDS);
    const peer = closures(2e6, 40);
    hashes.add(run.sha256);
    ms.push(run.ms);
    ours.push(run.events / (run.ms / 1000));
    peers.push(peer.events / (peer.ms / 1000));
    ratios.push(ours.at(-1) / peers.at(-1));
  }
  console.log(
    `  order saga, ${SECONDS} virtual seconds: ${spread(ms, ' ms')} of CPU, ${hashes.size} hash in ${ROUNDS} rounds`,
  );
  console.log(`  per second of CPU: log events ${spread(ours)}, bare closures ${spread(peers)}`);
  console.log(verdict({ figure: 'events/s against a bare closure heap', ratios, goal: 0.2, floor: 0.15 }));
}

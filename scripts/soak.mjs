// npm run soak -- --seeds 1000000 --from 1: the calls system under its own mixture of faults for each seed, on all cores, until a seed fails.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100000' }, from: { type: 'string', default: '1' } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isSafeInteger(seeds) || !Number.isSafeInteger(from) || seeds < 1 || from < 0) {
  console.error('Failed to start: --seeds and --from are whole numbers (--seeds 100000 --from 1)');
  process.exit(2);
}

const OUT = 'node_modules/.cache/proof';
await build({
  configFile: false,
  publicDir: false,
  logLevel: 'error',
  ssr: { noExternal: true },
  build: {
    ssr: 'tests/proof/soak.entry.mjs',
    outDir: OUT,
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { format: 'es', entryFileNames: 'soak.mjs', codeSplitting: false } },
  },
});

const cores = availableParallelism();
const begun = Date.now();
const total = { runs: 0, events: 0 };
let shown = 0;
const found = [];
const report = () => {
  const seconds = (Date.now() - begun) / 1000;
  const rate = (n) => Math.round(n / seconds).toLocaleString('en');
  console.log(
    `${total.runs} seeds, ${seconds.toFixed(0)} s, ${rate(total.runs)} seeds/s, ${rate(total.events)} events/s`,
  );
};
await Promise.all(
  Array.from({ length: cores }, (_, core) => {
    const workerData = { from: from + core, seeds: seeds - core, step: cores, slice: 100 };
    const worker = new Worker(resolve(OUT, 'soak.mjs'), { workerData });
    worker.on('message', (part) => {
      total.runs += part.runs;
      total.events += part.events;
      found.push(...part.found);
      if (part.found.length > 0) console.log(`seed ${part.found[0].seed}: ${part.found[0].problems.join('\n  ')}`);
      if (total.runs - shown < 10_000) return;
      shown = total.runs;
      report();
    });
    return new Promise((done, fail) => worker.on('exit', done).on('error', fail));
  }),
);
report();
for (const { seed } of found)
  console.log(`FAILED seed ${seed}: SEED=${seed} npx vitest run src/hosts/virtual/calls-odd repeats it`);
process.exit(found.length === 0 ? 0 : 1);

// npm run bench [-- virtual chain dots cold]: how fast it is against a peer in the same run. Prints, never fails on a figure.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const BENCHES = {
  virtual: () => import('./virtual/run.mjs'),
  chain: () => import('./chain/run.mjs'),
  dots: () => import('./dots/run.mjs'),
  cold: () => import('./cold/run.mjs'),
};
const NEEDS_SITE = new Set(['chain', 'dots', 'cold']);

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const names = wanted.length > 0 ? wanted : Object.keys(BENCHES);
console.log(`${cpus().length} cores, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
for (const name of names) {
  if (!BENCHES[name]) {
    console.error(`bench: Failed to find the benchmark "${name}": there are ${Object.keys(BENCHES).join(', ')}`);
    process.exit(1);
  }
  console.log(`\n== ${name}`);
  if (NEEDS_SITE.has(name) && !existsSync('dist/index.html')) {
    console.log('  not run: dist/index.html is missing (npm run build)');
    continue;
  }
  const { bench } = await BENCHES[name]();
  await bench();
}
process.exit();

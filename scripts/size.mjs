// npm run size: the site's weight against its budgets, in gzipped kB.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const FIRST_LOAD_MAX_KB = 220;
const WORKERS_MAX_KB = 120;
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

if (!existsSync(join(DIST, 'index.html'))) {
  console.error('size: Failed to find dist/index.html: run `npm run build` first.');
  process.exit(1);
}

const kbOf = (path) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length / 1024;

/** All files that a script loads before it runs: itself and its static imports, theirs too. */
function withStaticImports(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  const source = readFileSync(join(DIST, path), 'utf8');
  // Only `from"./x.js"` and `import"./x.js"`: a dynamic import has a parenthesis before the quote.
  for (const [, specifier] of source.matchAll(/\b(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g)) {
    const file = join(dirname(path), specifier);
    if (existsSync(join(DIST, file))) withStaticImports(file, found);
  }
  return found;
}

/** Scripts, preloads and style sheets that index.html names. */
function firstLoad() {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const found = new Set();
  for (const [, path] of html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)) {
    if (path.endsWith('.css')) found.add(path);
    else withStaticImports(path, found);
  }
  return found;
}

function workers() {
  const found = new Set();
  for (const name of readdirSync(join(DIST, 'assets'))) {
    if (/\.worker-.*\.js$/.test(name)) withStaticImports(`assets/${name}`, found);
  }
  return found;
}

function isWithin(label, files, maxKb) {
  let sumKb = 0;
  for (const path of [...files].sort((a, b) => a.localeCompare(b))) {
    const kb = kbOf(path);
    sumKb += kb;
    console.log(`size: ${kb.toFixed(1).padStart(7)} kB  ${path}`);
  }
  const isOk = sumKb <= maxKb;
  console.log(`size: ${sumKb.toFixed(1).padStart(7)} kB  ${label}, budget ${maxKb} kB: ${isOk ? 'ok' : 'TOO BIG'}`);
  return isOk;
}

const page = firstLoad();
if (page.size === 0) {
  console.error('size: Failed to measure the page: index.html names no script.');
  process.exit(1);
}
const results = [isWithin('first load', page, FIRST_LOAD_MAX_KB), isWithin('all workers', workers(), WORKERS_MAX_KB)];
process.exit(results.every(Boolean) ? 0 : 1);

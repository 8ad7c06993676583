// npm start: from a fresh clone to the running site. Installs and builds only what is missing or out of date.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';
import { freePortFrom } from './free-port.mjs';
import { serve } from './serve.mjs';

const SOURCES = ['src', 'workers', 'public', 'vite', 'index.html', 'package-lock.json', 'scripts/build.mjs'];
/** What the build writes last: if it is there, the build was completed. */
const LAST_BUILT = 'dist/cli/servarium.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function isBuilt() {
  if (!existsSync(LAST_BUILT) || !existsSync('dist/index.html')) return false;
  const configs = readdirSync('.').filter((name) => /^vite\..*config\.ts$|^vite\.config\.ts$/.test(name));
  return Math.max(...[...SOURCES, ...configs].map(newestMs)) <= statSync(LAST_BUILT).mtimeMs;
}

ensureInstalled();
if (!isBuilt()) {
  console.log('start: building the site');
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], {
    stdio: 'inherit',
    env: { ...process.env, BUILD_LOG: process.env.BUILD_LOG ?? 'warn' },
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
const port = await freePortFrom(Number(process.env.PORT ?? 4173));
console.log(`Servarium is at ${await serve({ port })} (Ctrl+C ends it)`);

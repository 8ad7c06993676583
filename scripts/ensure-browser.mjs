// After this script exits 0, a Chromium that runs is recorded in node_modules/.cache/browser.json.
// SKIP_BROWSER_INSTALL=1 forbids installing one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BROWSER_FILE, findTestBrowser } from './browser.mjs';

const PLAYWRIGHT = fileURLToPath(new URL('../node_modules/@playwright/test/cli.js', import.meta.url));

function succeeds(command, args, timeout) {
  console.log(`browser: $ ${command} ${args.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' };
  return spawnSync(command, args, { stdio: 'inherit', timeout, killSignal: 'SIGKILL', env }).status === 0;
}
const quiet = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

async function install() {
  const isRoot = process.getuid?.() === 0;
  const isAdmin = isRoot || quiet('sudo', ['-n', 'true']);
  // Playwright's own build first, and without --with-deps: offline it fails in seconds instead of after a long apt run.
  if (succeeds(process.execPath, [PLAYWRIGHT, 'install', 'chromium'], 300_000)) {
    const hit = await findTestBrowser();
    if (hit) return hit;
    // Downloaded, but it does not start: system libraries are missing.
    if (isAdmin && succeeds(process.execPath, [PLAYWRIGHT, 'install-deps', 'chromium'], 300_000)) {
      const repaired = await findTestBrowser();
      if (repaired) return repaired;
    }
  }
  if (process.platform !== 'linux' || !isAdmin || !quiet('apt-get', ['--version'])) return null;
  const apt = (args, timeout) =>
    isRoot ? succeeds('apt-get', args, timeout) : succeeds('sudo', ['-n', 'apt-get', ...args], timeout);
  apt(['-o', 'Acquire::Retries=3', 'update'], 180_000);
  for (const name of ['chromium', 'chromium-browser']) {
    if (apt(['install', '-y', '--no-install-recommends', name, 'fonts-liberation'], 420_000)) break;
  }
  // Not every archive has it; the tests take less time with it and are the same without.
  apt(['install', '-y', '--no-install-recommends', 'chromium-headless-shell'], 180_000);
  return findTestBrowser();
}

const tried = [];
let hit = await findTestBrowser(tried);
if (!hit && process.env.SKIP_BROWSER_INSTALL !== '1') hit = await install();
if (!hit) {
  for (const line of tried) console.error(`browser: ${line}`);
  console.error('browser: Failed to find a Chromium that runs: none on PATH and none could be installed.');
  console.error('browser: set CHROMIUM_PATH, or run: npx playwright install --with-deps chromium');
  process.exit(1);
}
mkdirSync(dirname(BROWSER_FILE), { recursive: true });
writeFileSync(BROWSER_FILE, JSON.stringify(hit));
console.log(`browser: ${hit.path} (${hit.version})`);

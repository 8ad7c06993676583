// Finds a Chromium that Playwright can drive. A pure lookup: it installs nothing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where ensure-browser.mjs leaves its finding for playwright.config.ts. */
export const BROWSER_FILE = fileURLToPath(new URL('../node_modules/.cache/browser.json', import.meta.url));

const VARIABLES = ['CHROMIUM_PATH', 'PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH', 'CHROME_BIN', 'PUPPETEER_EXECUTABLE_PATH'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];
/** Chromium without a window of any kind, a package of its own in Debian. */
const WINDOWLESS = ['chromium-headless-shell'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe',
];

/** A browser counts if it starts: Ubuntu's /usr/bin/chromium-browser may be a stub that only says "install the snap". */
function probe(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return null;
  }
  const run = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return run.status === 0 && /\d+\.\d+\.\d+/.test(run.stdout) ? { path, version: run.stdout.trim() } : null;
}

async function playwrightsOwn() {
  try {
    const { chromium } = await import('playwright-core');
    return [chromium.executablePath()];
  } catch {
    return [];
  }
}

const onPath = () => [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...FOLDERS];
const named = () => VARIABLES.filter((name) => process.env[name]);

/** What the end-to-end tests drive: the browser that a variable names, else Chromium's headless shell (a third less work per page), else what findBrowser finds. */
export async function findTestBrowser(tried = []) {
  const shells = named().length > 0 ? [] : WINDOWLESS.flatMap((name) => onPath().map((folder) => join(folder, name)));
  for (const path of shells) {
    const hit = existsSync(path) ? probe(path) : null;
    if (hit) return { ...hit, source: 'system' };
  }
  return findBrowser(tried);
}

/** Returns {path, version, source} or null; `tried` collects one line per candidate for the error message. */
export async function findBrowser(tried = []) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = [
    ...named().map((name) => [name, process.env[name]]),
    ...(await playwrightsOwn()).map((path) => ['playwright', path]),
    ...NAMES.flatMap((name) => onPath().map((folder) => ['system', join(folder, name + suffix)])),
    ...ELSEWHERE.map((path) => ['system', path]),
  ];
  const seen = new Set();
  for (const [source, path] of candidates) {
    if (seen.has(path)) continue;
    seen.add(path);
    const isThere = existsSync(path);
    const hit = isThere ? probe(path) : null;
    if (hit) return { ...hit, source };
    if (isThere || source !== 'system') tried.push(`${source}: ${path} ${isThere ? 'does not run' : 'is missing'}`);
  }
  return null;
}

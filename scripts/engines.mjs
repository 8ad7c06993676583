// Finds the browsers of other makers that end-to-end tests can drive as they are installed. A pure lookup: it installs nothing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBrowser } from './browser.mjs';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin', '/usr/local/bin'];

/** The first of the named programs that is there, or null. */
function program(names, elsewhere = []) {
  const places = [...names.flatMap((name) => FOLDERS.map((folder) => join(folder, name))), ...elsewhere];
  return places.find((path) => existsSync(path)) ?? null;
}

function runs(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return status === 0 && /\d+\.\d+/.test(stdout);
}

async function chromium() {
  const found = await findBrowser();
  return found ? { path: found.path } : { why: 'no Chromium was found' };
}

function firefox() {
  const path =
    process.env.FIREFOX_PATH ??
    program(['firefox-esr', 'firefox'], ['/Applications/Firefox.app/Contents/MacOS/firefox']);
  if (path === null) return { why: 'no firefox-esr or firefox on PATH (Debian: apt-get install firefox-esr)' };
  return runs(path) ? { path } : { why: `${path} does not run` };
}

/** `xvfb`: draws the window where there is no display; null where there is one. */
function webkit() {
  const path = program(['WebKitWebDriver']);
  if (path === null) return { why: 'no WebKitWebDriver on PATH (Debian: apt-get install webkit2gtk-driver xvfb)' };
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return { path, xvfb: null };
  const xvfb = program(['Xvfb']);
  return xvfb ? { path, xvfb } : { why: 'no display and no Xvfb on PATH (Debian: apt-get install xvfb)' };
}

/** `{chromium, firefox, webkit}`: each `{path}`, or `{why}` it cannot be driven. */
export async function findEngines() {
  return { chromium: await chromium(), firefox: firefox(), webkit: webkit() };
}

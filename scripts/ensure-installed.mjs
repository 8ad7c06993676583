// Makes node_modules match package-lock.json. Only Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Why node_modules is not what the lock says, or null. Contents are compared, since a checkout changes file times. */
function difference() {
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  let installed;
  try {
    // npm keeps a list of what it really installed.
    installed = JSON.parse(readFileSync(at('node_modules/.package-lock.json'), 'utf8')).packages;
  } catch {
    return 'nothing is installed';
  }
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional || entry.devOptional || entry.peer) continue;
    const version = installed[path]?.version;
    if (version !== entry.version) return `${path} is ${version ?? 'missing'} instead of ${entry.version}`;
  }
  return null;
}

/** Runs `npm ci` if needed; exits the process if that fails. */
export function ensureInstalled() {
  const reason = difference();
  if (!reason) return;
  console.log(`install: npm ci, because ${reason}`);
  const isWindows = process.platform === 'win32';
  const run = spawnSync(isWindows ? 'npm.cmd' : 'npm', ['ci'], { cwd: at('.'), stdio: 'inherit', shell: isWindows });
  if (run.status !== 0) {
    console.error(`install: Failed to install: npm ci ended with ${run.status ?? run.error?.message}`);
    process.exit(1);
  }
}

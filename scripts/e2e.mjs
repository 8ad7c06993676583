// npm run e2e: a browser, free ports, then Playwright on dist/. Further words go to Playwright: npm run e2e -- -g offline
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { anyFreePort } from './free-port.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const run = (args, env) =>
  spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;

if (!existsSync('dist/index.html')) {
  console.error('e2e: Failed to find dist/index.html: run `npm run build` first.');
  process.exit(1);
}
const hasBrowser = run(['scripts/ensure-browser.mjs']);
if (hasBrowser !== 0) process.exit(hasBrowser);
const ports = { E2E_PORT_PREVIEW: String(await anyFreePort()), E2E_PORT_SUBPATH: String(await anyFreePort()) };
process.exit(run(['node_modules/@playwright/test/cli.js', 'test', ...process.argv.slice(2)], ports));

// npm run e2e:engines: the same built site in every engine that is installed: same log, same rows after a reload, same edge.
// An engine that is missing is one line `SKIP <engine>: <reason>`. Further words go to Playwright: npm run e2e:engines -- -g reload
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findEngines } from './engines.mjs';
import { anyFreePort } from './free-port.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!existsSync('dist/index.html')) {
  console.error('e2e: Failed to find dist/index.html: run `npm run build` first.');
  process.exit(1);
}
const found = await findEngines();
for (const [name, { why }] of Object.entries(found)) if (why) console.log(`SKIP ${name}: ${why}`);
const projects = Object.keys(found).filter((name) => !found[name].why);
if (projects.length === 0) process.exit(0);
const words = process.argv.slice(2);
const chosen = words.some((word) => word.startsWith('--project')) ? [] : projects.map((name) => `--project=${name}`);
const args = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'playwright.engines.config.ts'];
const ports = { E2E_PORT_SITE: String(await anyFreePort()), E2E_PORT_DRIVER: String(await anyFreePort()) };
const env = { ...process.env, ...ports, E2E_ENGINES: JSON.stringify(found) };
process.exit(spawnSync(process.execPath, [...args, ...chosen, ...words], { stdio: 'inherit', env }).status ?? 1);

// npm run build: everything below dist/. The runtime comes first, because the site's offline list contains its files.
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
const CONFIGS = ['vite.mongodb.config.ts', 'vite.runtime.config.ts', 'vite.config.ts', 'vite.cli.config.ts'];
for (const configFile of CONFIGS) {
  await build({ root, configFile, logLevel: process.env.BUILD_LOG ?? 'info' });
}
chmodSync('dist/cli/servarium.mjs', 0o755);

// npm run check: format, lint, types, architecture, dead code. All of them run, so that one call shows every problem.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
// Named one by one: a linter that walks the whole folder walks node_modules, too, where there is no .gitignore.
const folders = ['src', 'workers', 'e2e', 'tests', 'scripts', 'vite'].filter((path) => existsSync(path));
const rootFiles = readdirSync('.').filter((name) => /\.(ts|json)$/.test(name) && name !== 'package-lock.json');
const rootScripts = rootFiles.filter((name) => name.endsWith('.ts'));

const CHECKS = {
  format: ['node_modules/oxfmt/bin/oxfmt', '--check', ...folders, ...rootFiles, 'index.html', 'public'],
  lint: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', ...folders, ...rootScripts],
  types: ['node_modules/typescript/bin/tsc', '-b'],
  architecture: ['node_modules/vitest/vitest.mjs', 'run', 'tests/architecture.test.ts'],
  'dead code': ['node_modules/knip/bin/knip.js'],
};

const failed = [];
for (const [name, args] of Object.entries(CHECKS)) {
  console.log(`check: ${name}`);
  if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) failed.push(name);
}
console.log(failed.length ? `check: FAILED: ${failed.join(', ')}` : 'check: ok');
process.exit(failed.length ? 1 : 0);

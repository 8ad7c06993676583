// npm run check: format, lint, types, architecture, dead code. All of them run, so that one call shows every problem.
// npm run check -- lint types: only these.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
// Named one by one: without a .gitignore (an unpacked archive) the linter would walk node_modules.
const folders = ['src', 'workers', 'e2e', 'tests', 'scripts', 'vite', 'bench'].filter((path) => existsSync(path));
const rootScripts = readdirSync('.').filter((name) => name.endsWith('.ts'));

const CHECKS = {
  format: ['node_modules/oxfmt/bin/oxfmt', '--check'],
  lint: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', ...folders, ...rootScripts],
  types: ['node_modules/typescript/bin/tsc', '-b'],
  architecture: ['node_modules/vitest/vitest.mjs', 'run', 'tests/architecture.test.ts'],
  unused: ['node_modules/knip/bin/knip.js'],
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CHECKS);
const failed = [];
for (const name of wanted) {
  const args = CHECKS[name];
  if (!args) {
    console.error(`check: Failed to find the check "${name}": there are ${Object.keys(CHECKS).join(', ')}`);
    process.exit(1);
  }
  console.log(`check: ${name}`);
  if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) failed.push(name);
}
console.log(failed.length ? `check: FAILED: ${failed.join(', ')}` : 'check: ok');
process.exit(failed.length ? 1 : 0);

// npm test: everything that has to hold, from a fresh clone: install, browser, check, unit, build, size, end to end.
// The last line is `N passed, N failed`: unit and end-to-end tests are counted one by one, any other failed step as one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

const UNIT_REPORT = 'node_modules/.cache/unit.json';
const E2E_REPORT = 'node_modules/.cache/e2e.json';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
mkdirSync('node_modules/.cache', { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const failedSteps = [];

/** Runs one step and says whether it succeeded; `count` reads the number of tests from the step's report. */
function step(name, args, report, count) {
  const startedAt = Date.now();
  console.log(`\n=== ${name}`);
  if (report) rmSync(report, { force: true });
  const env = { CALLS_SEEDS: '20000', ...process.env, E2E_JSON: E2E_REPORT };
  const isOk = spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0;
  const counts =
    report && existsSync(report)
      ? count(JSON.parse(readFileSync(report, 'utf8')))
      : { passed: 0, failed: 0, skipped: 0 };
  // A step that breaks before or after its tests must not look like a success.
  if (!isOk && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  if (!isOk) failedSteps.push(name);
  console.log(`=== ${name}: ${isOk ? 'ok' : 'FAILED'} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return isOk;
}

const unitCounts = (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests + report.numTodoTests,
});
const e2eCounts = ({ stats }) => ({
  passed: stats.expected + stats.flaky,
  failed: stats.unexpected,
  skipped: stats.skipped,
});

const hasBrowser = step('browser', ['scripts/ensure-browser.mjs']);
step('check', ['scripts/check.mjs']);
const unitArgs = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`];
step('unit', ['node_modules/vitest/vitest.mjs', ...unitArgs], UNIT_REPORT, unitCounts);
if (step('build', ['scripts/build.mjs'])) {
  step('size', ['scripts/size.mjs']);
  if (hasBrowser) step('e2e', ['scripts/e2e.mjs'], E2E_REPORT, e2eCounts);
}

if (failedSteps.length) console.log(`\nfailed: ${failedSteps.join(', ')}`);
if (total.skipped) console.log(`skipped: ${total.skipped}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(failedSteps.length ? 1 : 0);

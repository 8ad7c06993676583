import { defineConfig } from '@playwright/test';
import { readFileSync } from 'node:fs';

/** What scripts/ensure-browser.mjs found; without it Playwright looks for its own browser. */
function browserPath(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  try {
    return (JSON.parse(readFileSync('node_modules/.cache/browser.json', 'utf8')) as { path: string }).path;
  } catch {
    return undefined;
  }
}

const executablePath = browserPath();
const args = [
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
];
const previewPort = process.env.E2E_PORT_PREVIEW ?? '4173';
const subpathPort = process.env.E2E_PORT_SUBPATH ?? '4180';
const previewUrl = `http://127.0.0.1:${previewPort}/`;
const subpathUrl = `http://127.0.0.1:${subpathPort}/org/repo/`;
const jsonFile = process.env.E2E_JSON;

export default defineConfig({
  testDir: 'e2e',
  // *.engine.test.ts below e2e/conformance belong to vitest (npm run test:engine).
  testMatch: '**/*.spec.ts',
  // Generous: on a busy two-core machine a page with twenty workers takes a while; a wait that succeeds costs nothing.
  timeout: 150_000,
  expect: { timeout: 30_000 },
  // A page waits about as long as it computes: two at a time keep two cores busy, more would only wait for each other.
  workers: 2,
  fullyParallel: true,
  // In CI only, and reported as flaky: a browser that a busy machine starved is not a broken promise.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: jsonFile ? [['list'], ['json', { outputFile: jsonFile }]] : [['list']],
  outputDir: 'test-results',
  use: {
    headless: true,
    launchOptions: { ...(executablePath ? { executablePath } : {}), args },
    serviceWorkers: 'allow',
    // Recording every frame of every test costs more than the tests: the second try in CI records, and `--trace on` does.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'preview', use: { baseURL: previewUrl } },
    // The same files below a path, as on project pages: only the tests that could notice.
    { name: 'subpath', use: { baseURL: subpathUrl }, grep: /@subpath/ },
  ],
  webServer: [
    {
      command: `node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port ${previewPort} --strictPort`,
      url: previewUrl,
      reuseExistingServer: false,
      timeout: 30_000,
    },
    {
      command: `node scripts/serve.mjs ${subpathPort} /org/repo/ dist`,
      url: subpathUrl,
      reuseExistingServer: false,
      timeout: 30_000,
    },
  ],
});

import { defineConfig } from '@playwright/test';

/** The built site in engines of three makers; scripts/e2e-engines.mjs finds them and starts this. */
export default defineConfig({
  testDir: 'e2e/engines',
  testMatch: '*.engines.ts',
  timeout: 150_000,
  expect: { timeout: 30_000 },
  workers: 1,
  fullyParallel: false,
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  outputDir: 'test-results/engines',
  projects: [{ name: 'chromium' }, { name: 'firefox' }, { name: 'webkit' }],
});

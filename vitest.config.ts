import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['fake-indexeddb/auto'],
    // Property tests run hundreds of whole simulations; a busy two-core machine needs more than the default 5 s.
    testTimeout: 60_000,
    passWithNoTests: true,
    // One file per core: left alone, vitest keeps one core for itself, which is half of a machine with two.
    maxWorkers: availableParallelism(),
  },
});

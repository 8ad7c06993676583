import { defineConfig } from 'vitest/config';

/** Exported stacks on a real container engine. Run inside it: .ci/engine/engine run npm run test:engine */
export default defineConfig({
  test: {
    include: ['e2e/conformance/**/*.engine.test.ts'],
    environment: 'node',
    // One stack at a time: they share the host's ports and two cores.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});

import { defineConfig } from 'vitest/config';

const ALL = 'e2e/conformance/**/*.engine.test.ts';
/** What compares moments: nothing else may run beside it. */
const TIMED = 'e2e/conformance/oracles/registry.engine.test.ts';

const common = { environment: 'node', testTimeout: 300_000, hookTimeout: 300_000 } as const;

/** Exported stacks on a real container engine. Run inside it: .ci/engine/engine run npm run test:engine */
export default defineConfig({
  test: {
    globalSetup: ['e2e/conformance/build-once.ts'],
    projects: [
      // Two stacks at a time: while containers of one start or wait, the other one works.
      { test: { ...common, name: 'stacks', include: [ALL], exclude: [TIMED], maxWorkers: 2 } },
      { test: { ...common, name: 'timed', include: [TIMED], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});

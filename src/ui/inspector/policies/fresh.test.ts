import { expect, test } from 'vitest';
import { probeOn } from './fresh.ts';

test("RP4 a new probe has Kubernetes' numbers: every 10 s, 1 s to answer, three failures, one success", () => {
  expect(probeOn('/ready')).toEqual({
    path: '/ready',
    periodMs: 10_000,
    timeoutMs: 1000,
    failureThreshold: 3,
    successThreshold: 1,
  });
});

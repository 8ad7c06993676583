import { expect, test } from 'vitest';
import type { ConfigOf, Step } from '../../core/topology/schema/types.ts';
import { hasRetries, serviceHeight } from './service-lines.ts';

const calling = (policy: Extract<Step, { do: 'call' }>['policy']): Step => ({
  id: 'ask',
  do: 'call',
  to: 'b',
  endpoint: 'get',
  input: {},
  timeoutMs: 100,
  ...(policy && { policy }),
});
const service = (steps: Step[]): ConfigOf<'service'> => ({
  version: 'v1',
  port: 80,
  replicas: 1,
  serviceTime: { kind: 'constant', ms: 1 },
  startupMs: 0,
  restartDelayMs: null,
  prefetch: 1,
  values: {},
  endpoints: [{ id: 'e', method: 'GET', path: '/', steps }],
  subscriptions: [],
});
const retries = {
  maxAttempts: 2,
  on: ['5xx' as const],
  backoff: { initialIntervalMs: 1, backoffCoefficient: 1, maxIntervalMs: 1, jitter: 'none' as const },
};

test('a service whose calls are retried has a line for it, however deep the call stands; others have none', () => {
  const plain = service([calling({ fallback: null })]);
  const deep = service([{ id: 'both', do: 'parallel', branches: [{ id: 'x', steps: [calling({ retries })] }] }]);
  expect([hasRetries(plain), hasRetries(deep)]).toEqual([false, true]);
  expect([serviceHeight(plain), serviceHeight(deep)]).toEqual([62, 80]);
});

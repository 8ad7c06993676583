import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BREAKER_PRESETS } from '../../resilience/breaker-presets.ts';
import type { CallPolicy, Document, Endpoint, Retries } from '../schema/types.ts';
import { parseDocument, validateDocument } from './validate.ts';

const at = 'nodes/hello/config/endpoints/0/steps/0/policy';
const breaker = BREAKER_PRESETS.resilience4j;
const retries: Retries = {
  maxAttempts: 3,
  on: ['5xx'],
  backoff: { initialIntervalMs: 10, backoffCoefficient: 2, maxIntervalMs: 100, jitter: 'full' },
};

/** Problems below the policy of a call from `hello` to a second service, as `code place`. */
function problems(policy: CallPolicy, method: Endpoint['method'] = 'GET', timeoutMs = 1000): string[] {
  const url = new URL('../../../../public/examples/hello.json', import.meta.url);
  const document = JSON.parse(readFileSync(url, 'utf8')) as Document;
  const hello = document.nodes['hello'];
  const link = document.links['gateway-hello'];
  if (hello?.kind !== 'service' || link === undefined) throw new Error('the example has changed');
  const { port } = hello.config;
  document.nodes['other'] = {
    ...hello,
    name: 'other',
    config: { ...hello.config, port: port + 1, endpoints: [{ id: 'ask', method, path: '/ask', steps: [] }] },
  };
  document.links['hello-other'] = { ...link, from: { node: 'hello' }, to: { node: 'other' } };
  const ask = { id: 'ask', do: 'call', to: 'other', endpoint: 'ask', input: {}, timeoutMs, policy } as const;
  hello.config.endpoints[0]?.steps.unshift(ask);
  const parsed = parseDocument(JSON.stringify(document));
  if (!parsed.ok) return parsed.error.map((problem) => problem.message);
  return validateDocument(parsed.value).map(
    ({ severity, code, at: place }) => `${severity === 'warning' ? 'warning ' : ''}${code} ${place.replace(at, '')}`,
  );
}

test('a sound policy has no problems', () => {
  expect(problems({})).toEqual([]);
  for (const preset of Object.values(BREAKER_PRESETS)) expect(problems({ breaker: preset })).toEqual([]);
  expect(
    problems({
      retries: { ...retries, on: ['timeout', 'connection'], perTryTimeoutMs: 999, budgetPercent: 20 },
      bulkhead: { maxConcurrent: 1, maxQueued: 1, maxWaitMs: 999 },
      fallback: { said: '${error.code}' },
    }),
  ).toEqual([]);
});

test.each<[string, CallPolicy, string[]]>([
  [
    'GW8 a try as long as the whole',
    { retries: { ...retries, perTryTimeoutMs: 1000 } },
    ['RETRY_TIMEOUT_TOO_LONG /retries/perTryTimeoutMs'],
  ],
  [
    'a first pause beyond the longest',
    { retries: { ...retries, backoff: { ...retries.backoff, initialIntervalMs: 101 } } },
    ['RETRY_BACKOFF_RANGE /retries/backoff/initialIntervalMs'],
  ],
  [
    'time-outs retried without a time per try',
    { retries: { ...retries, on: ['timeout'] } },
    ['warning RETRY_TIMEOUT_IN_VAIN /retries/on'],
  ],
  [
    'a minimum that the window never holds',
    { breaker: { ...breaker, preset: undefined, windowSize: 99 } },
    ['BREAKER_MINIMUM_TOO_LARGE /breaker/minimumCalls'],
  ],
  [
    'rates of nothing',
    { breaker: { ...breaker, preset: undefined, failureRatePercent: 0, slowRatePercent: 0 } },
    ['BREAKER_RATE_ZERO /breaker/failureRatePercent', 'BREAKER_RATE_ZERO /breaker/slowRatePercent'],
  ],
  [
    'Hystrix with two probes',
    { breaker: { ...BREAKER_PRESETS.hystrix, halfOpenPermits: 2 } },
    ['warning BREAKER_NOT_PRESET /breaker/halfOpenPermits'],
  ],
  [
    'a wait without a queue',
    { bulkhead: { maxConcurrent: 1, maxQueued: 0, maxWaitMs: 10 } },
    ['warning BULKHEAD_WAIT_IN_VAIN /bulkhead/maxWaitMs'],
  ],
  [
    'a wait longer than the call',
    { bulkhead: { maxConcurrent: 1, maxQueued: 1, maxWaitMs: 1000 } },
    ['warning BULKHEAD_WAIT_IN_VAIN /bulkhead/maxWaitMs'],
  ],
  ['a fallback of an unknown name', { fallback: '${nobody}' }, ['warning EXPRESSION_NAME_UNKNOWN /fallback']],
])('%s is reported', (_, policy, expected) => {
  expect(problems(policy)).toEqual(expected);
});

test('GW9 retries of a method that is not idempotent are a warning until they are allowed', () => {
  expect(problems({ retries }, 'POST')).toEqual(['warning RETRY_NOT_IDEMPOTENT /retries']);
  expect(problems({ retries: { ...retries, nonIdempotent: true } }, 'POST')).toEqual([]);
  expect(problems({ retries: { ...retries, maxAttempts: 1 } }, 'POST')).toEqual([]);
  expect(problems({ retries }, 'DELETE')).toEqual([]);
});

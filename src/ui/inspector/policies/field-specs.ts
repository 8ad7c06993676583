/** How one field of a record is edited; its words are `<area>.<field>`, `.tip` behind it, `.<option>` for options. */
export type FieldSpec =
  | {
      field: string;
      kind: 'number';
      unit?: 'ms' | 's' | '%' | '×';
      min?: number;
      max?: number;
      step?: number;
      isOptional?: true;
    }
  /** A share of one, shown in per cent. */
  | { field: string; kind: 'share' }
  | { field: string; kind: 'flag' }
  | { field: string; kind: 'choice'; options: readonly string[] }
  /** Several of a list; `isOptional`: none means absent. */
  | { field: string; kind: 'choices'; options: readonly string[]; isOptional?: true }
  | { field: string; kind: 'text'; isMono?: true; isOptional?: true }
  | { field: string; kind: 'words'; isUpper?: true; isOptional?: true }
  | { field: string; kind: 'pairs'; freshName: string; freshText?: string }
  | { field: string; kind: 'json'; isOptional?: true };

const number = (
  field: string,
  rest: Partial<Omit<Extract<FieldSpec, { kind: 'number' }>, 'field' | 'kind'>> = {},
): FieldSpec => ({
  field,
  kind: 'number',
  ...rest,
});
const ms = (field: string, min = 0): FieldSpec => number(field, { unit: 'ms', min });
const optionalMs = (field: string, min = 0): FieldSpec => number(field, { unit: 'ms', min, isOptional: true });
const percent = (field: string): FieldSpec => number(field, { unit: '%', min: 0, max: 100 });
const choice = (field: string, ...options: readonly string[]): FieldSpec => ({ field, kind: 'choice', options });
const flag = (field: string): FieldSpec => ({ field, kind: 'flag' });
const words = (field: string): FieldSpec => ({ field, kind: 'words' });
const optionalWords = (field: string): FieldSpec => ({ field, kind: 'words', isOptional: true });
const mono = (field: string): FieldSpec => ({ field, kind: 'text', isMono: true });
const optionalMono = (field: string): FieldSpec => ({ field, kind: 'text', isMono: true, isOptional: true });

const PROBE = [
  mono('path'),
  optionalMs('initialDelayMs'),
  ms('periodMs', 10),
  ms('timeoutMs', 1),
  number('failureThreshold', { min: 1 }),
  number('successThreshold', { min: 1 }),
];
const HEADERS = [
  optionalWords('remove'),
  { field: 'rename', kind: 'pairs', freshName: 'x-old', freshText: 'x-new' },
  { field: 'replace', kind: 'pairs', freshName: 'x-header' },
  { field: 'add', kind: 'pairs', freshName: 'x-header' },
  { field: 'append', kind: 'pairs', freshName: 'x-header' },
] as const satisfies readonly FieldSpec[];
const RATE: FieldSpec = { field: 'rate', kind: 'share' };

/** The fields of every policy, in the order in which they are asked for; ranges only make sentences nicer, the checks judge. */
export const FIELD_SPECS = {
  'limit.token-bucket': [number('maxTokens', { min: 1 }), number('tokensPerFill', { min: 1 }), ms('fillIntervalMs', 1)],
  'limit.fixed-window': [number('limit', { min: 1 }), choice('period', 'second', 'minute', 'hour')],
  'limit.sliding-window': [number('limit', { min: 1 }), ms('windowMs', 1)],
  retries: [
    number('maxAttempts', { min: 1, max: 10 }),
    { field: 'on', kind: 'choices', options: ['connection', 'timeout', '5xx', '429', 'no-instances'] },
    optionalMs('perTryTimeoutMs', 1),
    number('budgetPercent', { unit: '%', min: 0, max: 100, isOptional: true }),
    flag('nonIdempotent'),
  ],
  backoff: [
    ms('initialIntervalMs'),
    number('backoffCoefficient', { unit: '×', min: 1, step: 0.5 }),
    ms('maxIntervalMs'),
    choice('jitter', 'none', 'full', 'equal'),
  ],
  throttle: [number('maxTokens', { min: 1, max: 1000 }), number('tokenRatio', { min: 0, step: 0.1 })],
  breaker: [
    choice('window', 'count', 'time'),
    number('windowSize', { min: 1 }),
    number('minimumCalls', { min: 1 }),
    percent('failureRatePercent'),
    percent('slowRatePercent'),
    ms('slowCallMs'),
    ms('openMs'),
    number('halfOpenPermits', { min: 1 }),
    flag('automatic'),
    optionalWords('ignore'),
  ],
  bulkhead: [number('maxConcurrent', { min: 1 }), number('maxQueued', { min: 0 }), optionalMs('maxWaitMs')],
  outlier: [
    number('consecutive5xx', { min: 1 }),
    ms('intervalMs', 1),
    ms('baseEjectionMs', 1),
    ms('maxEjectionMs', 1),
    percent('maxEjectionPercent'),
    percent('panicPercent'),
  ],
  healthChecks: [
    mono('path'),
    ms('intervalMs', 10),
    ms('timeoutMs', 1),
    number('unhealthyThreshold', { min: 1 }),
    number('healthyThreshold', { min: 1 }),
    optionalWords('expectedStatuses'),
  ],
  upstream: [number('maxRequests', { min: 1 }), number('maxPending', { min: 0 }), number('maxRetries', { min: 0 })],
  'balance.round-robin': [],
  'balance.weighted-round-robin': [],
  'balance.random': [],
  'balance.least-request': [number('choices', { min: 2, max: 10 }), number('bias', { min: 0, step: 0.5 })],
  'balance.ring-hash': [mono('header')],
  'balance.maglev': [mono('header')],
  cors: [
    words('allowOrigins'),
    { field: 'allowMethods', kind: 'words', isUpper: true },
    words('allowHeaders'),
    optionalWords('exposeHeaders'),
    flag('allowCredentials'),
    number('maxAgeSeconds', { unit: 's', min: 0 }),
  ],
  headers: HEADERS,
  'transform.request': [optionalMono('path'), { field: 'body', kind: 'json', isOptional: true }],
  'transform.response': [optionalMono('status'), { field: 'body', kind: 'json', isOptional: true }],
  'auth.jwt': [
    mono('issuer'),
    words('audience'),
    { field: 'algorithms', kind: 'choices', options: ['EdDSA', 'HS256', 'RS256'] },
    number('leewaySeconds', { unit: 's', min: 0 }),
  ],
  'auth.key': [mono('key'), { field: 'consumer', kind: 'text' }],
  'auth.jwks': [mono('path'), ms('cacheMs')],
  routeAuth: [flag('required'), optionalWords('scopes')],
  versioning: [optionalMono('header'), mono('default')],
  version: [mono('name'), optionalMono('deprecatedAt'), optionalMono('sunsetAt')],
  part: [
    mono('id'),
    choice('method', 'GET', 'POST'),
    mono('path'),
    optionalMono('each'),
    flag('required'),
    optionalMs('timeoutMs', 1),
  ],
  probe: PROBE,
  concurrency: [number('limit', { min: 1 }), number('maxQueued', { min: 0 })],
  release: [choice('strategy', 'rolling', 'at-once'), ms('graceMs')],
  tokens: [mono('issuer'), choice('algorithm', 'EdDSA', 'HS256'), number('ttlSeconds', { unit: 's', min: 1 })],
  'fault.step-error': [RATE, mono('code')],
  'fault.error-rate': [RATE, number('status', { min: 400, max: 599 })],
  'fault.slow': [number('factor', { unit: '×', min: 1, max: 1000 })],
  'fault.pause': [],
  'fault.outage': [],
  'fault.clock-skew': [number('skewMs', { unit: 'ms', step: 1000 })],
  'fault.latency': [ms('addMs'), ms('jitterMs')],
  'fault.loss': [RATE],
  'fault.duplicate': [RATE],
  'fault.reorder': [RATE, ms('maxExtraMs')],
  'fault.partition': [choice('direction', 'both', 'forward', 'backward')],
} as const satisfies Readonly<Record<string, readonly FieldSpec[]>>;

export type FieldArea = keyof typeof FIELD_SPECS;

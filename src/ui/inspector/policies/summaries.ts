import type {
  Auth,
  Breaker,
  Bulkhead,
  CallPolicy,
  Cors,
  Fault,
  Health,
  HealthChecks,
  LoadBalancing,
  OutlierDetection,
  RateLimit,
  Resolve,
  Retries,
  Transform,
  Versioning,
} from '../../../core/topology/schema/types.ts';
import type { Texts } from '../../text/texts.ts';

/** Says in one line what a policy is set to. */
export interface Summaries {
  limit: (limit: RateLimit) => string;
  retries: (retries: Retries) => string;
  breaker: (breaker: Breaker) => string;
  bulkhead: (bulkhead: Bulkhead) => string;
  auth: (auth: Auth) => string;
  balance: (balance: LoadBalancing) => string;
  outlier: (outlier: OutlierDetection) => string;
  healthChecks: (checks: HealthChecks) => string;
  cors: (cors: Cors) => string;
  transform: (transform: Transform) => string;
  versioning: (versioning: Versioning) => string;
  health: (health: Health) => string;
  call: (policy: CallPolicy) => string;
  resolve: (resolve: Resolve) => string;
  fault: (fault: Fault) => string;
}

const joined = (parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join(', ');

/** Summaries in the language of the texts. */
export function summariesOf({ t, number }: Texts): Summaries {
  const span = (ms: number): string =>
    ms >= 1000 ? t('unit.s', { value: number(ms / 1000, 1) }) : t('unit.ms', { value: number(ms, 1) });
  const percent = (rate: number): string => `${number(rate * 100, 1)} %`;
  const every = (ms: number): string =>
    ms === 1000
      ? t('limit.every.second')
      : ms === 60_000
        ? t('limit.every.minute')
        : t('limit.every', { span: span(ms) });
  const limit = (given: RateLimit): string => {
    const whose = given.key === 'header' ? (given.header ?? '') : t(`limit.key.${given.key}`);
    switch (given.kind) {
      case 'token-bucket':
        return joined([
          t('limit.kind.token-bucket'),
          `${number(given.tokensPerFill)} ${every(given.fillIntervalMs)}`,
          t('limit.per', { whose }),
        ]);
      case 'fixed-window':
        return joined([
          t('limit.kind.fixed-window'),
          `${number(given.limit)} ${t(`limit.every.${given.period}`)}`,
          t('limit.per', { whose }),
        ]);
      case 'sliding-window':
        return joined([
          t('limit.kind.sliding-window'),
          `${number(given.limit)} ${every(given.windowMs)}`,
          t('limit.per', { whose }),
        ]);
    }
  };
  const sides = (transform: Transform): string[] =>
    (['request', 'response'] as const).flatMap((side) => {
      const changes = transform[side];
      if (changes === undefined) return [];
      const what = [
        ...(Object.keys(changes.headers ?? {}).length > 0 ? [t('transform.headers')] : []),
        ...('path' in changes && changes.path !== undefined ? [t('transform.path')] : []),
        ...('status' in changes && changes.status !== undefined ? [t('transform.status')] : []),
        ...(changes.body === undefined ? [] : [t('transform.body')]),
      ];
      return what.length === 0 ? [] : [`${t(`transform.${side}`)}: ${what.join(', ')}`];
    });
  const retries = (given: Retries): string =>
    joined([
      t('retries.summary', { count: given.maxAttempts }),
      given.on.map((on) => t(`retries.on.${on}`)).join(', '),
    ]);
  const breaker = (given: Breaker): string =>
    joined([
      given.preset !== undefined && t(`breaker.preset.${given.preset}`),
      t('breaker.summary', { percent: number(given.failureRatePercent), span: span(given.openMs) }),
    ]);
  const bulkhead = (given: Bulkhead): string => t('bulkhead.summary', { count: given.maxConcurrent });
  const fault = (given: Fault): string => {
    switch (given.kind) {
      case 'step-error':
        return `${given.code}, ${percent(given.rate)}`;
      case 'error-rate':
        return `${given.status}, ${percent(given.rate)}`;
      case 'slow':
        return `× ${number(given.factor, 1)}`;
      case 'clock-skew':
        return `${given.skewMs < 0 ? '−' : '+'}${span(Math.abs(given.skewMs))}`;
      case 'latency':
        return `+${span(given.addMs)}`;
      case 'loss':
      case 'duplicate':
      case 'reorder':
        return percent(given.rate);
      case 'partition':
        return t(`fault.direction.${given.direction}`);
      case 'pause':
      case 'outage':
        return '';
    }
  };
  return {
    limit,
    retries,
    breaker,
    bulkhead,
    auth: (auth) =>
      auth.kind === 'jwt' ? joined(['JWT', auth.issuer]) : t('auth.summary.keys', { count: auth.keys.length }),
    balance: (balance) => t(`balance.kind.${balance.kind}`),
    outlier: (outlier) => t('outlier.summary', { count: outlier.consecutive5xx, span: span(outlier.baseEjectionMs) }),
    healthChecks: ({ path, intervalMs }) => t('healthChecks.summary', { path, span: span(intervalMs) }),
    cors: (cors) => cors.allowOrigins.join(', '),
    transform: (transform) => sides(transform).join('; ') || t('policy.empty'),
    versioning: (versioning) =>
      joined([t(`versioning.by.${versioning.by}`), versioning.versions.map(({ name }) => name).join(' ')]),
    health: (health) =>
      (['startup', 'readiness', 'liveness'] as const)
        .filter((kind) => health[kind] !== undefined)
        .map((kind) => t(`health.${kind}`))
        .join(', ') || t('policy.empty'),
    call: (policy) =>
      joined([
        policy.retries !== undefined && retries(policy.retries),
        policy.breaker !== undefined && t('policy.breaker'),
        policy.bulkhead !== undefined && t('policy.bulkhead'),
        policy.fallback !== undefined && t('policy.fallback'),
      ]),
    resolve: (resolve) =>
      resolve.by === 'static'
        ? resolve.addresses.join(', ')
        : joined([t(`resolve.by.${resolve.by}`), resolve.by === 'dns' && span(resolve.ttlMs)]),
    fault,
  };
}

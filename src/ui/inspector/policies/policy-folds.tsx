import { BREAKER_PRESETS, type BreakerPreset } from '../../../core/resilience/breaker-presets.ts';
import type { Breaker, Bulkhead, RateLimit, Retries } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField, TextField } from '../fields.tsx';
import { optionsOf } from '../record.ts';
import { OptionalFields } from '../record-fields.tsx';
import { OptionalFold } from './fold.tsx';
import { BREAKER, BULKHEAD, RATE_LIMITS, RETRIES, THROTTLE } from './fresh.ts';
import styles from './policies.module.css';
import { SpecFields } from './spec-fields.tsx';
import { summariesOf } from './summaries.ts';

interface PolicyFoldProps<T> {
  value: T | undefined;
  onCommit: Commit<T | undefined>;
}
const LIMIT_KINDS = Object.keys(RATE_LIMITS) as RateLimit['kind'][];

/** How often one caller may come: three algorithms, four ways to tell callers apart. */
export function RateLimitFold({ value, onCommit }: PolicyFoldProps<RateLimit>) {
  const texts = useText();
  const { t } = texts;
  return (
    <OptionalFold
      title={t('policy.limit')}
      explain={t('policy.limit.tip')}
      value={value}
      fresh={RATE_LIMITS['token-bucket'] as RateLimit}
      summary={summariesOf(texts).limit}
      onCommit={onCommit}
    >
      {(limit, change) => (
        <>
          <SelectField
            label={t('limit.kind')}
            value={limit.kind}
            options={optionsOf(LIMIT_KINDS, (kind) => t(`limit.kind.${kind}`))}
            onCommit={(kind) =>
              change({
                ...RATE_LIMITS[kind],
                key: limit.key,
                ...(limit.header !== undefined && { header: limit.header }),
              })
            }
          />
          <SpecFields area={`limit.${limit.kind}`} value={limit} onChange={change} />
          <SelectField
            label={t('limit.key')}
            tip={t('limit.key.tip')}
            value={limit.key}
            options={optionsOf(['ip', 'consumer', 'client-kind', 'header'], (key) => t(`limit.key.${key}`))}
            onCommit={(key) => {
              const { header: _, ...rest } = limit;
              return change(key === 'header' ? { ...rest, key, header: 'x-user-id' } : { ...rest, key });
            }}
          />
          {limit.key === 'header' && (
            <TextField
              label={t('limit.header')}
              value={limit.header ?? ''}
              isMono
              onCommit={(header) => change({ ...limit, header })}
            />
          )}
        </>
      )}
    </OptionalFold>
  );
}

/** When and how often a failed call is made again. */
export function RetriesFold({ value, onCommit }: PolicyFoldProps<Retries>) {
  const texts = useText();
  const { t } = texts;
  return (
    <OptionalFold
      title={t('policy.retries')}
      explain={t('policy.retries.tip')}
      value={value}
      fresh={RETRIES}
      summary={summariesOf(texts).retries}
      onCommit={onCommit}
    >
      {(retries, change) => (
        <>
          <SpecFields area="retries" value={retries} onChange={change} />
          <h4 className={styles.group}>{t('retries.backoff')}</h4>
          <SpecFields area="backoff" value={retries.backoff} onChange={(backoff) => change({ ...retries, backoff })} />
          <OptionalFields
            label={t('retries.throttle')}
            tip={t('retries.throttle.tip')}
            value={retries.throttle}
            fresh={THROTTLE}
            onCommit={(throttle) => {
              const { throttle: _, ...rest } = retries;
              return change(throttle === undefined ? rest : { ...rest, throttle });
            }}
          >
            {(throttle, set) => <SpecFields area="throttle" value={throttle} onChange={set} />}
          </OptionalFields>
        </>
      )}
    </OptionalFold>
  );
}

const PRESETS = Object.keys(BREAKER_PRESETS) as BreakerPreset[];

/** A circuit breaker: somebody's numbers, or one's own. */
export function BreakerFold({ value, onCommit }: PolicyFoldProps<Breaker>) {
  const texts = useText();
  const { t } = texts;
  return (
    <OptionalFold
      title={t('policy.breaker')}
      explain={t('policy.breaker.tip')}
      value={value}
      fresh={BREAKER}
      summary={summariesOf(texts).breaker}
      onCommit={onCommit}
    >
      {(breaker, change) => {
        const { preset: _, ...own } = breaker;
        return (
          <>
            <SelectField
              label={t('breaker.preset')}
              tip={t('breaker.preset.tip')}
              value={breaker.preset ?? 'own'}
              options={optionsOf([...PRESETS, 'own'], (preset) => t(`breaker.preset.${preset}`))}
              onCommit={(preset) => change(preset === 'own' ? own : BREAKER_PRESETS[preset])}
            />
            <SpecFields
              area="breaker"
              value={own}
              // Numbers that were changed are nobody's preset any more.
              onChange={change}
            />
          </>
        );
      }}
    </OptionalFold>
  );
}

/** How many calls at once. */
export function BulkheadFold({ value, onCommit }: PolicyFoldProps<Bulkhead>) {
  const texts = useText();
  const { t } = texts;
  return (
    <OptionalFold
      title={t('policy.bulkhead')}
      explain={t('policy.bulkhead.tip')}
      value={value}
      fresh={BULKHEAD}
      summary={summariesOf(texts).bulkhead}
      onCommit={onCommit}
    >
      {(bulkhead, change) => <SpecFields area="bulkhead" value={bulkhead} onChange={change} />}
    </OptionalFold>
  );
}

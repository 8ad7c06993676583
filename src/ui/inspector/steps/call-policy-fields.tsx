import { HYSTRIX_COMMAND } from '../../../core/resilience/breaker-presets.ts';
import type { CallPolicy, LeafStep, Step } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField } from '../fields.tsx';
import { Folds, OptionalFold } from '../policies/fold.tsx';
import { BreakerFold, BulkheadFold, RetriesFold } from '../policies/policy-folds.tsx';
import { withoutUndefined } from '../record.ts';

type CallStep = Extract<LeafStep, { do: 'call' }>;

/** How a call defends itself, from the inside out: bulkhead, breaker, retries, fallback; its time stands above. */
export function CallPolicyFields({ step, onChange }: { step: CallStep; onChange: Commit<Step> }) {
  const { t } = useText();
  const policy: CallPolicy = step.policy ?? {};
  const put = (next: CallPolicy, rest: Partial<CallStep> = {}) => {
    const record = withoutUndefined(next);
    const { policy: _, ...bare } = { ...step, ...rest };
    return onChange(Object.keys(record).length === 0 ? bare : { ...bare, policy: record });
  };
  return (
    <Folds>
      <RetriesFold value={policy.retries} onCommit={(retries) => put({ ...policy, retries })} />
      <BreakerFold
        value={policy.breaker}
        onCommit={(breaker) => {
          const becomesHystrix = breaker?.preset === 'hystrix' && policy.breaker?.preset !== 'hystrix';
          // Hystrix brings a time and a semaphore along; a bulkhead that stands is the author's.
          return becomesHystrix
            ? put(
                { ...policy, breaker, bulkhead: policy.bulkhead ?? HYSTRIX_COMMAND.bulkhead },
                { timeoutMs: HYSTRIX_COMMAND.timeoutMs },
              )
            : put({ ...policy, breaker });
        }}
      />
      <BulkheadFold value={policy.bulkhead} onCommit={(bulkhead) => put({ ...policy, bulkhead })} />
      <OptionalFold
        title={t('policy.fallback')}
        explain={t('policy.fallback.tip')}
        value={policy.fallback}
        fresh={{}}
        summary={(value) => JSON.stringify(value)}
        onCommit={(fallback) => put({ ...policy, fallback })}
      >
        {(fallback) => (
          <JsonField
            label={t('steps.value')}
            value={fallback}
            onCommit={(next) => put({ ...policy, fallback: next ?? null })}
          />
        )}
      </OptionalFold>
    </Folds>
  );
}

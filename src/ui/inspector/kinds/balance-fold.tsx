import { BALANCERS } from '../../../core/balance/presets.ts';
import type { LoadBalancing } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import { localProblem, type Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';
import { readNumber } from '../number-field.tsx';
import { OptionalFold } from '../policies/fold.tsx';
import { balancerOf } from '../policies/fresh.ts';
import { SpecFields } from '../policies/spec-fields.tsx';
import { summariesOf } from '../policies/summaries.ts';
import { optionsOf } from '../record.ts';
import { PairsField } from '../record-fields.tsx';

const KINDS = BALANCERS.map(({ kind }) => kind);

/** How a gateway chooses among the instances of a service. */
export function BalanceFold({
  value,
  onCommit,
}: {
  value: LoadBalancing | undefined;
  onCommit: Commit<LoadBalancing | undefined>;
}) {
  const texts = useText();
  const { t } = texts;
  return (
    <OptionalFold
      title={t('policy.balance')}
      explain={t('policy.balance.tip')}
      value={value}
      fresh={balancerOf(BALANCERS, 'least-request')}
      summary={summariesOf(texts).balance}
      onCommit={onCommit}
    >
      {(balance, change) => (
        <>
          <SelectField
            label={t('balance.kind')}
            value={balance.kind}
            options={optionsOf(KINDS, (kind) => t(`balance.kind.${kind}`))}
            onCommit={(kind) => change(balancerOf(BALANCERS, kind))}
          />
          <SpecFields area={`balance.${balance.kind}`} value={balance} onChange={change} />
          {(balance.kind === 'weighted-round-robin' || balance.kind === 'least-request') && (
            <PairsField
              label={t('balance.weights')}
              value={textsOf(balance.weights)}
              addLabel={t('balance.addWeight')}
              freshName={`#${Object.keys(balance.weights ?? {}).length}`}
              onCommit={(pairs) => {
                const weights = numbersOf(pairs ?? {});
                if (typeof weights === 'string')
                  return localProblem('NUMBER_INVALID', t('field.needsNumber', { found: weights }));
                if (balance.kind === 'weighted-round-robin') return change({ ...balance, weights });
                const { weights: _, ...rest } = balance;
                return change(pairs === undefined ? rest : { ...rest, weights });
              }}
            />
          )}
        </>
      )}
    </OptionalFold>
  );
}

const textsOf = (weights: Readonly<Record<string, number>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, String(weight)]));

/** Weights as numbers, a new one as 1; the text that is none. */
function numbersOf(pairs: Readonly<Record<string, string>>): Record<string, number> | string {
  const weights: Record<string, number> = {};
  for (const [name, text] of Object.entries(pairs)) {
    const weight = text === '' ? 1 : readNumber(text);
    if (weight === null) return text;
    weights[name] = weight;
  }
  return weights;
}

import type { Distribution } from '../../core/topology/schema/types.ts';
import { useText } from '../text/use-text.tsx';
import type { Commit } from './apply-edit.ts';
import { SelectField } from './fields.tsx';
import { NumberField } from './number-field.tsx';

const FRESH: Readonly<Record<Distribution['kind'], Distribution>> = {
  constant: { kind: 'constant', ms: 25 },
  uniform: { kind: 'uniform', minMs: 10, maxMs: 40 },
  exponential: { kind: 'exponential', meanMs: 25 },
  lognormal: { kind: 'lognormal', medianMs: 25, sigma: 0.35 },
  pareto: { kind: 'pareto', scaleMs: 10, shape: 2 },
};
const KINDS = Object.keys(FRESH) as Distribution['kind'][];

/** A duration: exact, or drawn by the run's seed. */
export function DistributionFields({ value, onCommit }: { value: Distribution; onCommit: Commit<Distribution> }) {
  const { t } = useText();
  const numbers = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return (
    <>
      <SelectField
        label={t('distribution.kind')}
        tip={t('distribution.kind.tip')}
        value={value.kind}
        options={KINDS.map((kind) => ({ value: kind, label: t(`distribution.${kind}`) }))}
        onCommit={(kind) => onCommit(FRESH[kind])}
      />
      {numbers.map(([field, number]) => (
        <NumberField
          key={`${value.kind} ${field}`}
          label={t(`distribution.${field as 'ms'}`)}
          value={number}
          min={0}
          step={field === 'sigma' || field === 'shape' ? 0.05 : 1}
          {...(field.endsWith('s') && { unit: t('units.ms') })}
          onCommit={(next) => onCommit({ ...value, [field]: next } as Distribution)}
        />
      ))}
    </>
  );
}

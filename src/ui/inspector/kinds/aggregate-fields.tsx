import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import type { Route } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { JsonField, SelectField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import styles from '../inspector.module.css';
import { Folds } from '../policies/fold.tsx';
import { RetriesFold } from '../policies/policy-folds.tsx';
import policyStyles from '../policies/policies.module.css';
import { SpecFields } from '../policies/spec-fields.tsx';
import { optionsOf } from '../record.ts';
import { OptionalFields } from '../record-fields.tsx';
import type { Targets } from './route-fields.tsx';

type Aggregate = Extract<Route['action'], { kind: 'aggregate' }>;
type Part = Aggregate['parts'][number];

interface AggregateFieldsProps {
  action: Aggregate;
  targets: Targets;
  onChange: Commit<Aggregate>;
}

/** One answer made of several services' answers. */
export function AggregateFields({ action, targets, onChange }: AggregateFieldsProps) {
  const { t } = useText();
  const first = targets[0]?.value;
  const nameOf = (id: string) => targets.find(({ value }) => value === id)?.label ?? id;
  const make = (to: string): Part => ({
    id: freeId('part', new Set(action.parts.map((part) => part.id))),
    to,
    method: 'GET',
    path: '/',
    required: false,
  });
  return (
    <>
      <SelectField
        label={t('gateway.mode')}
        value={action.mode}
        options={optionsOf(['sequential', 'parallel'], (value) => t(`gateway.mode.${value}`))}
        onCommit={(mode) => onChange({ ...action, mode })}
      />
      <h4 className={policyStyles.group} data-tip={t('gateway.parts.tip')}>
        {t('gateway.parts')}
      </h4>
      <ListField
        items={action.parts}
        keyOf={(part) => part.id}
        nameOf={(part) => part.id}
        titleOf={(part) => (
          <>
            <b className={styles.verb}>{part.id}</b>
            <span>{`${nameOf(part.to)} ${part.path}`}</span>
          </>
        )}
        onChange={(parts) => onChange({ ...action, parts })}
        add={first === undefined ? undefined : { label: t('gateway.addPart'), make: () => make(first) }}
      >
        {(part, change) => <PartFields part={part} targets={targets} onChange={change} />}
      </ListField>
      <JsonField
        label={t('steps.body')}
        value={action.body}
        onCommit={(body) => onChange({ ...action, body: body ?? null })}
      />
    </>
  );
}

function PartFields({ part, targets, onChange }: { part: Part; targets: Targets; onChange: Commit<Part> }) {
  const { t } = useText();
  const change: Commit<Part> = (next) => {
    // A part that must succeed has nothing to fall back to.
    const { fallback: _, ...rest } = next;
    return onChange(next.required ? rest : next);
  };
  return (
    <>
      <SelectField label={t('steps.to')} value={part.to} options={targets} onCommit={(to) => change({ ...part, to })} />
      <SpecFields area="part" value={part} onChange={change} />
      {!part.required && (
        <OptionalFields
          label={t('policy.fallback')}
          tip={t('part.fallback.tip')}
          value={part.fallback}
          fresh={[]}
          onCommit={(fallback) => change({ ...part, fallback })}
        >
          {(fallback) => (
            <JsonField
              label={t('steps.value')}
              value={fallback}
              onCommit={(next) => change({ ...part, fallback: next ?? null })}
            />
          )}
        </OptionalFields>
      )}
      <Folds>
        <RetriesFold value={part.retries} onCommit={(retries) => change({ ...part, retries })} />
      </Folds>
    </>
  );
}

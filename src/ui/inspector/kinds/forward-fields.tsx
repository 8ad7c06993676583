import type { Route } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField, SwitchField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import { NumberField } from '../number-field.tsx';
import styles from '../inspector.module.css';
import { withoutUndefined } from '../record.ts';
import { OptionalFields } from '../record-fields.tsx';
import type { Targets } from './route-fields.tsx';

type Forward = Extract<Route['action'], { kind: 'forward' }>;
type Share = NonNullable<Forward['split']>[number];

/** Where a route leads: one service, or several by weight (canary). */
export function ForwardFields({
  action,
  isRpc = false,
  targets,
  onChange,
}: {
  action: Forward;
  /** Over gRPC no prefix is stripped. */
  isRpc?: boolean;
  targets: Targets;
  onChange: Commit<Forward>;
}) {
  const { t } = useText();
  const other = targets.find(({ value }) => value !== action.to)?.value;
  return (
    <>
      <SelectField
        label={t('steps.to')}
        value={action.to}
        options={targets}
        onCommit={(to) => onChange({ ...action, to })}
      />
      {(!isRpc || action.stripPrefix) && (
        <SwitchField
          label={t('gateway.stripPrefix')}
          tip={t('gateway.stripPrefix.tip')}
          value={action.stripPrefix}
          onCommit={(stripPrefix) => onChange({ ...action, stripPrefix })}
        />
      )}
      <OptionalFields
        label={t('gateway.split')}
        tip={t('gateway.split.tip')}
        value={action.split}
        fresh={[{ to: action.to, weight: 90 }, ...(other === undefined ? [] : [{ to: other, weight: 10 }])]}
        onCommit={(split) => onChange(withoutUndefined({ ...action, split }))}
      >
        {(split, change) => <Shares split={split} targets={targets} onChange={change} />}
      </OptionalFields>
    </>
  );
}

function Shares({
  split,
  targets,
  onChange,
}: {
  split: readonly Share[];
  targets: Targets;
  onChange: Commit<Share[]>;
}) {
  const { t, number } = useText();
  const total = split.reduce((sum, share) => sum + share.weight, 0);
  const nameOf = (id: string) => targets.find(({ value }) => value === id)?.label ?? id;
  const free = targets.find(({ value }) => !split.some((share) => share.to === value))?.value;
  return (
    <ListField
      items={split}
      keyOf={(share) => share.to}
      nameOf={(share) => nameOf(share.to)}
      titleOf={({ to, weight }) => (
        <>
          <span>{nameOf(to)}</span>
          <span className={styles.dim}>{total === 0 ? '0 %' : `${number((weight / total) * 100, 1)} %`}</span>
        </>
      )}
      isOrdered={false}
      onChange={onChange}
      add={free === undefined ? undefined : { label: t('gateway.addShare'), make: () => ({ to: free, weight: 10 }) }}
    >
      {(share, change) => (
        <>
          <SelectField
            label={t('steps.to')}
            value={share.to}
            options={targets}
            onCommit={(to) => change({ ...share, to })}
          />
          <NumberField
            label={t('client.weight')}
            value={share.weight}
            min={0}
            onCommit={(weight) => change({ ...share, weight })}
          />
        </>
      )}
    </ListField>
  );
}

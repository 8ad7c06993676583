import { freeId } from '../../../core/topology/wiring/default-behaviour.ts';
import type { Route } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField, TextField } from '../fields.tsx';
import { ListField } from '../list-field.tsx';
import styles from '../inspector.module.css';
import { optionsOf } from '../record.ts';
import policyStyles from '../policies/policies.module.css';

type Conditions = NonNullable<Route['headers']>;
type How = 'equals' | 'matches' | 'present';
interface Condition {
  name: string;
  how: How;
  text: string;
}

const listOf = (conditions: Conditions): Condition[] =>
  Object.entries(conditions).map(([name, match]) => {
    if ('equals' in match) return { name, how: 'equals', text: match.equals };
    return 'matches' in match ? { name, how: 'matches', text: match.matches } : { name, how: 'present', text: '' };
  });
const recordOf = (list: readonly Condition[]): Conditions =>
  Object.fromEntries(
    list.map(({ name, how, text }) => [
      name,
      how === 'equals' ? { equals: text } : how === 'matches' ? { matches: text } : { present: true as const },
    ]),
  );

interface ConditionsFieldProps {
  label: string;
  addLabel: string;
  freshName: string;
  value: Conditions | undefined;
  /** Undefined when the last one is gone. */
  onCommit: Commit<Conditions | undefined>;
}

/** Conditions on named values, all of which must hold. */
export function ConditionsField({ label, addLabel, freshName, value = {}, onCommit }: ConditionsFieldProps) {
  const { t } = useText();
  const list = listOf(value);
  const make = (): Condition => ({
    name: freeId(freshName, new Set(list.map(({ name }) => name))),
    how: 'present',
    text: '',
  });
  return (
    <div role="group" aria-label={label}>
      <h4 className={policyStyles.group}>{label}</h4>
      <ListField
        items={list}
        keyOf={({ name }) => name}
        nameOf={({ name }) => name}
        titleOf={({ name, how, text }) => (
          <>
            <span className={styles.mono}>{name}</span>
            <span className={styles.dim}>{`${t(`conditions.how.${how}`)} ${text}`}</span>
          </>
        )}
        isOrdered={false}
        onChange={(next) => onCommit(next.length === 0 ? undefined : recordOf(next))}
        add={{ label: addLabel, make }}
      >
        {(condition, change) => (
          <>
            <TextField
              label={t('field.name')}
              value={condition.name}
              isMono
              onCommit={(name) => change({ ...condition, name })}
            />
            <SelectField
              label={t('conditions.how')}
              value={condition.how}
              options={optionsOf(['present', 'equals', 'matches'], (how) => t(`conditions.how.${how}`))}
              onCommit={(how) => change({ ...condition, how, text: how === 'matches' ? '.+' : '' })}
            />
            {condition.how !== 'present' && (
              <TextField
                label={t('steps.value')}
                value={condition.text}
                isMono
                onCommit={(text) => change({ ...condition, text })}
              />
            )}
          </>
        )}
      </ListField>
    </div>
  );
}

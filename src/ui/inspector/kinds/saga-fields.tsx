import type { Endpoint } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SwitchField, TextField } from '../fields.tsx';
import { OptionalFields } from '../record-fields.tsx';

/** Name and step of the saga that a handler belongs to. */
export function SagaFields({ saga, onChange }: { saga: Endpoint['saga']; onChange: Commit<Endpoint['saga']> }) {
  const { t } = useText();
  return (
    <OptionalFields
      label={t('service.saga')}
      tip={t('service.saga.tip')}
      value={saga}
      fresh={{ name: 'saga', step: 'step', compensation: false }}
      onCommit={onChange}
    >
      {(value, change) => (
        <>
          <TextField label={t('service.sagaName')} value={value.name} onCommit={(name) => change({ ...value, name })} />
          <TextField label={t('service.sagaStep')} value={value.step} onCommit={(step) => change({ ...value, step })} />
          <SwitchField
            label={t('service.sagaCompensation')}
            value={value.compensation}
            onCommit={(compensation) => change({ ...value, compensation })}
          />
        </>
      )}
    </OptionalFields>
  );
}

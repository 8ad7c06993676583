import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';

export type Protocol = 'http' | 'grpc';

/** HTTP or gRPC, where there is a choice: the present one is always among what is offered. */
export function ProtocolChoice({
  value,
  isOffered,
  onChoose,
}: {
  value: Protocol;
  isOffered: (protocol: Protocol) => boolean;
  onChoose: Commit<Protocol>;
}) {
  const { t } = useText();
  const options = (['http', 'grpc'] as const).filter((one) => one === value || isOffered(one));
  if (options.length < 2) return null;
  return (
    <SelectField
      label={t('link.protocol')}
      value={value}
      options={options.map((one) => ({ value: one, label: t(`link.${one}`) }))}
      onCommit={(next) => (next === value ? null : onChoose(next))}
    />
  );
}

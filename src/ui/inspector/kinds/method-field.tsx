import type { Endpoint } from '../../../core/topology/schema/types.ts';
import { useText } from '../../text/use-text.tsx';
import type { Commit } from '../apply-edit.ts';
import { SelectField } from '../fields.tsx';
import { optionsOf } from '../record.ts';

type Method = Endpoint['method'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies readonly Method[];

/** The HTTP method that an endpoint answers or a client asks with. */
export function MethodField({ value, onCommit }: { value: Method; onCommit: Commit<Method> }) {
  const { t } = useText();
  return <SelectField label={t('field.method')} value={value} options={optionsOf(METHODS)} onCommit={onCommit} />;
}

import { changeLinkKind } from '../../core/topology/edit/link-kind.ts';
import type { Link } from '../../core/topology/schema/types.ts';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { applyEdit } from './apply-edit.ts';
import { SelectField } from './fields.tsx';

/** Protocol of a call of a service by another one or by a client; other links have only one. */
export function LinkKindField({ id, link }: { id: string; link: Link }) {
  const services = useServices();
  const { t } = useText();
  const nodes = useDocument((state) => state.document.nodes);
  const caller = nodes[link.from.node]?.kind;
  const isChoice = (caller === 'service' || caller === 'client') && nodes[link.to.node]?.kind === 'service';
  if (!isChoice || (link.kind !== 'http' && link.kind !== 'grpc')) return null;
  return (
    <SelectField
      label={t('link.protocol')}
      tip={t('link.protocol.tip')}
      value={link.kind}
      options={(['http', 'grpc'] as const).map((kind) => ({ value: kind, label: t(`link.${kind}`) }))}
      onCommit={(kind) =>
        applyEdit(services, (document) => {
          const changed = changeLinkKind(document, id, kind);
          return changed.ok ? { ok: true, value: changed.value.diff } : changed;
        })
      }
    />
  );
}

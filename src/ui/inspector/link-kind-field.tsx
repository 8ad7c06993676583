import { linkRefusal } from '../../core/topology/wiring/link-rules.ts';
import { changeLinkKind } from '../../core/topology/edit/link-kind.ts';
import type { Link } from '../../core/topology/schema/types.ts';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import { applyEdit } from './apply-edit.ts';
import { SelectField } from './fields.tsx';

const PROTOCOLS = ['http', 'grpc'] as const;

/** Protocol of a call where there is a choice; other links have only one. */
export function LinkKindField({ id, link }: { id: string; link: Link }) {
  const services = useServices();
  const { t } = useText();
  const nodes = useDocument((state) => state.document.nodes);
  const [from, to] = [nodes[link.from.node]?.kind, nodes[link.to.node]?.kind];
  if (from === undefined || to === undefined || (link.kind !== 'http' && link.kind !== 'grpc')) return null;
  if (PROTOCOLS.some((kind) => linkRefusal(from, to, kind) !== null)) return null;
  return (
    <SelectField
      label={t('link.protocol')}
      tip={t('link.protocol.tip')}
      value={link.kind}
      options={PROTOCOLS.map((kind) => ({ value: kind, label: t(`link.${kind}`) }))}
      onCommit={(kind) =>
        applyEdit(services, (document) => {
          const changed = changeLinkKind(document, id, kind);
          return changed.ok ? { ok: true, value: changed.value.diff } : changed;
        })
      }
    />
  );
}

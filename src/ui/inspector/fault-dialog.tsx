import type { Fault } from '../../core/topology/schema/types.ts';
import { titleOf } from '../faces/face.ts';
import { LinkFaults, NodeFaults } from './faults.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { useTitles } from '../run/use-document-facts.ts';
import { useDocument, useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';

interface FaultDialogProps {
  on: 'node' | 'link';
  target: string;
  /** What the form begins with; null = its usual first. */
  fault: Fault['kind'] | null;
}

/** The form of the inspector that sets faults, where a menu or the command palette asks for it; closes when one is set. */
export function FaultDialog({ on, target, fault }: FaultDialogProps) {
  const { view } = useServices();
  const { t } = useText();
  const title = useTitles();
  const node = useDocument(({ document }) => (on === 'node' ? document.nodes[target] : undefined));
  const link = useDocument(({ document }) => (on === 'link' ? document.links[target] : undefined));
  const close = () => view.openDialog(null);
  const shared = { ...(fault !== null && { begin: fault }), onSet: close, isBare: true };
  if (node)
    return (
      <Dialog title={t('faults.of', { name: titleOf(node) })} width={400} onClose={close}>
        <NodeFaults id={target} node={node} {...shared} />
      </Dialog>
    );
  if (!link) return null;
  const ends = { from: title(link.from.node), to: title(link.to.node) };
  return (
    <Dialog title={t('faults.ofLink', ends)} width={400} onClose={close}>
      <LinkFaults id={target} kind={link.kind} {...shared} />
    </Dialog>
  );
}

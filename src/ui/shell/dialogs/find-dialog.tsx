import { nameOf } from '../../../app/commands/edit-actions.ts';
import { iconOf } from '../../faces/faces.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { FilterList } from '../../kit/filter-list.tsx';
import { useDocument, useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';

/** Goes to a component by name. */
export function FindDialog() {
  const { view } = useServices();
  const { t } = useText();
  const nodes = useDocument((state) => state.document.nodes);
  return (
    <Dialog title={t('find.title')} isBare width={480} onClose={() => view.openDialog(null)}>
      <FilterList
        items={Object.entries(nodes).map(([id, node]) => ({
          id,
          label: nameOf(node),
          hint: t(`kind.${node.kind}`),
          keywords: node.name,
          icon: iconOf(node),
        }))}
        label={t('find.title')}
        placeholder={t('connect.placeholder')}
        empty={t('find.empty')}
        onChoose={(id) => {
          view.openDialog(null);
          view.select({ nodes: [id] });
          view.canvas?.fitNodes([id]);
          setTimeout(() => view.canvas?.focusNode(id));
        }}
      />
    </Dialog>
  );
}

import { connectNodes, partners } from '../../../app/commands/connect-actions.ts';
import { nameOf } from '../../../app/commands/edit-actions.ts';
import { iconOf } from '../../faces/faces.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { FilterList } from '../../kit/filter-list.tsx';
import { wordsOf } from '../../kit/use-command.ts';
import { useDocument, useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';

/** Draws a link by keyboard: choose the other end; what cannot be joined says why. */
export function ConnectDialog({ node }: { node: string }) {
  const services = useServices();
  const texts = useText();
  const document = useDocument((state) => state.document);
  const title = texts.t('connect.title', { name: nameOf(document.nodes[node]) });
  const others = partners(document, node).sort((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null));
  const close = () => services.view.openDialog(null);
  return (
    <Dialog title={title} isBare width={520} onClose={close}>
      <FilterList
        items={others.flatMap(({ id, refusal }) => {
          const other = document.nodes[id];
          if (!other) return [];
          return {
            id,
            label: nameOf(other),
            hint: texts.t(`kind.${other.kind}`),
            keywords: other.name,
            icon: iconOf(other),
            disabledReason: refusal === null ? null : wordsOf(texts, `refusal.${refusal}`),
          };
        })}
        label={title}
        placeholder={texts.t('connect.placeholder')}
        empty={texts.t('connect.empty')}
        onChoose={(id) => {
          close();
          connectNodes(services, node, id, null);
        }}
      />
    </Dialog>
  );
}

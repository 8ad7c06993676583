import { connectNodes } from '../../../app/commands/connect-actions.ts';
import { addPreset } from '../../../app/commands/edit-actions.ts';
import { PALETTE_ITEMS } from '../../../app/commands/palette-items.ts';
import { usualLink } from '../../../core/topology/wiring/link-rules.ts';
import { findPreset } from '../../../core/topology/wiring/presets.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { FilterList } from '../../kit/filter-list.tsx';
import { wordsOf } from '../../kit/use-command.ts';
import { useDocument, useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';

interface AddDialogProps {
  /** Canvas coordinates. */
  at: { readonly x: number; readonly y: number };
  /** Node whose wire was dropped here; only what it can be connected to is offered. */
  from: string | null;
}

/** Adds something at a place; with a loose wire it is connected too. */
export function AddDialog({ at, from }: AddDialogProps) {
  const services = useServices();
  const texts = useText();
  const source = useDocument((state) => (from === null ? undefined : state.document.nodes[from]));
  const title = texts.t(from === null ? 'command.findPalette' : 'picker.title');
  const items = PALETTE_ITEMS.filter(({ preset }) => {
    const kind = findPreset(preset)?.kind;
    return kind !== undefined && (!source || usualLink(source.kind, kind) !== null);
  });
  const close = () => services.view.openDialog(null);
  return (
    <Dialog title={title} isBare width={420} onClose={close}>
      <FilterList
        items={items.map((item) => ({
          id: item.preset,
          label: wordsOf(texts, item.label),
          icon: item.icon,
          keywords: item.preset,
          section: texts.t(`palette.${item.category}`),
        }))}
        label={title}
        placeholder={texts.t('palette.search')}
        empty={texts.t('palette.empty')}
        onChoose={(preset) => {
          close();
          const added = addPreset(services, preset, at);
          if (added && from !== null) connectNodes(services, from, added, null);
        }}
      />
    </Dialog>
  );
}

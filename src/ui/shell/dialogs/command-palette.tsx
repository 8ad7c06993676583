import { useMemo } from 'react';
import { Dialog } from '../../kit/dialog.tsx';
import type { FilterItem } from '../../kit/filter-items.ts';
import { FilterList } from '../../kit/filter-list.tsx';
import { showCommand, wordsOf } from '../../kit/use-command.ts';
import { useServices } from '../../services.tsx';
import { useText } from '../../text/use-text.tsx';

/** Everything that can be done, by name. */
export function CommandPalette() {
  const { commands, view } = useServices();
  const texts = useText();
  const items = useMemo(
    () =>
      commands
        .list()
        .filter((command) => command.listed !== false)
        .map((command): FilterItem => {
          const shown = showCommand(command, commands, texts);
          const isAdding = command.group === 'add' && command.id.startsWith('add.') && command.id !== 'add.starter';
          return {
            ...shown,
            label: isAdding ? texts.t('command.add', { name: shown.label }) : shown.label,
            keywords: command.id,
            section: wordsOf(texts, `command.group.${command.group}`),
          };
        }),
    [commands, texts],
  );
  const close = () => view.openDialog(null);
  return (
    <Dialog title={texts.t('command.palette')} isBare width={560} onClose={close}>
      <FilterList
        items={items}
        label={texts.t('command.palette')}
        placeholder={texts.t('commands.placeholder')}
        empty={texts.t('commands.empty')}
        onChoose={(id) => {
          close();
          // After the dialog gave the focus back: the command may open another one.
          setTimeout(() => commands.perform(id));
        }}
      />
    </Dialog>
  );
}

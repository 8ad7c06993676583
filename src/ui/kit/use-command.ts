import { useMemo } from 'react';
import type { Command, CommandRegistry } from '../../app/commands/command.ts';
import type { IconName } from '../../app/commands/icon-names.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { isTextKey, type Texts } from '../text/texts.ts';
import { useText } from '../text/use-text.tsx';
import type { MenuEntry } from './menu.tsx';

export interface ShownCommand {
  id: string;
  label: string;
  icon: IconName | undefined;
  shortcut: string | undefined;
  /** Why it cannot be done now, in words. */
  disabledReason: string | null;
  perform: () => void;
}

/** Words of a key that comes from the application layer; an unknown key shows itself. */
export const wordsOf = (texts: Texts, key: string, values?: Readonly<Record<string, string | number>>): string =>
  isTextKey(key) ? texts.t(key, values) : key;

/** A command as it is shown now. */
export function showCommand(command: Command, registry: CommandRegistry, texts: Texts): ShownCommand {
  const reason = command.disabledReason?.() ?? null;
  return {
    id: command.id,
    label: wordsOf(texts, command.label, command.values?.()),
    icon: command.icon,
    shortcut: command.shortcuts?.[0],
    disabledReason: reason === null ? null : wordsOf(texts, reason),
    perform: () => void registry.perform(command.id),
  };
}

/** One command by id with its words; follows document and selection. */
export function useCommand(id: string): ShownCommand | null {
  const { commands } = useServices();
  const texts = useText();
  const document = useDocument((state) => state);
  const selection = useView((view) => view.selection);
  return useMemo(() => {
    const command = commands.get(id);
    // What a command says of itself depends on both.
    void document;
    void selection;
    return command ? showCommand(command, commands, texts) : null;
  }, [commands, id, texts, document, selection]);
}

/** Menu entries for command ids; `-` is a line. Commands that make no sense now are left out. */
export function menuEntries(ids: readonly string[], registry: CommandRegistry, texts: Texts): MenuEntry[] {
  const entries: MenuEntry[] = [];
  for (const [index, id] of ids.entries()) {
    if (id === '-') {
      if (entries.length > 0 && entries.at(-1)?.kind !== 'separator')
        entries.push({ kind: 'separator', id: `-${index}` });
      continue;
    }
    const command = registry.get(id);
    if (!command || !(command.when?.() ?? true)) continue;
    entries.push({ kind: 'item', ...showCommand(command, registry, texts), isDanger: id === 'edit.delete' });
  }
  if (entries.at(-1)?.kind === 'separator') entries.pop();
  return entries;
}

import type { IconName } from '../../app/commands/icon-names.ts';

export interface FilterItem {
  id: string;
  label: string;
  /** Also matched, not shown. */
  keywords?: string;
  hint?: string;
  icon?: IconName | undefined;
  shortcut?: string | undefined;
  section?: string;
  /** Why it cannot be chosen. */
  disabledReason?: string | null;
}
/** Every typed word has to occur; matches at the start of the label come first. */
export function filterItems(items: readonly FilterItem[], query: string): FilterItem[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  const found = items.filter((item) => {
    const text = `${item.label} ${item.keywords ?? ''} ${item.hint ?? ''}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words[0] ?? '';
  const rank = (item: FilterItem) => (item.label.toLocaleLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

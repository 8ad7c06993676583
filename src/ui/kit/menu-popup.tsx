import { Menu } from '@base-ui/react/menu';
import type { IconName } from '../../app/commands/icon-names.ts';
import { MenuIcon } from './menu-icon.tsx';
import { Kbd } from './kbd.tsx';
import styles from './popup.module.css';
import { useReturnFocus } from './use-return-focus.ts';

export type MenuEntry =
  | {
      kind: 'item';
      id: string;
      label: string;
      icon?: IconName | undefined;
      shortcut?: string | undefined;
      /** Why it cannot be chosen; shown under the label. */
      disabledReason?: string | null;
      isDanger?: boolean;
      isChecked?: boolean;
      perform: () => void;
    }
  | { kind: 'separator'; id: string }
  | { kind: 'heading'; id: string; label: string };

interface MenuPopupProps {
  entries: readonly MenuEntry[];
  anchor: Element | { getBoundingClientRect: () => DOMRect };
  align: 'start' | 'end';
  onClose: () => void;
}

/** The open menu: arrow keys, type-ahead, Escape and focus are Base UI's. */
export function MenuPopup({ entries, anchor, align, onClose }: MenuPopupProps) {
  const finalFocus = useReturnFocus();
  // Words stand under each other, whether an icon stands before them or not.
  const hasIcons = entries.some((entry) => entry.kind === 'item' && entry.icon !== undefined);
  return (
    <Menu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <Menu.Portal>
        <Menu.Positioner className={styles.positioner} anchor={anchor} align={align} side="bottom" sideOffset={4}>
          <Menu.Popup className={styles.popup} finalFocus={finalFocus}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} hasIcons={hasIcons} />
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Entry({ entry, hasIcons }: { entry: MenuEntry; hasIcons: boolean }) {
  if (entry.kind === 'separator') return <Menu.Separator className={styles.separator} />;
  if (entry.kind === 'heading') return <div className={styles.heading}>{entry.label}</div>;
  return (
    <Menu.Item
      className={styles.item}
      disabled={entry.disabledReason != null}
      data-danger={entry.isDanger}
      role={entry.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={entry.isChecked}
      onClick={entry.perform}
    >
      {entry.isChecked !== undefined && <span className={styles.check}>{entry.isChecked ? '✓' : ''}</span>}
      {entry.icon && <MenuIcon name={entry.icon} size={14} />}
      {hasIcons && !entry.icon && entry.isChecked === undefined && <span className={styles.check} />}
      <span className={styles.label}>
        {entry.label}
        {entry.disabledReason && <span className={styles.reason}>{entry.disabledReason}</span>}
      </span>
      {entry.shortcut && <Kbd shortcut={entry.shortcut} />}
    </Menu.Item>
  );
}

import { lazy, Suspense, useState, type ReactElement, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import type { MenuEntry } from './menu-popup.tsx';

const MenuPopup = lazy(() => import('./menu-popup.tsx').then((module) => ({ default: module.MenuPopup })));

/** Loads the code of menus before the first one opens. */
export const prefetchMenus = (): Promise<unknown> => import('./menu-popup.tsx');

interface MenuButtonProps {
  entries: () => readonly MenuEntry[];
  align?: 'start' | 'end';
  /** The button: gets the props that open the menu. */
  children: (trigger: { onClick: (event: { currentTarget: Element }) => void; isOpen: boolean }) => ReactElement;
}

/** A button with a menu under it; the menu's code loads when it is first wanted. */
export function MenuButton({ entries, align = 'start', children }: MenuButtonProps) {
  const [anchor, setAnchor] = useState<Element | null>(null);
  const button: ReactNode = children({
    isOpen: anchor !== null,
    onClick: (event) => setAnchor(anchor ? null : event.currentTarget),
  });
  return (
    <>
      {button}
      {anchor && (
        <Suspense>
          <MenuPopup
            entries={entries()}
            anchor={anchor}
            align={align}
            onClose={() => {
              setAnchor(null);
              if (anchor instanceof HTMLElement) anchor.focus();
            }}
          />
        </Suspense>
      )}
    </>
  );
}

interface IconMenuProps extends Pick<MenuButtonProps, 'entries' | 'align'> {
  label: string;
  shortcut?: string;
  /** The drawing on the button. */
  children: ReactNode;
}

/** A square button with a menu under it. */
export function IconMenu({ label, shortcut, children, ...menu }: IconMenuProps) {
  return (
    <MenuButton {...menu}>
      {({ onClick, isOpen }) => (
        <IconButton
          label={label}
          shortcut={shortcut}
          onClick={onClick}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          isOn={isOpen}
        >
          {children}
        </IconButton>
      )}
    </MenuButton>
  );
}

/** A menu at a point of the screen: the context menu of the canvas. */
export function PointMenu({
  at,
  entries,
  onClose,
}: {
  at: { x: number; y: number };
  entries: readonly MenuEntry[];
  onClose: () => void;
}) {
  const anchor = { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) };
  return (
    <Suspense>
      <MenuPopup entries={entries} anchor={anchor} align="start" onClose={onClose} />
    </Suspense>
  );
}
export type { MenuEntry };

import { shortcutKeys } from '../../app/commands/shortcut.ts';
import styles from './kbd.module.css';
import { IS_MAC } from './platform.ts';

/** A shortcut as the keys of this person's keyboard. Beside a control it is for the eye only: `aria-keyshortcuts` tells it. */
export function Kbd({ shortcut, isSpoken }: { shortcut: string; isSpoken?: boolean }) {
  return (
    <kbd className={styles.kbd} aria-hidden={!isSpoken}>
      {shortcutKeys(shortcut, IS_MAC).join(' ')}
    </kbd>
  );
}

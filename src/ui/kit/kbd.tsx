import { shortcutKeys } from '../../app/commands/shortcut.ts';
import styles from './kbd.module.css';
import { IS_MAC } from './platform.ts';

/** A shortcut as the keys of this person's keyboard. */
export function Kbd({ shortcut }: { shortcut: string }) {
  return <kbd className={styles.kbd}>{shortcutKeys(shortcut, IS_MAC).join(' ')}</kbd>;
}

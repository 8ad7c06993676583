const NAMES: Readonly<Record<string, string>> = {
  Digit: '',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Backspace: '⌫',
  Delete: 'Del',
  Escape: 'Esc',
  Slash: '/',
  Period: '.',
  Equal: '+',
  NumpadAdd: '+',
  Minus: '−',
  NumpadSubtract: '−',
  ContextMenu: 'Menu',
};
const MAC: Readonly<Record<string, string>> = { $mod: '⌘', Shift: '⇧', Alt: '⌥', Control: '⌃' };
const OTHER: Readonly<Record<string, string>> = { $mod: 'Ctrl', Control: 'Ctrl' };

/** How a person reads a shortcut pattern: `$mod+Shift+KeyZ` is `Ctrl Shift Z`, on macOS `⌘ ⇧ Z`. */
export function shortcutKeys(pattern: string, mac: boolean): string[] {
  return pattern.split('+').map((part) => {
    const modifier = (mac ? MAC : OTHER)[part];
    if (modifier) return modifier;
    if (part.startsWith('Key')) return part.slice(3);
    if (part.startsWith('Digit')) return part.slice(5);
    return NAMES[part] ?? part;
  });
}

/** For `aria-keyshortcuts`: `Control+Shift+Z` or `Meta+Shift+Z`. */
export function ariaShortcut(pattern: string, mac: boolean): string {
  return pattern
    .split('+')
    .map((part) => {
      if (part === '$mod') return mac ? 'Meta' : 'Control';
      return part.replace(/^(Key|Digit)/, '');
    })
    .join('+');
}

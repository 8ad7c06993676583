export type ThemeChoice = 'system' | 'light' | 'dark';

/** Writes the choice on <html>; `system` leaves it to the browser. */
export function applyTheme(root: HTMLElement, theme: ThemeChoice): void {
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

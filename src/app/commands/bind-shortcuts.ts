import { tinykeys, type KeyBindingMap } from 'tinykeys';
import type { Services } from '../services.ts';
import { clipText, pasteText, rememberCopied, removeSelected } from './clip-actions.ts';
import type { Command } from './command.ts';

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !/^(button|checkbox|radio|range)$/.test(target.getAttribute('type') ?? '');

/** A key that the focused control uses itself: Enter on a button, arrows in a list, Escape in a menu. */
function belongsToControl(event: KeyboardEvent): boolean {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.altKey) return false;
  // These read what is typed; the others only take the keys that move and choose.
  if (event.target.closest('[role="menu"],[role="listbox"],[role="dialog"],[role="tree"],[role="grid"]')) return true;
  const isControl = event.target.closest(
    'button,a,summary,[role="option"],[role="tablist"],[role="separator"],[role="slider"]',
  );
  return isControl !== null && /^(Enter|Space|Home|End|Arrow\w+)$/.test(event.code);
}

/** Binds every shortcut of the registry by physical key; returns how to let go. Follows commands that come later. */
export function bindShortcuts(target: Window, { commands, view }: Services): () => void {
  const handle = (command: Command) => (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (isField(event.target) && !command.inFields) return;
    if (belongsToControl(event)) return;
    // An open dialog has the keyboard; the palette may still be called from it.
    if (view.get().dialog !== null && !command.inFields) return;
    if (!(command.when?.() ?? true)) return;
    const result = commands.perform(command.id, event);
    if (result.done) event.preventDefault();
  };
  let unbind: () => void = () => undefined;
  let spaceTap: (event: KeyboardEvent) => void = () => undefined;
  const bind = () => {
    unbind();
    const map: Record<string, (event: KeyboardEvent) => void> = {};
    for (const command of commands.all()) {
      if (command.isNative) continue;
      for (const keys of command.shortcuts ?? []) {
        if (keys === 'Space') spaceTap = handle(command);
        else map[keys] = handle(command);
      }
    }
    unbind = tinykeys(target, map as KeyBindingMap);
  };
  const stopTap = bindTap(target, (event) => spaceTap(event));
  bind();
  const stop = commands.subscribe(bind);
  return () => {
    stop();
    stopTap();
    unbind();
  };
}

/** Wall ms up to which a press of the space bar is a tap; held longer, or with the pointer pressed, it pans the canvas. */
const TAP_MS = 350;

function bindTap(target: Window, perform: (event: KeyboardEvent) => void): () => void {
  let pressedAt: number | null = null;
  const isPlain = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  const down = (event: KeyboardEvent) => {
    if (event.code !== 'Space') pressedAt = null;
    else if (!event.repeat && isPlain(event)) pressedAt = event.timeStamp;
  };
  const up = (event: KeyboardEvent) => {
    if (event.code !== 'Space') return;
    const isTap = pressedAt !== null && event.timeStamp - pressedAt < TAP_MS;
    pressedAt = null;
    if (isTap) perform(event);
  };
  const cancel = () => {
    pressedAt = null;
  };
  target.addEventListener('keydown', down);
  target.addEventListener('keyup', up);
  target.addEventListener('pointerdown', cancel, true);
  target.addEventListener('blur', cancel);
  return () => {
    target.removeEventListener('keydown', down);
    target.removeEventListener('keyup', up);
    target.removeEventListener('pointerdown', cancel, true);
    target.removeEventListener('blur', cancel);
  };
}

/** Copy, cut and paste by the browser's own events: they work without asking for the clipboard. */
export function bindClipboard(target: Window, services: Services): () => void {
  const isElsewhere = (event: ClipboardEvent) =>
    isField(event.target) || services.view.get().dialog !== null || (target.getSelection()?.toString() ?? '') !== '';
  const take = (event: ClipboardEvent): boolean => {
    const text = isElsewhere(event) ? null : clipText(services);
    if (text === null) return false;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    rememberCopied(services, text);
    return true;
  };
  const copy = (event: ClipboardEvent) => void take(event);
  const cut = (event: ClipboardEvent) => {
    if (take(event)) removeSelected(services);
  };
  const paste = (event: ClipboardEvent) => {
    if (isElsewhere(event)) return;
    event.preventDefault();
    void pasteText(services, event.clipboardData?.getData('text/plain') ?? null);
  };
  target.addEventListener('copy', copy);
  target.addEventListener('cut', cut);
  target.addEventListener('paste', paste);
  return () => {
    target.removeEventListener('copy', copy);
    target.removeEventListener('cut', cut);
    target.removeEventListener('paste', paste);
  };
}

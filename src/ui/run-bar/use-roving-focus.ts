import { useEffect, useRef, type RefObject } from 'react';

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

/** One stop for the Tab key in a toolbar; the arrow keys, Home and End go from button to button (toolbar pattern of the ARIA practices). */
export function useRovingFocus(): RefObject<HTMLDivElement | null> {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = bar.current;
    if (!element) return undefined;
    const buttons = () =>
      [...element.querySelectorAll<HTMLElement>('button')].filter((button) => button.offsetParent !== null);
    const stopAt = (wanted: HTMLElement | undefined) => {
      for (const button of element.querySelectorAll<HTMLElement>('button'))
        button.tabIndex = button === wanted ? 0 : -1;
    };
    const settle = () => {
      const shown = buttons();
      stopAt(shown.find((button) => button.tabIndex === 0) ?? shown[0]);
    };
    const onFocus = (event: FocusEvent) => {
      if (event.target instanceof HTMLButtonElement) stopAt(event.target);
    };
    const onKey = (event: KeyboardEvent) => {
      const shown = buttons();
      const at = shown.indexOf(document.activeElement as HTMLElement);
      if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const step = STEPS[event.key];
      const next =
        event.key === 'Home'
          ? shown[0]
          : event.key === 'End'
            ? shown.at(-1)
            : step === undefined
              ? undefined
              : shown[(at + step + shown.length) % shown.length];
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      next.focus();
    };
    // Buttons come and go with the document and the width of the window. The width is told after the browser has laid the
    // page out, for the first time, too: asked now, it would have to do so twice.
    const watch = new MutationObserver(settle);
    watch.observe(element, { childList: true, subtree: true });
    const width = new ResizeObserver(settle);
    width.observe(element);
    element.addEventListener('focusin', onFocus);
    element.addEventListener('keydown', onKey);
    return () => {
      watch.disconnect();
      width.disconnect();
      element.removeEventListener('focusin', onFocus);
      element.removeEventListener('keydown', onKey);
    };
  }, []);
  return bar;
}

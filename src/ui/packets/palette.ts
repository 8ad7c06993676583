import type { Palette } from './draw.ts';

const TOKENS: Record<keyof Palette, string> = {
  flight: '--flight',
  ok: '--ok',
  error: '--err',
  compensation: '--amber',
  dropped: '--dead',
  canvas: '--canvas',
  accent: '--accent',
  mark: '--canvas',
  tag: '--raised',
  tagLine: '--line-2',
  tagText: '--text-2',
};

/** The theme's colours as resolved values: a canvas does not know `var()` and `light-dark()`. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const palette = {} as Palette;
  for (const [name, token] of Object.entries(TOKENS)) {
    probe.style.color = `var(${token})`;
    palette[name as keyof Palette] = getComputedStyle(probe).color;
  }
  probe.remove();
  return palette;
}

/** Calls `changed` when the theme changes, by choice or by the system. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    media.removeEventListener('change', changed);
  };
}

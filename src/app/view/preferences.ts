import type { LanguageChoice, Panels, ThemeChoice, ViewState } from './view-state.ts';

/** The part of Storage that is used; it may throw (blocked cookies), then nothing is remembered. */
export type PreferenceStorage = Pick<Storage, 'getItem' | 'setItem'>;
type Preferences = Pick<ViewState, 'theme' | 'language' | 'panels' | 'dismissedHints'>;

const KEY = 'servarium/preferences';
export const DEFAULT_PANELS: Panels = {
  palette: { open: true, width: 200 },
  inspector: { width: 360 },
  drawer: { open: true, height: 256 },
  minimap: true,
};
/** Sizes a panel may have, in px. */
export const PANEL_LIMITS = { palette: [168, 320], inspector: [304, 640], drawer: [144, 640] } as const;

/** Preferences of the last visit; what is missing or spoiled falls back to the defaults, the language to the browser's. In a low window the drawer starts closed: the canvas comes first. */
export function readPreferences(
  storage: PreferenceStorage | null,
  languages: readonly string[],
  isTall: boolean,
): Preferences {
  const saved = parse(storage);
  const panels = record(saved['panels']);
  return {
    theme: oneOf<ThemeChoice>(saved['theme'], ['system', 'light', 'dark'], 'system'),
    language: oneOf<LanguageChoice>(saved['language'], ['en', 'uk'], preferredLanguage(languages)),
    panels: {
      palette: {
        open: boolean(record(panels['palette'])['open'], DEFAULT_PANELS.palette.open),
        width: size(record(panels['palette'])['width'], PANEL_LIMITS.palette, DEFAULT_PANELS.palette.width),
      },
      inspector: {
        width: size(record(panels['inspector'])['width'], PANEL_LIMITS.inspector, DEFAULT_PANELS.inspector.width),
      },
      drawer: {
        open: boolean(record(panels['drawer'])['open'], isTall),
        height: size(record(panels['drawer'])['height'], PANEL_LIMITS.drawer, DEFAULT_PANELS.drawer.height),
      },
      minimap: boolean(panels['minimap'], DEFAULT_PANELS.minimap),
    },
    dismissedHints: Array.isArray(saved['dismissedHints'])
      ? saved['dismissedHints'].filter((hint): hint is string => typeof hint === 'string')
      : [],
  };
}

/** Remembers the preferences; a full or blocked storage is not an error. */
export function writePreferences(storage: PreferenceStorage | null, state: Preferences): void {
  const { theme, language, panels, dismissedHints } = state;
  try {
    storage?.setItem(KEY, JSON.stringify({ theme, language, panels, dismissedHints }));
  } catch {
    // Blocked or full: the choice holds for this visit.
  }
}

const preferredLanguage = (languages: readonly string[]): LanguageChoice => {
  for (const language of languages) {
    if (language.toLowerCase().startsWith('uk')) return 'uk';
    if (language.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
};

function parse(storage: PreferenceStorage | null): Record<string, unknown> {
  try {
    return record(JSON.parse(storage?.getItem(KEY) ?? '{}'));
  } catch {
    return {};
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const boolean = (value: unknown, fallback: boolean) => (typeof value === 'boolean' ? value : fallback);
const oneOf = <T extends string>(value: unknown, options: readonly T[], fallback: T): T =>
  options.find((option) => option === value) ?? fallback;
const size = (value: unknown, [min, max]: readonly [number, number], fallback: number) =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : fallback;

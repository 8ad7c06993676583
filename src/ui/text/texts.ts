import { formatMessage, type Language, type Message, type Numerals, type Values } from './catalogue.ts';
import { first } from './en/first.ts';
import type { en } from './en/index.ts';

export type TextKey = keyof typeof en;
export type Catalogue = Readonly<Record<TextKey, Message>>;

/** Words and numbers of one language. */
export interface Texts {
  language: Language;
  /** The text of a key with its values. */
  readonly t: (key: TextKey, values?: Values) => string;
  /** A number as people of this language write it; at most `digits` after the point (default 0). */
  readonly number: (value: number, digits?: number) => string;
  /** A reason that the log gives in English, where this language knows it; others stay as they are. */
  readonly reason: (text: string) => string;
}

/** The mark before the fraction. */
const POINT: Readonly<Record<Language, string>> = { en: '.', uk: ',' };

/**
 * A number that needs neither rounding nor grouping, as the language writes it; null for others. Making a formatter of the
 * browser's takes the first picture tens of milliseconds.
 */
function writePlain(value: number, digits: number, language: Language): string | null {
  // Smaller ones would be written with an exponent.
  if (Object.is(value, -0) || !(value === 0 || (value >= 1e-6 && value < 1000))) return null;
  const [whole = '', fraction] = String(value).split('.');
  if (fraction === undefined) return whole;
  return fraction.length <= digits ? whole + POINT[language] + fraction : null;
}

/** Texts over a loaded catalogue. */
export function createTexts(language: Language, catalogue: Catalogue, reason: Texts['reason'] = (text) => text): Texts {
  let rules: Intl.PluralRules | null = null;
  const formats = new Map<number, Intl.NumberFormat>();
  const format = (digits: number) => {
    const known = formats.get(digits);
    if (known) return known;
    const made = new Intl.NumberFormat(language, { maximumFractionDigits: digits });
    formats.set(digits, made);
    return made;
  };
  const write = (value: number, digits: number): string =>
    writePlain(value, digits, language) ?? format(digits).format(value);
  const numerals: Numerals = {
    rules: () => (rules ??= new Intl.PluralRules(language)),
    write: (value) => write(value, 3),
  };
  return {
    language,
    // A key whose part is not loaded yet shows itself rather than taking the page down.
    t: (key, values = {}) => formatMessage(catalogue[key] ?? key, values, numerals),
    number: (value, digits = 0) => write(value, digits),
    reason,
  };
}

// English stands from the start; what only forms say joins it with the forms.
const english: Record<string, Message> = { ...first };
const loaded = new Map<Language, Texts>([['en', createTexts('en', english as Catalogue)]]);

/** Texts of a language that is already loaded; English otherwise. */
export const textsOf = (language: Language): Texts => loaded.get(language) ?? loaded.get('en')!;

/** Loads a language's catalogue (the first screen's English is always there). */
export async function loadTexts(language: Language): Promise<Texts> {
  const known = loaded.get(language);
  if (known) return known;
  const [{ uk }, { reasonInUkrainian }] = await Promise.all([import('./uk/index.ts'), import('./uk/reasons.ts')]);
  const texts = createTexts('uk', uk, reasonInUkrainian);
  loaded.set('uk', texts);
  return texts;
}

/** Loads what only forms say; has to be awaited before a form is drawn. */
export async function loadFormTexts(): Promise<void> {
  const { rest } = await import('./en/rest.ts');
  Object.assign(english, rest);
}

/** Loads what only dialogs say; has to be awaited before one is drawn. */
export async function loadDialogTexts(): Promise<void> {
  const { dialogs } = await import('./en/dialogs.ts');
  Object.assign(english, dialogs);
}

/** Loads what the drawer and an open message say; has to be awaited before they are drawn. */
export async function loadPanelTexts(): Promise<void> {
  const { panels } = await import('./en/panels.ts');
  Object.assign(english, panels);
}

/** True for a key of the catalogue: labels that come from data (presets, problems) may be one. */
export const isTextKey = (key: string): key is TextKey => Object.hasOwn(english, key);

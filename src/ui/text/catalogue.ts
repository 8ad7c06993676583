/** One message: plain text with `{name}` places, or forms chosen by the plural rules of the language for `count`. */
export type Message = string | PluralMessage;
export interface PluralMessage {
  readonly one: string;
  /** Slavic languages: 2 to 4. */
  readonly few?: string;
  /** Slavic languages: 0, 5 to 20. */
  readonly many?: string;
  readonly other: string;
}
export type Language = 'en' | 'uk';
export type Values = Readonly<Record<string, string | number>>;
export const LANGUAGES: readonly { id: Language; label: string; short: string }[] = [
  { id: 'en', label: 'English', short: 'EN' },
  { id: 'uk', label: 'Українська', short: 'УК' },
];

/** How a language counts and writes numbers. */
export interface Numerals {
  rules: () => Intl.PluralRules;
  write: (value: number) => string;
}

/** The message in words: picks the plural form by `values.count` and fills `{name}`; a missing value stays visible as `{name}`. */
export function formatMessage(message: Message, values: Values, { rules, write }: Numerals): string {
  const text = typeof message === 'string' ? message : pluralForm(message, Number(values['count'] ?? 0), rules());
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? write(value) : value;
  });
}

function pluralForm(message: PluralMessage, count: number, rules: Intl.PluralRules): string {
  const form = rules.select(count);
  if (form === 'one') return message.one;
  if (form === 'few') return message.few ?? message.other;
  if (form === 'many') return message.many ?? message.other;
  return message.other;
}

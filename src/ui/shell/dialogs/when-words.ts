import type { Language } from '../../text/catalogue.ts';

/** A wall time (ISO 8601) as a person reads it: date and time to the second, in the time zone of the browser. */
export const whenWords = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso));

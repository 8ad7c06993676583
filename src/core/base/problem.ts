import type { Problem } from './result.ts';

type PlacesIn<S extends string> = S extends `${string}{${infer Place}}${infer Rest}` ? Place | PlacesIn<Rest> : never;
/** A value for every `{place}` of a sentence. Values of the places in `NODE_PLACES` are node ids, several joined by ", ". */
export type ProblemValues<S extends string> = { readonly [Place in PlacesIn<S>]: string | number };

/** Places of sentences that hold node ids: the interface shows the names that people gave. */
export const NODE_PLACES: readonly string[] = ['node', 'nodes', 'from', 'to', 'service', 'client', 'other'];

/** A sentence with its places filled; a place without a value stays visible. */
export const fillPlaces = (sentence: string, values: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));

type Sentences = Readonly<Record<string, string>>;
/** What a text names, in its sentence and in what can be done about it. */
export type TextValues<Texts extends Sentences, Fixes extends Sentences, Text extends keyof Texts> = ProblemValues<
  Texts[Text]
> &
  (Text extends keyof Fixes ? ProblemValues<Fixes[Text]> : unknown);

/**
 * Makes the problems of one table of English sentences by text, and of what can be done about them; the part of a text before
 * its dot is the code. Every table is also a part of the interface's catalogue, whose other languages have to hold the same
 * texts: a new text without words there does not compile.
 */
export const problemMaker =
  <const Texts extends Sentences, const Fixes extends Sentences = Record<never, string>>(texts: Texts, fixes?: Fixes) =>
  <Text extends keyof Texts & string>(
    text: Text,
    at: string,
    values: TextValues<Texts, Fixes, Text>,
    more?: { severity?: Problem['severity']; code?: string },
  ): Problem => {
    const fix = fixes !== undefined && Object.hasOwn(fixes, text) ? fixes[text] : undefined;
    return {
      code: more?.code ?? (text.split('.')[0] as string),
      text,
      values,
      message: fillPlaces(texts[text] as string, values),
      at,
      severity: more?.severity ?? 'error',
      ...(fix === undefined ? {} : { fix: fillPlaces(fix, values) }),
    };
  };

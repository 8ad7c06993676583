import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Language } from './catalogue.ts';
import { loadTexts, textsOf, type Texts } from './texts.ts';

const TextContext = createContext<Texts>(textsOf('en'));

/** Words and numbers of the current language: `const { t } = useText()`. */
export const useText = (): Texts => useContext(TextContext);

/**
 * Gives the words below it the language, sets `<html lang>`; keeps the last language until the next one is loaded.
 * `named` puts names into a sentence of the log; it has to stay the same function.
 */
export function TextProvider({
  language,
  named,
  children,
}: {
  language: Language;
  named: (text: string) => string;
  children: ReactNode;
}) {
  const [texts, setTexts] = useState(() => textsOf(language));
  useEffect(() => {
    let wanted = true;
    void loadTexts(language).then((next) => {
      if (!wanted) return;
      setTexts(next);
      document.documentElement.lang = next.language;
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  const worded = useMemo<Texts>(() => ({ ...texts, reason: (text) => named(texts.reason(text)) }), [texts, named]);
  return <TextContext value={worded}>{children}</TextContext>;
}

import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import type { Language } from './catalogue.ts';
import { loadTexts, textsOf, type Texts } from './texts.ts';

const TextContext = createContext<Texts>(textsOf('en'));

/** Words and numbers of the current language: `const { t } = useText()`. */
export const useText = (): Texts => useContext(TextContext);

/** Gives the words below it the language, sets `<html lang>`; keeps the last language until the next one is loaded. */
export function TextProvider({ language, children }: { language: Language; children: ReactNode }) {
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
  return <TextContext value={texts}>{children}</TextContext>;
}

import { useEffect, useState } from 'react';
import { fillPlaces } from '../../core/base/problem.ts';
import type { FidelityRow } from '../../core/compose/model.ts';
import type * as ukrainian from './uk/fidelity.ts';
import { useText } from './use-text.tsx';

type Words = Pick<typeof ukrainian, 'aspects' | 'notes'>;

/** Aspect and note of a row of the export report in the language of the interface; English is what core wrote. */
export function useFidelityWords(): (row: FidelityRow) => { aspect: string; note: string } {
  const { language } = useText();
  const [words, setWords] = useState<Words | null>(null);
  useEffect(() => {
    let wanted = true;
    if (language === 'uk') void import('./uk/fidelity.ts').then((found) => wanted && setWords(found));
    return () => {
      wanted = false;
    };
  }, [language]);
  return (row) =>
    language === 'uk' && words !== null
      ? {
          aspect: row.aspectText === null ? row.aspect : fillPlaces(words.aspects[row.aspectText], row.values),
          note: fillPlaces(words.notes[row.noteText], row.values),
        }
      : row;
}

import { useEffect, useRef } from 'react';
import { useText } from '../text/use-text.tsx';
import { narrate, toldOf, type Told } from './narrate.ts';
import { useTitles } from './use-document-facts.ts';
import { useRunStore } from './use-run.ts';

/** Tells screen readers what the dots show. Speaks when something happened, one sentence per frame at most; no timer. */
export function SpokenRun() {
  const run = useRunStore();
  const texts = useText();
  const title = useTitles();
  const region = useRef<HTMLDivElement>(null);
  const told = useRef<Told | null>(null);
  useEffect(
    () =>
      run.subscribe(() => {
        const { view, seekT } = run.get();
        const before = told.current;
        if (seekT !== null) return;
        told.current = toldOf(view);
        // A new run, or the first look at one: what was before is not news.
        if (before === null || view.t < before.t) return;
        const words = narrate(view, before, title, texts);
        if (words !== null && region.current) region.current.textContent = words;
      }),
    [run, texts, title],
  );
  return (
    <div
      ref={region}
      className="visually-hidden"
      role="log"
      aria-live="polite"
      aria-label={texts.t('narrate.region')}
    />
  );
}

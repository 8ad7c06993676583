import { lazy, Suspense } from 'react';
import { afterFirstDots } from '../kit/first-dots.ts';

const SpokenRun = lazy(async () => ({
  default: (await afterFirstDots(() => import('./spoken-run.tsx'))).SpokenRun,
}));

/** Tells screen readers what the dots show; its code loads beside the first picture, on a first visit after its first dots. */
export function RunNarrator() {
  return (
    <Suspense>
      <SpokenRun />
    </Suspense>
  );
}

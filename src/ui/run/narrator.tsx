import { lazy, Suspense } from 'react';

const SpokenRun = lazy(async () => ({ default: (await import('./spoken-run.tsx')).SpokenRun }));

/** Tells screen readers what the dots show; its code loads beside the first picture. */
export function RunNarrator() {
  return (
    <Suspense>
      <SpokenRun />
    </Suspense>
  );
}

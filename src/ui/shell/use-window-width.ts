import { useSyncExternalStore } from 'react';

/** Inner width of the window in px. */
export const useWindowWidth = (): number =>
  useSyncExternalStore(
    (listener) => {
      window.addEventListener('resize', listener);
      return () => window.removeEventListener('resize', listener);
    },
    () => window.innerWidth,
  );

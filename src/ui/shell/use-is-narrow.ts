import { useSyncExternalStore } from 'react';

const QUERY = '(max-width: 1199px)';

/** True below 1200 px: the palette becomes a rail. */
export const useIsNarrow = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      const media = matchMedia(QUERY);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(QUERY).matches,
  );

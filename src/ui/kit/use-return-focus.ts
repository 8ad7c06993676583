import { useState } from 'react';

/** For Base UI's `finalFocus`: the focus returns to where it was before the popup opened, be it a control or a region. */
export function useReturnFocus(): () => HTMLElement | false {
  const [before] = useState(() => document.activeElement);
  return () => {
    if (!(before instanceof HTMLElement) || before === document.body) return false;
    if (before.tabIndex >= 0) return before;
    // Handed back, a region would pass the focus on to the first control in it.
    before.focus({ preventScroll: true });
    return false;
  };
}

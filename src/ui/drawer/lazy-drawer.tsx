import { Suspense } from 'react';
import { afterFirstDots } from '../kit/first-dots.ts';
import { lazyWorded } from '../text/lazy-worded.ts';
import { loadPanelTexts } from '../text/texts.ts';
import styles from './drawer.module.css';

const DrawerPanels = lazyWorded(
  () => afterFirstDots(loadPanelTexts),
  async () => (await afterFirstDots(() => import('./drawer.tsx'))).DrawerPanels,
);

/** The drawer; its code loads after the canvas stands, on a first visit after its first dots. */
export function Drawer() {
  return (
    <Suspense fallback={<div className={styles.drawer} />}>
      <DrawerPanels />
    </Suspense>
  );
}

import { Suspense } from 'react';
import { lazyWorded } from '../text/lazy-worded.ts';
import { loadPanelTexts } from '../text/texts.ts';
import styles from './drawer.module.css';

const DrawerPanels = lazyWorded(loadPanelTexts, async () => (await import('./drawer.tsx')).DrawerPanels);

/** The drawer; its code loads after the canvas stands. */
export function Drawer() {
  return (
    <Suspense fallback={<div className={styles.drawer} />}>
      <DrawerPanels />
    </Suspense>
  );
}

import { lazy, Suspense } from 'react';
import { loadPanelTexts } from '../text/texts.ts';
import styles from './drawer.module.css';

const DrawerPanels = lazy(async () => {
  const [module] = await Promise.all([import('./drawer.tsx'), loadPanelTexts()]);
  return { default: module.DrawerPanels };
});

/** The drawer; its code loads after the canvas stands. */
export function Drawer() {
  return (
    <Suspense fallback={<div className={styles.drawer} />}>
      <DrawerPanels />
    </Suspense>
  );
}

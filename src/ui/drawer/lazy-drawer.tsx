import { lazy, Suspense } from 'react';
import styles from './drawer.module.css';

const DrawerPanels = lazy(() => import('./drawer.tsx').then((module) => ({ default: module.DrawerPanels })));

/** The drawer; its code loads after the canvas stands. */
export function Drawer() {
  return (
    <Suspense fallback={<div className={styles.drawer} />}>
      <DrawerPanels />
    </Suspense>
  );
}

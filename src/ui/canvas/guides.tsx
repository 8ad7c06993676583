import { ViewportPortal } from '@xyflow/react';
import styles from './canvas.module.css';
import { useCanvasState } from './canvas-state.ts';

/** Lines along which what is being dragged is aligned. */
export function Guides() {
  const guides = useCanvasState((state) => state.guides);
  if (guides.length === 0) return null;
  return (
    <ViewportPortal>
      {guides.map(({ axis, at, from, to }) => (
        <div
          key={`${axis} ${at}`}
          className={styles.guide}
          data-axis={axis}
          data-testid="guide"
          style={axis === 'x' ? { left: at, top: from, height: to - from } : { top: at, left: from, width: to - from }}
        />
      ))}
    </ViewportPortal>
  );
}

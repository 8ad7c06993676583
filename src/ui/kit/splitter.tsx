import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { classes } from './classes.ts';
import styles from './splitter.module.css';

interface SplitterProps {
  label: string;
  /** Edge of the panel that it stands on: dragging away from the panel makes it larger. */
  edge: 'left' | 'right' | 'top';
  /** Size of the panel in px and the sizes that it may have. */
  size: number;
  limits: readonly [number, number];
  onResize: (size: number) => void;
}
const KEY_STEP = 16;

/** A border that can be dragged or moved with the arrow keys. */
export function Splitter({ label, edge, size, limits, onResize }: SplitterProps) {
  const start = useRef<{ at: number; size: number } | null>(null);
  const vertical = edge !== 'top';
  const sign = edge === 'right' ? 1 : -1;
  const clamp = (value: number) => Math.round(Math.min(limits[1], Math.max(limits[0], value)));
  const at = (event: PointerEvent) => (vertical ? event.clientX : event.clientY);
  const onKeyDown = (event: KeyboardEvent) => {
    const [less, more] = vertical ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const step = event.key === more ? sign : event.key === less ? -sign : 0;
    if (step !== 0) onResize(clamp(size + step * KEY_STEP));
    else if (event.key === 'Home') onResize(limits[0]);
    else if (event.key === 'End') onResize(limits[1]);
    else return;
    event.preventDefault();
  };
  return (
    // A focusable separator is the window splitter of the ARIA practices.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={vertical ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(size)}
      aria-valuemin={limits[0]}
      aria-valuemax={limits[1]}
      className={classes(styles.splitter, styles[edge])}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: at(event), size };
      }}
      onPointerMove={(event) => {
        if (start.current) onResize(clamp(start.current.size + (at(event) - start.current.at) * sign));
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
    />
  );
}

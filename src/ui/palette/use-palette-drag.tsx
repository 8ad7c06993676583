import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { addPreset } from '../../app/commands/edit-actions.ts';
import type { PaletteItem } from '../../app/commands/palette-items.ts';
import { Icon } from '../kit/icon.tsx';
import { wordsOf } from '../kit/use-command.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './palette.module.css';

/** px before a press becomes a drag. */
const THRESHOLD = 4;

/** Dragging with the pointer (mouse, pen, touch): a ghost follows, dropping on the canvas adds there. */
export function usePaletteDrag(): {
  start: (event: ReactPointerEvent, item: PaletteItem) => void;
  /** True right after a drag: the click that follows it adds nothing more. */
  wasDragged: () => boolean;
  ghost: ReactNode;
} {
  const services = useServices();
  const texts = useText();
  const [ghost, setGhost] = useState<{ item: PaletteItem; x: number; y: number } | null>(null);
  const stop = useRef<() => void>(() => undefined);
  const dragged = useRef(false);
  useEffect(() => () => stop.current(), []);

  const start = (event: ReactPointerEvent, item: PaletteItem) => {
    if (event.button !== 0) return;
    const from = { x: event.clientX, y: event.clientY };
    dragged.current = false;
    const move = (next: PointerEvent) => {
      if (!dragged.current && Math.hypot(next.clientX - from.x, next.clientY - from.y) < THRESHOLD) return;
      dragged.current = true;
      setGhost({ item, x: next.clientX, y: next.clientY });
    };
    const up = (next: PointerEvent) => {
      stop.current();
      if (!dragged.current || next.type === 'pointercancel') return;
      const target = document.elementFromPoint(next.clientX, next.clientY);
      if (!target?.closest('[data-testid="canvas"]')) return;
      const at = services.view.canvas?.pointAt({ x: next.clientX, y: next.clientY });
      if (at) addPreset(services, item.preset, at);
    };
    const key = (next: KeyboardEvent) => {
      if (next.key === 'Escape') stop.current();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', up);
    window.addEventListener('keydown', key);
    stop.current = () => {
      setGhost(null);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', up);
      window.removeEventListener('keydown', key);
      stop.current = () => undefined;
    };
  };
  return {
    start,
    wasDragged: () => {
      const was = dragged.current;
      dragged.current = false;
      return was;
    },
    ghost:
      ghost &&
      createPortal(
        <div className={styles.ghost} style={{ left: ghost.x, top: ghost.y }}>
          <Icon name={ghost.item.icon} />
          {wordsOf(texts, ghost.item.label)}
        </div>,
        document.body,
      ),
  };
}

import { create } from 'zustand';
import { NOT_MOVED, type Moved } from './layout.ts';

interface CanvasState {
  /** Places of what is being dragged; empty otherwise. */
  moved: Moved;
  /** Link under the pointer. */
  hoveredLink: string | null;
  /** Node that a connection is being dragged from, and the reason why it cannot end where the pointer is. */
  connecting: { from: string; refusal: string | null; at: { x: number; y: number } } | null;
}

/** What the canvas knows only while a gesture goes on. Never part of the document. */
export const useCanvasState = create<CanvasState>(() => ({ moved: NOT_MOVED, hoveredLink: null, connecting: null }));

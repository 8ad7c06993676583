import { create } from 'zustand';
import type { Guide } from './align.ts';
import { NOT_MOVED, type Moved } from './layout.ts';

interface CanvasState {
  /** Places of what is being dragged; empty otherwise. */
  moved: Moved;
  /** Lines along which it is aligned. */
  guides: readonly Guide[];
  /** The component under the pointer with everything that is linked to it; null = none. */
  near: ReadonlySet<string> | null;
  /** What stands out while a component has the focus of the view; null = everything. */
  focused: ReadonlySet<string> | null;
  /** Link under the pointer. */
  hoveredLink: string | null;
  /** Node that a connection is being dragged from, and the reason why it cannot end where the pointer is. */
  connecting: { from: string; refusal: string | null; at: { x: number; y: number } } | null;
}

/** What the canvas knows only while a gesture goes on. Never part of the document. */
export const useCanvasState = create<CanvasState>(() => ({
  moved: NOT_MOVED,
  guides: [],
  near: null,
  focused: null,
  hoveredLink: null,
  connecting: null,
}));

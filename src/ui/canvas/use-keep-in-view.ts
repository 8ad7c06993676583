import { useStore, useStoreApi } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { selectionSize } from '../../app/view/view-state.ts';
import { useView } from '../services.tsx';
import { hold, owe, payBack, type PanDebt, type Shift } from './pan-debt.ts';

/** px between a selected component and the edge of what can be seen. */
const MARGIN = 24;

interface Span {
  start: number;
  end: number;
}

/** How far to pan along one axis so that `box` lies inside `room`; 0 when it does already, or cannot. */
export function panInto(box: Span, room: Span): number {
  const [first, last] = [room.start + MARGIN, room.end - MARGIN];
  if (box.end - box.start > last - first) return 0;
  if (box.end > last) return last - box.end;
  if (box.start < first) return first - box.start;
  return 0;
}

type Store = ReturnType<typeof useStoreApi>;

/**
 * Keeps the picture calm while panels come and go: what is drawn stays where it was on screen when a panel moves the corner of the canvas,
 * a component that was selected is moved into view, also when the inspector opens over or beside it, and when nothing is selected
 * any more the view goes back to where it was, unless a person has moved it since.
 */
export function useKeepInView(root: RefObject<HTMLDivElement | null>): void {
  const store = useStoreApi();
  const debt = useRef<PanDebt | null>(null);
  useStandStill(root, store, debt);
  const only = useView(({ selection }) => (selection.nodes.length === 1 ? selection.nodes[0] : undefined));
  const isNothing = useView(({ selection }) => selectionSize(selection) === 0);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    if ((only === undefined && !isNothing) || width === 0) return undefined;
    const show = () => {
      const state = store.getState();
      const by = only === undefined ? payBack(debt.current, state.transform) : panToNode(root.current, state, only);
      if (by !== null) {
        debt.current = only === undefined ? null : owe(debt.current, state.transform, by);
        void state.panBy(by);
      } else if (isNothing) debt.current = null;
    };
    // Panels that open move the canvas first: two frames later everything stands where it stays.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(show);
    });
    return () => cancelAnimationFrame(frame);
  }, [only, isNothing, width, height, root, store]);
}

/** Panels that open move the canvas's corner; what is drawn stays where it was on screen. */
function useStandStill(root: RefObject<HTMLDivElement | null>, store: Store, debt: RefObject<PanDebt | null>): void {
  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    let corner = element.getBoundingClientRect();
    const follow = () => {
      const next = element.getBoundingClientRect();
      const by = { x: corner.left - next.left, y: corner.top - next.top };
      corner = next;
      if (by.x === 0 && by.y === 0) return;
      const state = store.getState();
      debt.current = hold(debt.current, state.transform, by);
      void state.panBy(by);
    };
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    return () => observer.disconnect();
  }, [root, store, debt]);
}

/** How far to pan so that a node is in view; null when it is already, or is being dragged. */
function panToNode(element: HTMLElement | null, state: ReturnType<Store['getState']>, id: string): Shift | null {
  const { transform, nodeLookup, height } = state;
  const node = nodeLookup.get(id);
  // One that is being dragged follows the pointer, not the window.
  if (!element || !node || node.dragging) return null;
  const [x, y, zoom] = transform;
  const { x: nodeX, y: nodeY } = node.internals.positionAbsolute;
  const across = { start: nodeX * zoom + x, end: (nodeX + (node.width ?? 0)) * zoom + x };
  const down = { start: nodeY * zoom + y, end: (nodeY + (node.height ?? 0)) * zoom + y };
  // In a narrow window the inspector lies over the canvas.
  const canvas = element.getBoundingClientRect();
  const cover = document.querySelector('[data-inspector]')?.getBoundingClientRect();
  const right = cover ? Math.min(canvas.right, Math.max(canvas.left, cover.left)) : canvas.right;
  const by = {
    x: panInto(across, { start: 0, end: right - canvas.left }),
    y: panInto(down, { start: 0, end: height }),
  };
  return by.x === 0 && by.y === 0 ? null : by;
}

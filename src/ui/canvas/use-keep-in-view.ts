import { useStore, useStoreApi } from '@xyflow/react';
import { useEffect, type RefObject } from 'react';
import { useView } from '../services.tsx';

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

/** A component that was selected is moved into view, also when the inspector opens over or beside it. What is in view already stays where it is. */
export function useKeepInView(root: RefObject<HTMLDivElement | null>): void {
  const store = useStoreApi();
  const only = useView(({ selection }) => (selection.nodes.length === 1 ? selection.nodes[0] : undefined));
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    if (only === undefined || width === 0) return undefined;
    const show = () => {
      if (root.current) panToNode(root.current, store.getState(), only);
    };
    // Panels that open move the canvas first: two frames later everything stands where it stays.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(show);
    });
    return () => cancelAnimationFrame(frame);
  }, [only, width, height, root, store]);
}

function panToNode(element: HTMLElement, state: ReturnType<ReturnType<typeof useStoreApi>['getState']>, id: string) {
  const { transform, nodeLookup, panBy, height } = state;
  const node = nodeLookup.get(id);
  // One that is being dragged follows the pointer, not the window.
  if (!node || node.dragging) return;
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
  if (by.x !== 0 || by.y !== 0) void panBy(by);
}

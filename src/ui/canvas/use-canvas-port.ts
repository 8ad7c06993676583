import { useReactFlow, useStoreApi } from '@xyflow/react';
import { useEffect, type RefObject } from 'react';
import type { CanvasPort } from '../../app/view/view-state.ts';
import { useServices } from '../services.tsx';
import type { MenuTarget } from './canvas-menu.tsx';
import { layoutOf, NOT_MOVED } from './layout.ts';
import type { Box } from './route-links.ts';

const MOTION_MS = 160;
/** Room for the attribution above and the legend below. */
export const FIT_PADDING = { top: '24px', right: '24px', bottom: '44px', left: '24px' } as const;
const GRID = 8;

/** Offers the canvas to commands while it is mounted. */
export function useCanvasPort(root: RefObject<HTMLDivElement | null>, openMenu: (target: MenuTarget) => void): void {
  const { view, documents } = useServices();
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    let pointer: { x: number; y: number } | null = null;
    const element = root.current;
    const track = (event: PointerEvent) => {
      pointer = { x: event.clientX, y: event.clientY };
    };
    const leave = () => {
      pointer = null;
    };
    element?.addEventListener('pointermove', track);
    element?.addEventListener('pointerleave', leave);
    const duration = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : MOTION_MS);
    const port: CanvasPort = {
      fit: () => {
        // With nothing to fit it would wait, and move what is dropped first.
        if (flow.getNodes().length === 0) void flow.setViewport({ x: 0, y: 0, zoom: 1 });
        else void flow.fitView({ padding: FIT_PADDING, maxZoom: 1, duration: duration() });
      },
      fitNodes: (nodes) =>
        void flow.fitView({ nodes: nodes.map((id) => ({ id })), padding: 0.3, maxZoom: 1.25, duration: duration() }),
      zoomBy: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: duration() }),
      zoomTo: (zoom) => void flow.zoomTo(zoom, { duration: duration() }),
      pointAt: (screen) => flow.screenToFlowPosition(screen, { snapToGrid: false }),
      pointer: () => (pointer ? flow.screenToFlowPosition(pointer) : null),
      freePlace: (size) => {
        const { width, height, transform } = store.getState();
        const [x, y, zoom] = transform;
        const centre = { x: (width / 2 - x) / zoom - size.width / 2, y: (height / 2 - y) / zoom - size.height / 2 };
        return freePlace(layoutOf(documents.get().document, NOT_MOVED).boxes, centre, size);
      },
      focusNode: (node) => {
        const target = element?.querySelector(`.react-flow__node[data-id="${CSS.escape(node)}"]`);
        if (target instanceof HTMLElement) target.focus({ preventScroll: true });
      },
      openContextMenu: () => {
        const { selection } = view.get();
        const id = selection.nodes[0];
        const target = id && element?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
        const box = (target || element)?.getBoundingClientRect();
        if (!box) return;
        const at = target ? { x: box.left + 16, y: box.top + 24 } : { x: box.left + box.width / 2, y: box.top + 80 };
        openMenu({ kind: id ? 'node' : selection.links[0] ? 'link' : selection.groups[0] ? 'frame' : 'canvas', at });
      },
    };
    // The store is no React state: it holds the canvas for commands.
    // oxlint-disable-next-line react/immutability
    view.canvas = port;
    return () => {
      element?.removeEventListener('pointermove', track);
      element?.removeEventListener('pointerleave', leave);
      if (view.canvas === port) view.canvas = null;
    };
  }, [documents, flow, openMenu, root, store, view]);
}

/** Looks around a place in growing rings for one where a box of this size lies free. */
export function freePlace(
  boxes: ReadonlyMap<string, Box>,
  around: { x: number; y: number },
  size: { width: number; height: number },
): { x: number; y: number } {
  const margin = 24;
  const isFree = (x: number, y: number) =>
    [...boxes.values()].every(
      (box) =>
        x + size.width + margin <= box.x ||
        x >= box.x + box.width + margin ||
        y + size.height + margin <= box.y ||
        y >= box.y + box.height + margin,
    );
  const snap = (value: number) => Math.round(value / GRID) * GRID;
  for (let ring = 0; ring < 40; ring += 1) {
    const steps = Math.max(1, ring * 6);
    for (let step = 0; step < steps; step += 1) {
      const angle = (step / steps) * 2 * Math.PI;
      const x = snap(around.x + Math.cos(angle) * ring * 48);
      const y = snap(around.y + Math.sin(angle) * ring * 40);
      if (isFree(x, y)) return { x, y };
    }
  }
  return { x: snap(around.x), y: snap(around.y) };
}

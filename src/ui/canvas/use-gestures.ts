import {
  useReactFlow,
  type EdgeChange,
  type EdgeMouseHandler,
  type NodeChange,
  type NodeMouseHandler,
  type ReactFlowProps,
} from '@xyflow/react';
import { useMemo, useRef } from 'react';
import { duplicateSelection } from '../../app/commands/clip-actions.ts';
import { moveRecords } from '../../app/commands/edit-actions.ts';
import type { Services } from '../../app/services.ts';
import { neighbourhood } from '../../app/view/neighbourhood.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { useServices } from '../services.tsx';
import type { MenuTarget } from './canvas-menu.tsx';
import { align, type Guide } from './align.ts';
import { useCanvasState } from './canvas-state.ts';
import type { Point } from './curve.ts';
import { movedFrom, selectionFrom } from './from-flow.ts';
import { frameAt, layoutOf, NOT_MOVED, type Moved } from './layout.ts';
import type { Box } from './route-links.ts';
import { groupOf, type CanvasNode, type LinkEdge } from './to-flow.ts';

type Handlers = Pick<
  ReactFlowProps<CanvasNode, LinkEdge>,
  | 'onNodesChange'
  | 'onEdgesChange'
  | 'onNodeDragStop'
  | 'onSelectionDragStop'
  | 'onNodeMouseEnter'
  | 'onNodeMouseLeave'
  | 'onNodeDoubleClick'
  | 'onPaneClick'
  | 'onEdgeMouseEnter'
  | 'onEdgeMouseLeave'
  | 'onDoubleClick'
>;

/** What pointer gestures on the canvas mean. */
export function useGestures() {
  const services = useServices();
  const { screenToFlowPosition } = useReactFlow();
  // React Flow reports `dragging: false` once more after the drag ended.
  const isDragging = useRef(false);

  return useMemo(() => {
    const { view } = services;
    const onNodesChange = (changes: NodeChange<CanvasNode>[]) => {
      const selected = selectionFrom(changes, view.get().selection, 'nodes');
      if (changes.some((change) => change.type === 'select')) view.select(selected);
      const dragged = changes.filter((change) => change.type === 'position' && change.dragging === true);
      if (dragged.length === 0) return;
      isDragging.current = true;
      const { moved } = useCanvasState.getState();
      const { document } = services.documents.get();
      useCanvasState.setState({ near: null, ...aligned(document, movedFrom(dragged, moved, document)) });
    };
    const finishDrag = (event: { altKey: boolean }) => {
      if (!isDragging.current) return;
      isDragging.current = false;
      const { moved } = useCanvasState.getState();
      // With Alt the originals stay, and copies lie where the drag ended.
      const by = event.altKey ? offsetOf(services.documents.get().document, moved) : null;
      if (by === null) commitMove(services, moved);
      else duplicateSelection(services, by);
      useCanvasState.setState({ moved: NOT_MOVED, guides: [] });
    };
    const onNodeMouseEnter: NodeMouseHandler<CanvasNode> = (_event, node) => {
      if (isDragging.current || groupOf(node.id) !== null) return;
      useCanvasState.setState({ near: neighbourhood(services.documents.get().document, node.id) });
    };
    const onEdgesChange = (changes: EdgeChange<LinkEdge>[]) => {
      if (changes.some((change) => change.type === 'select')) {
        view.select(selectionFrom(changes, view.get().selection, 'links'));
      }
    };
    const onNodeDoubleClick: NodeMouseHandler<CanvasNode> = (_event, node) => view.setRenaming(node.id);
    const hover = (id: string | null) => useCanvasState.setState({ hoveredLink: id });
    const onEdgeMouseEnter: EdgeMouseHandler<LinkEdge> = (_event, edge) => hover(edge.id);
    const handlers: Handlers = {
      onNodesChange,
      onEdgesChange,
      onNodeDragStop: finishDrag,
      onSelectionDragStop: finishDrag,
      onNodeMouseEnter,
      onNodeMouseLeave: () => useCanvasState.setState({ near: null }),
      onNodeDoubleClick,
      onPaneClick: () => view.select({}),
      onEdgeMouseEnter,
      onEdgeMouseLeave: () => hover(null),
      onDoubleClick: (event) => {
        if (!(event.target instanceof Element) || !event.target.classList.contains('react-flow__pane')) return;
        view.openDialog({ kind: 'add', at: screenToFlowPosition({ x: event.clientX, y: event.clientY }), from: null });
      },
    };
    return {
      handlers,
      menuForNode(event: React.MouseEvent, node: CanvasNode): MenuTarget {
        const group = groupOf(node.id);
        const { selection } = view.get();
        const isSelected = group === null ? selection.nodes.includes(node.id) : selection.groups.includes(group);
        if (!isSelected) view.select(group === null ? { nodes: [node.id] } : { groups: [group] });
        return { kind: group === null ? 'node' : 'frame', at: { x: event.clientX, y: event.clientY } };
      },
    };
  }, [services, screenToFlowPosition]);
}

/** What is dragged, drawn to the lines of what stands still. */
function aligned(document: Document, moved: Moved): { moved: Moved; guides: readonly Guide[] } {
  const { boxes, frames } = layoutOf(document, moved);
  const isFrame = moved.frames.size > 0;
  const mine = isFrame
    ? [...moved.frames.keys()].flatMap((id) => frames.get(id) ?? [])
    : [...moved.nodes.keys()].flatMap((id) => boxes.get(id) ?? []);
  const all = isFrame ? frames : boxes;
  const others = [...all].flatMap(([id, box]) => ((isFrame ? moved.frames : moved.nodes).has(id) ? [] : [box]));
  if (mine.length === 0) return { moved, guides: [] };
  const { by, guides } = align(boundsOf(mine), others);
  const shift = (places: ReadonlyMap<string, Point>) =>
    new Map([...places].map(([id, { x, y }]) => [id, { x: x + by.x, y: y + by.y }]));
  return { moved: { nodes: shift(moved.nodes), frames: shift(moved.frames) }, guides };
}

function boundsOf(boxes: readonly Box[]): Box {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** How far a drag went; null when it went nowhere. */
function offsetOf({ nodes, groups }: Document, moved: Moved): Point | null {
  const [id, to] = [...moved.frames, ...moved.nodes][0] ?? [];
  const from = id === undefined ? undefined : (groups[id] ?? nodes[id])?.position;
  if (!from || !to || (from.x === to.x && from.y === to.y)) return null;
  return { x: to.x - from.x, y: to.y - from.y };
}

/** One drag is one edit: new places, and the frame that each node now lies in. */
function commitMove(services: Services, moved: Moved): void {
  const { document } = services.documents.get();
  const layout = layoutOf(document, moved);
  const parents = new Map<string, string | null>();
  for (const id of moved.nodes.keys()) {
    const node = document.nodes[id];
    const box = layout.boxes.get(id);
    if (!node || !box || (node.parent !== undefined && moved.frames.has(node.parent))) continue;
    const parent = frameAt(layout.frames, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    if (parent !== (node.parent ?? null)) parents.set(id, parent);
  }
  moveRecords(services, { nodes: moved.nodes, groups: moved.frames, parents });
}

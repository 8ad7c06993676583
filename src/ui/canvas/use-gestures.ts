import {
  useReactFlow,
  type EdgeChange,
  type EdgeMouseHandler,
  type NodeChange,
  type NodeMouseHandler,
  type ReactFlowProps,
} from '@xyflow/react';
import { useMemo, useRef } from 'react';
import { moveRecords } from '../../app/commands/edit-actions.ts';
import type { Services } from '../../app/services.ts';
import { useServices } from '../services.tsx';
import type { MenuTarget } from './canvas-menu.tsx';
import { useCanvasState } from './canvas-state.ts';
import { movedFrom, selectionFrom } from './from-flow.ts';
import { frameAt, layoutOf, NOT_MOVED, type Moved } from './layout.ts';
import { groupOf, type CanvasNode, type LinkEdge } from './to-flow.ts';

type Handlers = Pick<
  ReactFlowProps<CanvasNode, LinkEdge>,
  | 'onNodesChange'
  | 'onEdgesChange'
  | 'onNodeDragStop'
  | 'onSelectionDragStop'
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
      useCanvasState.setState({ moved: movedFrom(dragged, moved, services.documents.get().document) });
    };
    const finishDrag = () => {
      if (!isDragging.current) return;
      isDragging.current = false;
      const { moved } = useCanvasState.getState();
      commitMove(services, moved);
      useCanvasState.setState({ moved: NOT_MOVED });
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

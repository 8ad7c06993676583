import './flow.css';
import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useStore,
  type NodeTypes,
  type EdgeTypes,
} from '@xyflow/react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { neighbourhood } from '../../app/view/neighbourhood.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import { CanvasCorner } from './canvas-corner.tsx';
import { CanvasMenu, type MenuTarget } from './canvas-menu.tsx';
import styles from './canvas.module.css';
import { CardView, levelOf } from './card-view.tsx';
import { useCanvasState } from './canvas-state.ts';
import { FrameView } from './frame-view.tsx';
import { Guides } from './guides.tsx';
import { layoutOf, type Layout } from './layout.ts';
import { setLinkPaths } from './link-paths.ts';
import { LinkTags } from './link-tags.tsx';
import { LinkView } from './link-view.tsx';
import { groupOf, toFlow, type CanvasNode, type Flow, type LinkEdge } from './to-flow.ts';
import { FIT_PADDING, useCanvasPort } from './use-canvas-port.ts';
import { useConnecting } from './use-connecting.tsx';
import { useGestures } from './use-gestures.ts';
import { useKeepInView } from './use-keep-in-view.ts';

const NODE_TYPES = { card: CardView, frame: FrameView } as NodeTypes;
const EDGE_TYPES = { link: LinkView } as EdgeTypes;
const GRID: [number, number] = [8, 8];
const MULTI_KEYS = ['Meta', 'Control', 'Shift'];
const FIT = { padding: FIT_PADDING, maxZoom: 1 };

interface CanvasProps {
  /** Drawn over the links and nodes in the same place: the packet layer. */
  overlay?: ReactNode;
  /** Fixed in the corners of the canvas: hints, the empty state. */
  children?: ReactNode;
}

/** The canvas: draws the document, turns gestures into edits. */
export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <CanvasInside {...props} />
    </ReactFlowProvider>
  );
}

function CanvasInside({ overlay, children }: CanvasProps) {
  const texts = useText();
  const services = useServices();
  // What the library would say of keys in English, and of other keys than ours.
  const spoken = useMemo(() => {
    const keys = texts.t('canvas.keys');
    return { 'node.a11yDescription.default': keys, 'edge.a11yDescription.default': keys };
  }, [texts]);
  const { flow, layout, links } = useFlow();
  const gestures = useGestures();
  const connecting = useConnecting();
  const [menu, setMenu] = useState<MenuTarget | null>(null);
  const hasMinimap = useView((view) => view.panels.minimap);
  const isReadOnly = useDocument((state) => state.saved === 'readonly');
  // An empty canvas has nothing to fit: what is dropped first stays where it was dropped.
  const [isFitted] = useState(() => flow.nodes.length > 0);
  const isHand = useView((view) => view.tool === 'hand');
  const root = useRef<HTMLDivElement>(null);
  useCanvasPort(root, setMenu);
  const isConnecting = useCanvasState((state) => state.connecting !== null);
  const level = useStore((state) => levelOf(state.transform[2]));
  useZoomVariable(root);
  useKeepInView(root);
  useFocus();

  return (
    <div
      ref={root}
      className={styles.canvas}
      data-connecting={isConnecting}
      data-level={level}
      data-locked={isReadOnly || isHand}
      data-tool={isHand ? 'hand' : 'select'}
      data-testid="canvas"
      onFocus={(event) => {
        // Walking with the Tab key selects, as a click does.
        const card = event.target.matches('.react-flow__node:focus-visible')
          ? event.target.getAttribute('data-id')
          : null;
        if (card === null) return;
        const group = groupOf(card);
        services.view.select(group === null ? { nodes: [card] } : { groups: [group] });
      }}
    >
      <ReactFlow<CanvasNode, LinkEdge>
        nodes={flow.nodes}
        edges={flow.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        connectionMode={ConnectionMode.Strict}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={MULTI_KEYS}
        deleteKeyCode={null}
        disableKeyboardA11y
        edgesFocusable={false}
        elevateNodesOnSelect={false}
        elevateEdgesOnSelect={false}
        nodesDraggable={!isReadOnly && !isHand}
        nodesConnectable={!isReadOnly && !isHand}
        elementsSelectable={!isHand}
        selectionKeyCode={isHand ? null : 'Shift'}
        zoomOnDoubleClick={false}
        nodeDragThreshold={3}
        snapToGrid
        snapGrid={GRID}
        minZoom={0.1}
        maxZoom={2}
        fitView={isFitted}
        fitViewOptions={FIT}
        attributionPosition="top-right"
        aria-label={texts.t('canvas.label')}
        ariaLabelConfig={spoken}
        onNodeContextMenu={(event, node) => {
          event.preventDefault();
          setMenu(gestures.menuForNode(event, node));
        }}
        onEdgeContextMenu={(event, edge) => {
          event.preventDefault();
          services.view.select({ links: [edge.id] });
          setMenu({ kind: 'link', at: { x: event.clientX, y: event.clientY } });
        }}
        onPaneContextMenu={(event) => {
          event.preventDefault();
          setMenu({ kind: 'canvas', at: { x: event.clientX, y: event.clientY } });
        }}
        {...gestures.handlers}
        {...connecting.handlers}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--grid)" />
        {hasMinimap && <CornerMap />}
        <Guides />
        <LinkTags links={links} layout={layout} />
        {overlay && <div className={styles.layer}>{overlay}</div>}
      </ReactFlow>
      <CanvasCorner />
      {children}
      {connecting.tip}
      {menu && <CanvasMenu target={menu} onClose={() => setMenu(null)} />}
    </div>
  );
}

/** The map only takes room in a small canvas, and while most components can be seen anyway. */
const MAP_MIN_WIDTH = 700;
const MAP_MIN_HEIGHT = 420;
const MAP_HIDDEN_SHARE = 1 / 3;

function CornerMap() {
  const { t } = useText();
  const isUseful = useStore((state) => {
    if (state.width < MAP_MIN_WIDTH || state.height < MAP_MIN_HEIGHT) return false;
    const [x, y, zoom] = state.transform;
    let hidden = 0;
    for (const node of state.nodeLookup.values()) {
      const { x: left, y: top } = node.internals.positionAbsolute;
      const [midX, midY] = [(left + (node.width ?? 0) / 2) * zoom + x, (top + (node.height ?? 0) / 2) * zoom + y];
      if (midX < 0 || midY < 0 || midX > state.width || midY > state.height) hidden += 1;
    }
    return hidden > state.nodeLookup.size * MAP_HIDDEN_SHARE;
  });
  if (!isUseful) return null;
  return (
    <MiniMap
      className={styles.minimap}
      ariaLabel={t('canvas.minimap')}
      pannable
      zoomable
      position="bottom-right"
      style={{ width: 168, height: 104, margin: '0 16px 40px 0' }}
      bgColor="var(--chrome)"
      maskColor="color-mix(in oklch, var(--canvas), transparent 25%)"
      nodeColor={(node) => (node.type === 'frame' ? 'var(--frame)' : 'var(--line-2)')}
      nodeStrokeColor={(node) => (node.type === 'frame' ? 'var(--line-2)' : 'transparent')}
      nodeBorderRadius={8}
    />
  );
}

/** The document as React Flow wants it; publishes where the links run. */
function useFlow(): { flow: Flow; layout: Layout; links: Document['links'] } {
  const document = useDocument((state) => state.document);
  const problemList = useDocument((state) => state.problems);
  const selection = useView((view) => view.selection);
  const moved = useCanvasState((state) => state.moved);
  const texts = useText();
  const layout = useMemo(() => layoutOf(document, moved), [document, moved]);
  const say = useProblemWords();
  const problems = useMemo(() => {
    const byNode = new Map<string, string>();
    for (const problem of problemList) {
      const node = /^nodes\/([^/]+)/.exec(problem.at)?.[1];
      if (node && problem.severity === 'error' && !byNode.has(node)) {
        byNode.set(node, texts.t('face.notApplied', { reason: say(problem).says }));
      }
    }
    return byNode;
  }, [problemList, texts, say]);
  const before = useRef<Flow | null>(null);
  const flow = useMemo(
    // The flow before only lends unchanged objects; the result is the same without it.
    // oxlint-disable-next-line react/refs
    () => toFlow({ document, layout, selection, problems, texts }, before.current),
    [document, layout, selection, problems, texts],
  );
  useEffect(() => {
    before.current = flow;
  }, [flow]);
  useEffect(() => {
    setLinkPaths(layout.paths);
  }, [layout]);
  return { flow, layout, links: document.links };
}

/** What stands out while a component has the focus of the view; a document without it has none. */
function useFocus(): void {
  const focus = useView((view) => view.focus);
  const document = useDocument((state) => state.document);
  useEffect(() => {
    const focused = focus && document.nodes[focus.node] ? neighbourhood(document, focus.node, focus.hops) : null;
    useCanvasState.setState({ focused });
  }, [focus, document]);
}

/** `--zoom` lets the faces keep their words at one size on screen. */
function useZoomVariable(root: React.RefObject<HTMLDivElement | null>): void {
  const zoom = useStore((state) => Math.round(state.transform[2] * 1000) / 1000);
  useEffect(() => {
    root.current?.style.setProperty('--zoom', String(zoom));
  }, [root, zoom]);
}

import { Position, type Edge, type Node, type NodeHandle } from '@xyflow/react';
import type { Selection } from '../../app/view/view-state.ts';
import type { Document, Group, Link, TopologyNode } from '../../core/topology/schema/types.ts';
import { titleOf } from '../faces/face.ts';
import type { Texts } from '../text/texts.ts';
import type { LinkPath } from './curve.ts';
import type { Layout } from './layout.ts';
import type { Box } from './route-links.ts';

export type CardNode = Node<{ record: TopologyNode; problem: string | null }, 'card'>;
export type FrameNode = Node<{ record: Group }, 'frame'>;
export type CanvasNode = CardNode | FrameNode;
export type LinkEdge = Edge<{ record: Link; path: LinkPath; isBeside: boolean }, 'link'>;

export interface FlowInput {
  document: Document;
  layout: Layout;
  selection: Selection;
  /** Message per node id whose edit is not applied. */
  problems: ReadonlyMap<string, string>;
  texts: Texts;
}
export interface Flow {
  nodes: CanvasNode[];
  edges: LinkEdge[];
}

const FRAME = 'group:';
/** Canvas ids of frames are told apart from nodes: a group and a node may share an id. */
export const frameNodeId = (group: string): string => `${FRAME}${group}`;
export const groupOf = (canvasId: string): string | null =>
  canvasId.startsWith(FRAME) ? canvasId.slice(FRAME.length) : null;

/** The document as canvas nodes and edges. Pure; objects of `before` are kept where nothing changed, so that only what changed is drawn again. */
export function toFlow(input: FlowInput, before: Flow | null): Flow {
  const known = new Map(before?.nodes.map((node) => [node.id, node]));
  const knownEdges = new Map(before?.edges.map((edge) => [edge.id, edge]));
  const { document, layout } = input;
  const nodes: CanvasNode[] = [];
  for (const [id, record] of Object.entries(document.groups)) {
    const box = layout.frames.get(id);
    if (box) nodes.push(keep(frameNode(id, record, box, input), known.get(frameNodeId(id))));
  }
  for (const [id, record] of inReadingOrder(document)) {
    const box = layout.boxes.get(id);
    if (box) nodes.push(keep(cardNode(id, record, box, input), known.get(id)));
  }
  const edges: LinkEdge[] = [];
  for (const [id, record] of Object.entries(document.links)) {
    const path = layout.paths.get(id);
    if (path) edges.push(keepEdge(linkEdge(id, record, path, input), knownEdges.get(id)));
  }
  return { nodes, edges };
}

/** px of height within which nodes count as one row. */
const ROW = 64;

/** Nodes row by row, each from left to right: the order in which the Tab key goes, whatever their ids. A node that is being dragged keeps its turn. */
function inReadingOrder({ nodes }: Pick<Document, 'nodes'>): [string, TopologyNode][] {
  const row = ({ position }: TopologyNode) => Math.round(position.y / ROW);
  return Object.entries(nodes).sort(
    ([idA, a], [idB, b]) => row(a) - row(b) || a.position.x - b.position.x || (idA < idB ? -1 : 1),
  );
}

/** Kind and title; a database, whose title seldom tells it apart, is its owner's. */
function nameFor(id: string, record: TopologyNode, { document, texts }: FlowInput): string {
  const name = `${texts.t(`kind.${record.kind}`)} ${titleOf(record)}`;
  if (record.kind !== 'database') return name;
  const link = Object.values(document.links).find(({ kind, to }) => kind === 'owns' && to.node === id);
  const owner = link && document.nodes[link.from.node];
  return owner ? texts.t('canvas.nodeOf', { name, owner: titleOf(owner) }) : name;
}

function cardNode(id: string, record: TopologyNode, box: Box, input: FlowInput): CardNode {
  const { selection, problems } = input;
  return {
    id,
    type: 'card',
    ...placed(box),
    handles: handlesOf(box),
    data: { record, problem: problems.get(id) ?? null },
    selected: selection.nodes.includes(id),
    ariaLabel: nameFor(id, record, input),
    zIndex: 1,
  };
}

function frameNode(id: string, record: Group, box: Box, { selection, texts }: FlowInput): FrameNode {
  return {
    id: frameNodeId(id),
    type: 'frame',
    ...placed(box),
    handles: [],
    data: { record },
    selected: selection.groups.includes(id),
    ariaLabel: texts.t('canvas.frame', { name: record.title }),
    connectable: false,
    zIndex: -1,
  };
}

function linkEdge(id: string, record: Link, path: LinkPath, { document, selection, texts }: FlowInput): LinkEdge {
  const name = (node: string) => {
    const found = document.nodes[node];
    return found ? titleOf(found) : node;
  };
  return {
    id,
    type: 'link',
    source: record.from.node,
    target: record.to.node,
    sourceHandle: 'right',
    targetHandle: 'in',
    data: {
      record,
      path,
      isBeside: selection.nodes.includes(record.from.node) || selection.nodes.includes(record.to.node),
    },
    selected: selection.links.includes(id),
    ariaLabel: texts.t('canvas.link', {
      kind: texts.t(`link.${record.kind}`),
      from: name(record.from.node),
      to: name(record.to.node),
    }),
  };
}

const placed = (box: Box) => ({
  position: { x: box.x, y: box.y },
  width: box.width,
  height: box.height,
  measured: { width: box.width, height: box.height },
});

/** Ports are given, not measured: one on each side to drag from, the whole node to drop on. */
function handlesOf({ width, height }: Box): NodeHandle[] {
  const port = { type: 'source' as const, width: 12, height: 12 };
  return [
    { ...port, id: 'right', position: Position.Right, x: width - 6, y: height / 2 - 6 },
    { ...port, id: 'left', position: Position.Left, x: -6, y: height / 2 - 6 },
    { ...port, id: 'top', position: Position.Top, x: width / 2 - 6, y: -6 },
    { ...port, id: 'bottom', position: Position.Bottom, x: width / 2 - 6, y: height - 6 },
    { type: 'target', id: 'in', position: Position.Left, x: 0, y: 0, width, height },
  ];
}

function keep<T extends CanvasNode>(next: T, old: CanvasNode | undefined): CanvasNode {
  if (!old || old.type !== next.type || old.data.record !== next.data.record) return next;
  const same =
    old.position.x === next.position.x &&
    old.position.y === next.position.y &&
    old.width === next.width &&
    old.height === next.height &&
    old.selected === next.selected &&
    old.ariaLabel === next.ariaLabel &&
    ('problem' in old.data ? old.data.problem : null) === ('problem' in next.data ? next.data.problem : null);
  return same ? old : next;
}

function keepEdge(next: LinkEdge, old: LinkEdge | undefined): LinkEdge {
  const same =
    old &&
    old.data?.record === next.data?.record &&
    old.data?.path.d === next.data?.path.d &&
    old.data?.isBeside === next.data?.isBeside &&
    old.selected === next.selected &&
    old.ariaLabel === next.ariaLabel;
  return same ? old : next;
}

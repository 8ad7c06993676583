import { Graph, layout } from '@dagrejs/dagre';
import type { Moves } from '../../app/commands/edit-actions.ts';
import type { Document, Link } from '../../core/topology/schema/types.ts';
import { sizeOf } from '../faces/faces.ts';
import type { Point } from './curve.ts';
import { frameAround } from './layout.ts';
import type { Box } from './route-links.ts';

/** px: between a service and its store, between two stores, between neighbours of a column, between columns. */
const STORE_GAP = 30;
const STACK_GAP = 12;
const ROW_GAP = 40;
const COLUMN_GAP = 88;
const GRID = 8;
/** px between a moved block and one that stays. */
const CLEAR = 24;

/** Something that is placed as one: a component with its stores under it, or a bounded context with all that lies in it. */
interface Block {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Members by id, from the block's corner. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** Its frame, if it is one. */
  readonly group: string | null;
  /** Where it has to stay. */
  readonly fixed: Point | null;
}
type Size = Pick<Box, 'width' | 'height'>;

/**
 * Places for components in columns from callers to called, stores under their owners, bounded contexts as one block each.
 * What is pinned stays, with the whole context that it lies in, and the rest keeps clear of it. With `chosen` only those are arranged,
 * where they are now. Pure and deterministic: the same drawing gives the same places.
 */
export function arrange(document: Document, chosen: readonly string[] | null): Moves {
  const mine = new Set(chosen ?? Object.keys(document.nodes));
  const groups = chosen === null ? Object.keys(document.groups).sort() : [];
  const stacks = stacksOf(document, mine);
  const framed = groups.map((id) =>
    frameBlock(
      document,
      id,
      stacks.filter((one) => parentOf(document, one) === id),
    ),
  );
  const inFrames = new Set(framed.flatMap(({ nodes }) => [...nodes.keys()]));
  const blocks = [...framed, ...stacks.filter(({ nodes }) => ![...nodes.keys()].some((id) => inFrames.has(id)))];
  const places = settle(blocks, spread(document, blocks), obstacles(document, mine), cornerOf(document, mine));
  const moves = { nodes: new Map<string, Point>(), groups: new Map<string, Point>(), parents: new Map<string, null>() };
  const sizes = new Map<string, Size>();
  for (const block of blocks) {
    const at = places.get(block.id);
    if (at === undefined || block.fixed !== null) continue;
    for (const [id, { x, y }] of block.nodes) moves.nodes.set(id, { x: at.x + x, y: at.y + y });
    if (block.group === null) continue;
    moves.groups.set(block.group, at);
    sizes.set(block.group, { width: block.width, height: block.height });
  }
  return { ...moves, sizes };
}

const sizeIn = (document: Document, id: string): Size => {
  const node = document.nodes[id];
  return node ? sizeOf(id, node, document) : { width: 0, height: 0 };
};
const parentOf = (document: Document, { id }: Block): string | null => document.nodes[id]?.parent ?? null;

/** From top to bottom as they stand: neighbours keep their order where the links leave it open. */
function byPlace({ nodes }: Document, a: string, b: string): number {
  const at = (id: string): Point => nodes[id]?.position ?? { x: 0, y: 0 };
  return at(a).y - at(b).y || at(a).x - at(b).x || (a < b ? -1 : 1);
}

/** Every component that is no store, with the stores that it alone owns under it; a store without an owner stands alone. */
function stacksOf(document: Document, mine: ReadonlySet<string>): Block[] {
  const owner = new Map<string, string>();
  for (const { kind, from, to } of Object.values(document.links))
    if (kind === 'owns' && mine.has(from.node) && mine.has(to.node) && !owner.has(to.node))
      owner.set(to.node, from.node);
  return [...mine]
    .filter((id) => document.nodes[id] && !owner.has(id))
    .sort((a, b) => byPlace(document, a, b))
    .map((id) => {
      const own = sizeIn(document, id);
      const nodes = new Map<string, Point>([[id, { x: 0, y: 0 }]]);
      let { width, height } = own;
      for (const store of [...owner.keys()].filter((one) => owner.get(one) === id).sort()) {
        const size = sizeIn(document, store);
        const y = height + (nodes.size === 1 ? STORE_GAP : STACK_GAP);
        nodes.set(store, { x: snap((own.width - size.width) / 2), y });
        height = y + size.height;
        width = Math.max(width, size.width);
      }
      const first = document.nodes[id];
      const isPinned = [...nodes.keys()].some((one) => document.nodes[one]?.pinned);
      return { id, width, height, nodes, group: null, fixed: isPinned && first ? first.position : null };
    });
}

/** A bounded context with its members arranged inside; as it is, when one of them is pinned or it is empty. */
function frameBlock(document: Document, group: string, members: readonly Block[]): Block {
  const frame = document.groups[group] ?? { position: { x: 0, y: 0 }, size: { width: 0, height: 0 } };
  const id = `group:${group}`;
  if (members.length === 0 || members.some(({ fixed }) => fixed !== null)) {
    const nodes = new Map<string, Point>();
    for (const [node, { parent, position }] of Object.entries(document.nodes))
      if (parent === group) nodes.set(node, { x: position.x - frame.position.x, y: position.y - frame.position.y });
    return { id, ...frame.size, nodes, group, fixed: members.length === 0 ? null : frame.position };
  }
  const places = spread(document, members);
  const boxes = members.map((one) => ({
    ...(places.get(one.id) ?? { x: 0, y: 0 }),
    width: one.width,
    height: one.height,
  }));
  const around = frameAround(boxes);
  const nodes = new Map<string, Point>();
  for (const member of members) {
    const at = places.get(member.id) ?? { x: 0, y: 0 };
    for (const [node, { x, y }] of member.nodes) nodes.set(node, { x: at.x + x - around.x, y: at.y + y - around.y });
  }
  return { id, width: around.width, height: around.height, nodes, group, fixed: null };
}

/**
 * How much a link pulls its ends together, callers to the left; 0 = it does not order columns. Who is called at once publishes to
 * a broker at its right; who only hears of events stands behind the broker. A registry stands one column behind the gateway that asks it.
 */
function pullOf({ nodes, links }: Document, { kind, from, to }: Link): number {
  if (kind === 'owns') return 0;
  if (isCall(kind)) return 4;
  if (kind === 'discovery') return nodes[from.node]?.kind === 'gateway' ? 1 : 0;
  const service = kind === 'publish' ? from.node : to.node;
  const isCalled = Object.values(links).some((link) => isCall(link.kind) && link.to.node === service);
  return isCalled === (kind === 'publish') ? 2 : 1;
}
const isCall = (kind: Link['kind']): boolean => kind === 'http' || kind === 'grpc';

/** Columns by dagre: places of the blocks' corners, with the upper left one at 0, 0. */
function spread(document: Document, blocks: readonly Block[]): Map<string, Point> {
  const blockOf = new Map(blocks.flatMap((block) => [...block.nodes.keys()].map((node) => [node, block.id] as const)));
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'LR', nodesep: ROW_GAP, ranksep: COLUMN_GAP, edgesep: 16, ranker: 'network-simplex' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of blocks) graph.setNode(id, { width, height });
  const pulls = new Map<string, { a: string; b: string; weight: number }>();
  for (const link of Object.values(document.links)) {
    const [a, b] = [blockOf.get(link.from.node), blockOf.get(link.to.node)];
    const weight = pullOf(document, link);
    if (a === undefined || b === undefined || a === b || weight === 0) continue;
    const key = `${a} ${b}`;
    pulls.set(key, { a, b, weight: (pulls.get(key)?.weight ?? 0) + weight });
  }
  for (const [, { a, b, weight }] of [...pulls].sort(([one], [other]) => (one < other ? -1 : 1))) {
    // Of two that pull each other the stronger pull says who comes first.
    const back = pulls.get(`${b} ${a}`)?.weight ?? 0;
    if (back < weight || (back === weight && a < b)) graph.setEdge(a, b, { weight });
  }
  layout(graph);
  const middle = (id: string): Point => graph.node(id) as Point;
  // A picture and its mirror cross as few links: the one that keeps more of the order from top to bottom is taken.
  const mirrored = isUpsideDown(document, blocks, middle) ? -1 : 1;
  const corners = blocks.map(({ id, width, height }): [string, Point] => {
    const { x, y } = middle(id);
    return [id, { x: x - width / 2, y: mirrored * y - height / 2 }];
  });
  const left = Math.min(...corners.map(([, { x }]) => x));
  const top = Math.min(...corners.map(([, { y }]) => y));
  return new Map(corners.map(([id, { x, y }]) => [id, { x: snap(x - left), y: snap(y - top) }]));
}

/** Whether more neighbours of a column stand the other way round than they stood before. */
function isUpsideDown({ nodes }: Document, blocks: readonly Block[], middle: (id: string) => Point): boolean {
  const former = (block: Block): number => Math.min(...[...block.nodes.keys()].map((id) => nodes[id]?.position.y ?? 0));
  const isTurned = (a: Block, b: Block): number =>
    middle(a.id).x === middle(b.id).x ? Math.sign((former(b) - former(a)) * (middle(a.id).y - middle(b.id).y)) : 0;
  return (
    blocks.flatMap((a, at) => blocks.slice(at + 1).map((b) => isTurned(a, b))).reduce((sum, one) => sum + one, 0) > 0
  );
}

/** Upper left corner of what is arranged, as it stands now. */
function cornerOf(document: Document, mine: ReadonlySet<string>): Point {
  const all = [...mine].flatMap((id) => document.nodes[id]?.position ?? []);
  return { x: snap(Math.min(...all.map(({ x }) => x))), y: snap(Math.min(...all.map(({ y }) => y))) };
}

/** Boxes of what is not arranged at all. */
const obstacles = (document: Document, mine: ReadonlySet<string>): Box[] =>
  Object.entries(document.nodes).flatMap(([id, { position }]) =>
    mine.has(id) ? [] : [{ ...position, ...sizeIn(document, id) }],
  );

/** The picture set down where it was: pinned blocks exactly at their places, the others shifted alike and down until they are clear. */
function settle(
  blocks: readonly Block[],
  places: ReadonlyMap<string, Point>,
  others: readonly Box[],
  corner: Point,
): Map<string, Point> {
  const at = (block: Block): Point => places.get(block.id) ?? { x: 0, y: 0 };
  const pinned = blocks.flatMap((block) => (block.fixed ? [{ block, fixed: block.fixed }] : []));
  const mean = (of: (one: (typeof pinned)[number]) => number) =>
    snap(pinned.reduce((sum, one) => sum + of(one), 0) / pinned.length);
  const by =
    pinned.length === 0
      ? corner
      : { x: mean(({ block, fixed }) => fixed.x - at(block).x), y: mean(({ block, fixed }) => fixed.y - at(block).y) };
  const taken: Box[] = [
    ...others,
    ...pinned.map(({ block: { width, height }, fixed }) => ({ ...fixed, width, height })),
  ];
  const settled = new Map<string, Point>();
  const order = [...blocks].sort((a, b) => at(a).y - at(b).y || at(a).x - at(b).x || (a.id < b.id ? -1 : 1));
  for (const block of order) {
    if (block.fixed) continue;
    const { width, height } = block;
    let box = { x: at(block).x + by.x, y: at(block).y + by.y, width, height };
    for (let hit = blocker(taken, box); hit !== undefined; hit = blocker(taken, box))
      box = { ...box, y: snap(hit.y + hit.height + CLEAR + GRID / 2) };
    taken.push(box);
    settled.set(block.id, { x: box.x, y: box.y });
  }
  return settled;
}

const blocker = (taken: readonly Box[], box: Box): Box | undefined =>
  taken.find(
    (other) =>
      box.x < other.x + other.width + CLEAR &&
      other.x < box.x + box.width + CLEAR &&
      box.y < other.y + other.height + CLEAR &&
      other.y < box.y + box.height + CLEAR,
  );

const snap = (value: number): number => Math.round(value / GRID) * GRID;

import type { Document, Group } from '../../core/topology/schema/types.ts';
import { sizeOf } from '../faces/faces.ts';
import type { LinkPath, Point } from './curve.ts';
import { routeLinks, type Box } from './route-links.ts';

/** Where everything stands, in flow coordinates. */
export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly frames: ReadonlyMap<string, Box>;
  readonly paths: ReadonlyMap<string, LinkPath>;
}
/** Positions while something is dragged: nodes and frames by id. */
export interface Moved {
  readonly nodes: ReadonlyMap<string, Point>;
  readonly frames: ReadonlyMap<string, Point>;
}
export const NOT_MOVED: Moved = { nodes: new Map(), frames: new Map() };

/** The layout of a document, with what is being dragged at its passing place. Pure: nothing is measured on screen. */
export function layoutOf(document: Document, moved: Moved): Layout {
  const boxes = new Map<string, Box>();
  for (const [id, node] of Object.entries(document.nodes)) {
    boxes.set(id, { ...(moved.nodes.get(id) ?? node.position), ...sizeOf(id, node, document) });
  }
  const frames = new Map<string, Box>();
  for (const [id, group] of Object.entries(document.groups)) {
    frames.set(id, { ...(moved.frames.get(id) ?? group.position), ...group.size });
  }
  const links = Object.entries(document.links).map(([id, link]) => ({
    id,
    kind: link.kind,
    from: link.from.node,
    to: link.to.node,
  }));
  return { boxes, frames, paths: routeLinks(boxes, links) };
}

/** The smallest box around some nodes with room for a frame: 16 px beside, 28 above, 16 below. */
export function frameAround(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.x)) - 16;
  const top = Math.min(...boxes.map((box) => box.y)) - 28;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + 16;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 16;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The frame around the faces of some nodes, as a group has it. */
export function frameFor(document: Document, nodes: readonly string[]): Omit<Group, 'title'> {
  const boxes = nodes.flatMap((id) => {
    const node = document.nodes[id];
    return node ? [{ ...node.position, ...sizeOf(id, node, document) }] : [];
  });
  const { x, y, width, height } = frameAround(boxes);
  return { position: { x, y }, size: { width, height } };
}

/** The frame that a point lies in; the smallest one when they overlap. */
export function frameAt(frames: ReadonlyMap<string, Box>, point: Point): string | null {
  let found: { id: string; area: number } | null = null;
  for (const [id, box] of frames) {
    const inside =
      point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height;
    const area = box.width * box.height;
    if (inside && (!found || area < found.area)) found = { id, area };
  }
  return found?.id ?? null;
}

import type { LinkKind } from '../../core/topology/schema/types.ts';
import { cubicPath, type LinkPath, type Point } from './curve.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface RoutedLink {
  readonly id: string;
  readonly kind: LinkKind;
  readonly from: string;
  readonly to: string;
}
type Side = 'left' | 'right' | 'top' | 'bottom';
interface End {
  link: string;
  end: 'from' | 'to';
  /** Where the other end lies along this side: orders the ports so that lines do not cross at the box. */
  towards: number;
}

/** Room kept free at both ends of a side, in px. */
const CORNER = 10;
const GAP = 12;

/** The way of every link around the boxes: side by side ports, ordered so that neighbours do not cross. */
export function routeLinks(boxes: ReadonlyMap<string, Box>, links: readonly RoutedLink[]): Map<string, LinkPath> {
  const owners = storeBelow(boxes, links);
  const sides = new Map<string, [Side, Side]>();
  const ends = new Map<string, End[]>();
  const put = (node: string, side: Side, end: End) => {
    const key = `${node} ${side}`;
    ends.set(key, [...(ends.get(key) ?? []), end]);
  };
  for (const link of links) {
    const [a, b] = [boxes.get(link.from), boxes.get(link.to)];
    if (!a || !b) continue;
    const pair = chooseSides(
      a,
      b,
      owners.has(link.from) && link.kind !== 'owns',
      owners.has(link.to) && link.kind !== 'owns',
    );
    sides.set(link.id, pair);
    put(link.from, pair[0], { link: link.id, end: 'from', towards: along(pair[0], b) });
    put(link.to, pair[1], { link: link.id, end: 'to', towards: along(pair[1], a) });
  }
  const ports = placePorts(boxes, ends);
  const paths = new Map<string, LinkPath>();
  for (const link of links) {
    const pair = sides.get(link.id);
    const [from, to] = [ports.get(`${link.id} from`), ports.get(`${link.id} to`)];
    if (pair && from && to) paths.set(link.id, curveBetween(from, pair[0], to, pair[1]));
  }
  return paths;
}

/** Nodes whose own store hangs right under them: other lines must not leave through it. */
function storeBelow(boxes: ReadonlyMap<string, Box>, links: readonly RoutedLink[]): Set<string> {
  const owners = new Set<string>();
  for (const link of links) {
    const [a, b] = [boxes.get(link.from), boxes.get(link.to)];
    if (link.kind === 'owns' && a && b && b.y >= a.y + a.height && overlapX(a, b)) owners.add(link.from);
  }
  return owners;
}

const overlapX = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width;
const centreX = (box: Box) => box.x + box.width / 2;
const centreY = (box: Box) => box.y + box.height / 2;
const along = (side: Side, other: Box) => (side === 'left' || side === 'right' ? centreY(other) : centreX(other));

function chooseSides(a: Box, b: Box, aBlocked: boolean, bBlocked: boolean): [Side, Side] {
  if (b.x >= a.x + a.width + GAP) return ['right', 'left'];
  if (a.x >= b.x + b.width + GAP) return ['left', 'right'];
  const isBelow = centreY(b) >= centreY(a);
  // A store hangs between them: go around it on the side where callers do not come in.
  if (isBelow ? aBlocked : bBlocked) {
    const isColumn = Math.abs(centreX(b) - centreX(a)) < a.width / 2;
    if (isColumn) return ['right', 'right'];
    const sideways: Side = centreX(b) >= centreX(a) ? 'right' : 'left';
    return isBelow ? [sideways, 'top'] : ['top', sideways === 'right' ? 'left' : 'right'];
  }
  return isBelow ? ['bottom', 'top'] : ['top', 'bottom'];
}

function placePorts(boxes: ReadonlyMap<string, Box>, ends: ReadonlyMap<string, End[]>): Map<string, Point> {
  const ports = new Map<string, Point>();
  for (const [key, list] of ends) {
    const space = key.lastIndexOf(' ');
    const box = boxes.get(key.slice(0, space));
    const side = key.slice(space + 1) as Side;
    if (!box) continue;
    const vertical = side === 'left' || side === 'right';
    const room = (vertical ? box.height : box.width) - 2 * CORNER;
    const sorted = [...list].sort((p, q) => p.towards - q.towards || (p.link < q.link ? -1 : 1));
    sorted.forEach((end, index) => {
      const offset = CORNER + (room * (index + 1)) / (sorted.length + 1);
      ports.set(`${end.link} ${end.end}`, portAt(box, side, offset));
    });
  }
  return ports;
}

function portAt(box: Box, side: Side, offset: number): Point {
  if (side === 'left') return { x: box.x, y: box.y + offset };
  if (side === 'right') return { x: box.x + box.width, y: box.y + offset };
  if (side === 'top') return { x: box.x + offset, y: box.y };
  return { x: box.x + offset, y: box.y + box.height };
}

const OUT: Readonly<Record<Side, Point>> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
};

/** A curve that leaves and enters at a right angle to the sides. */
export function curveBetween(from: Point, fromSide: Side, to: Point, toSide: Side): LinkPath {
  const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const reach = (side: Side) => {
    const [main, cross] = side === 'left' || side === 'right' ? [dx, dy] : [dy, dx];
    // Straight neighbours need no detour; far ones bend wide enough to be told apart.
    return Math.min(120, Math.max(Math.min(28, (main + cross) / 2), main * 0.5, cross * 0.3));
  };
  const [a, b] = [OUT[fromSide], OUT[toSide]];
  const [ra, rb] = [reach(fromSide), reach(toSide)];
  return cubicPath(
    from,
    { x: from.x + a.x * ra, y: from.y + a.y * ra },
    { x: to.x + b.x * rb, y: to.y + b.y * rb },
    to,
  );
}

import { useStoreApi } from '@xyflow/react';
import { useLayoutEffect, type RefObject } from 'react';
import { linkPath } from '../canvas/link-paths.ts';

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
const GAP = 16;
const EDGE = 12;

/** Covering sender or receiver is worse than covering the air beside their link. */
const END_WEIGHT = 3;

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** The place of a panel beside `way` inside a room: the candidate that covers least of the way and of what stands at its ends; corners are the last resort. */
export function choosePlace(
  room: { width: number; height: number },
  size: { width: number; height: number },
  way: Box | null,
  ends: readonly Box[] = [],
): { left: number; top: number } {
  const clampX = (x: number): number => Math.max(EDGE, Math.min(x, room.width - size.width - EDGE));
  const clampY = (y: number): number => Math.max(EDGE, Math.min(y, room.height - size.height - EDGE));
  if (way === null) return { left: clampX(EDGE), top: clampY(EDGE) };
  const midX = (way.left + way.right) / 2 - size.width / 2;
  const midY = (way.top + way.bottom) / 2 - size.height / 2;
  const places = [
    { left: way.right + GAP, top: midY },
    { left: way.left - GAP - size.width, top: midY },
    { left: midX, top: way.bottom + GAP },
    { left: midX, top: way.top - GAP - size.height },
    { left: room.width, top: 0 },
    { left: 0, top: 0 },
    { left: 0, top: room.height },
    { left: room.width, top: room.height },
  ].map(({ left, top }) => ({ left: clampX(left), top: clampY(top) }));
  const cost = (at: { left: number; top: number }): number => {
    const box = { ...at, right: at.left + size.width, bottom: at.top + size.height };
    return ends.reduce((sum, end) => sum + END_WEIGHT * overlap(box, end), overlap(box, way));
  };
  return places.reduce((best, place) => (cost(place) < cost(best) ? place : best));
}

/** Puts the panel on the free side of the link that its message travels, once, when it opens: it stays there while the message moves on. */
export function usePlace(
  panel: RefObject<HTMLElement | null>,
  link: string | null,
  from: string | null,
  to: string | null,
): void {
  const flow = useStoreApi();
  useLayoutEffect(() => {
    const element = panel.current;
    const room = element?.offsetParent;
    if (!element || !room) return;
    const path = link === null ? undefined : linkPath(link);
    const { transform, nodeLookup } = flow.getState();
    const [x, y, zoom] = transform;
    const ends = [from, to].flatMap((id): Box[] => {
      const node = id === null ? undefined : nodeLookup.get(id);
      if (!node) return [];
      const { x: nodeX, y: nodeY } = node.internals.positionAbsolute;
      const [left, top] = [nodeX * zoom + x, nodeY * zoom + y];
      return [{ left, top, right: left + (node.width ?? 0) * zoom, bottom: top + (node.height ?? 0) * zoom }];
    });
    const points = path ? [0, 0.25, 0.5, 0.75, 1].map((part) => path.at(part)) : [];
    const xs = points.map((point) => point.x * zoom + x);
    const ys = points.map((point) => point.y * zoom + y);
    const way = path
      ? { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
      : null;
    const size = { width: element.offsetWidth, height: element.offsetHeight };
    const place = choosePlace({ width: room.clientWidth, height: room.clientHeight }, size, way, ends);
    element.style.setProperty('left', `${place.left}px`);
    element.style.setProperty('top', `${place.top}px`);
  }, [panel, link, from, to, flow]);
}

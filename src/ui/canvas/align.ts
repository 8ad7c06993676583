import type { Point } from './curve.ts';
import type { Box } from './route-links.ts';

/** A line along which boxes are aligned, in flow coordinates: vertical at `x = at` or horizontal at `y = at`. */
export interface Guide {
  axis: 'x' | 'y';
  at: number;
  from: number;
  to: number;
}
/** How far to shift what is being dragged so that it is aligned, and the lines that say with what. */
export interface Alignment {
  by: Point;
  guides: Guide[];
}

/** Flow px within which a dragged box is drawn to a line. */
const REACH = 4;

const start = (box: Box, axis: 'x' | 'y') => (axis === 'x' ? box.x : box.y);
const size = (box: Box, axis: 'x' | 'y') => (axis === 'x' ? box.width : box.height);
/** Both edges and the middle. */
const lines = (box: Box, axis: 'x' | 'y') => [0, 0.5, 1].map((part) => start(box, axis) + part * size(box, axis));

/** Aligns a dragged box with the edges and middles of others, each axis by its nearest line. */
export function align(dragged: Box, others: readonly Box[]): Alignment {
  const by = { x: nearest(dragged, others, 'x'), y: nearest(dragged, others, 'y') };
  const moved = { ...dragged, x: dragged.x + (by.x ?? 0), y: dragged.y + (by.y ?? 0) };
  const guides: Guide[] = [];
  if (by.x !== null) guides.push(...guidesOf(moved, others, 'x'));
  if (by.y !== null) guides.push(...guidesOf(moved, others, 'y'));
  return { by: { x: by.x ?? 0, y: by.y ?? 0 }, guides };
}

/** The smallest shift to a common line, or null when none is within reach. */
function nearest(dragged: Box, others: readonly Box[], axis: 'x' | 'y'): number | null {
  let best: number | null = null;
  for (const mine of lines(dragged, axis)) {
    for (const other of others) {
      for (const line of lines(other, axis)) {
        const shift = line - mine;
        if (Math.abs(shift) <= REACH && (best === null || Math.abs(shift) < Math.abs(best))) best = shift;
      }
    }
  }
  return best;
}

function guidesOf(moved: Box, others: readonly Box[], axis: 'x' | 'y'): Guide[] {
  const across = axis === 'x' ? 'y' : 'x';
  return lines(moved, axis).flatMap((at): Guide[] => {
    const on = others.filter((other) => lines(other, axis).some((line) => Math.abs(line - at) < 0.01));
    if (on.length === 0) return [];
    const all = [moved, ...on];
    const from = Math.min(...all.map((box) => start(box, across)));
    const to = Math.max(...all.map((box) => start(box, across) + size(box, across)));
    return [{ axis, at, from, to }];
  });
}

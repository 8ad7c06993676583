import type { Point } from './curve.ts';
import type { Box } from './route-links.ts';

/** A small label that belongs to a point of the canvas. */
export interface Tag {
  readonly id: string;
  readonly text: string;
  /** Middle of its upper edge where it would stand alone. */
  readonly at: Point;
}

/** px at 100 %: as high as the style has it, and about as wide as its words. */
const HEIGHT = 20;
const LETTER = 5.8;
const SIDES = 16;
/** How far up or down a label may go, nearest first: on the line itself, above it, then further away. */
const STEPS = [0, -18, -36, 24, -60, 48, -84, 72, 96, 120];
/** Covering another label is worse than covering a card, whatever the distance. */
const OVER_TAG = 1e6;

const boxOf = ({ text, at }: Tag): Box => {
  const width = text.length * LETTER + SIDES;
  return { x: at.x - width / 2, y: at.y, width, height: HEIGHT };
};
/** px² that two boxes share, with a hair of room between them. */
function shared(a: Box, b: Box): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) + 2;
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) + 2;
  return across <= 0 || down <= 0 ? 0 : across * down;
}

/** Where labels stand so that none covers another, and cards as little as can be: by id, each moved up or down from its place. */
export function placeTags(tags: readonly Tag[], cards: readonly Box[]): Map<string, Point> {
  const taken: Box[] = [];
  const places = new Map<string, Point>();
  for (const tag of [...tags].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const box = boxOf(tag);
    let best = { cost: Infinity, by: 0 };
    for (const by of STEPS) {
      const moved = { ...box, y: box.y + by };
      const overTags = taken.reduce((sum, other) => sum + shared(moved, other), 0);
      const overCards = cards.reduce((sum, card) => sum + shared(moved, card), 0);
      const cost = (overTags > 0 ? OVER_TAG : 0) + overCards + Math.abs(by);
      if (cost < best.cost) best = { cost, by };
    }
    taken.push({ ...box, y: box.y + best.by });
    places.set(tag.id, { x: tag.at.x, y: tag.at.y + best.by });
  }
  return places;
}

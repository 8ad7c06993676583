/** What the canvas has panned by itself to keep a selected component in view, until somebody moves the view on purpose. */
export interface PanDebt {
  /** px on screen that are to be panned back. */
  readonly x: number;
  readonly y: number;
  /** The view as the canvas left it; another one now means that a person has moved it. */
  readonly left: View;
}
/** Pan in px and zoom, as React Flow keeps them. */
export type View = readonly [x: number, y: number, zoom: number];
export interface Shift {
  readonly x: number;
  readonly y: number;
}

/** px that rounding may take or give. */
const CLOSE = 1;

const isSame = (a: View, b: View): boolean =>
  a[2] === b[2] && Math.abs(a[0] - b[0]) <= CLOSE && Math.abs(a[1] - b[1]) <= CLOSE;

/** The debt after the canvas has panned by itself from `before`: what was owed already is forgotten when the view was moved since. */
export function owe(debt: PanDebt | null, before: View, by: Shift): PanDebt {
  const old = debt !== null && isSame(debt.left, before) ? debt : { x: 0, y: 0 };
  return { x: old.x + by.x, y: old.y + by.y, left: [before[0] + by.x, before[1] + by.y, before[2]] };
}

/** The debt after the picture was held still on screen while a panel moved the canvas: the same debt, seen from the new corner. */
export function hold(debt: PanDebt | null, before: View, by: Shift): PanDebt | null {
  if (debt === null || !isSame(debt.left, before)) return null;
  return { ...debt, left: [before[0] + by.x, before[1] + by.y, before[2]] };
}

/** How far to pan back now; null when nothing is owed or the view was moved since. */
export function payBack(debt: PanDebt | null, now: View): Shift | null {
  if (debt === null || !isSame(debt.left, now) || (debt.x === 0 && debt.y === 0)) return null;
  return { x: 0 - debt.x, y: 0 - debt.y };
}

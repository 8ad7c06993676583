import type { Outcome } from '../../core/telemetry/view.ts';
import { isCopy, type Dot, type DotScene } from './dots.ts';

/** Colours as the canvas understands them, read from the theme's tokens. */
export type Palette = Record<Outcome | 'canvas' | 'accent' | 'mark' | 'tag' | 'tagLine' | 'tagText', string>;
export interface Transform {
  x: number;
  y: number;
  zoom: number;
}
/** A node as it covers the drawing, in flow coordinates. */
export interface Card {
  x: number;
  y: number;
  width: number;
  height: number;
}
const HALO_PX = 2;
/** Dots of one path: a path with thousands of overlapping parts costs more to fill than many short ones. */
const BATCH = 64;
/** Below this zoom a dot is too small for the mark inside. */
const MARK_ZOOM = 0.7;

/** Dots shrink and grow with the canvas, but never so far that they vanish or cover a face. */
export const dotZoom = (zoom: number): number => Math.min(1.4, Math.max(0.62, zoom));

type Painter = CanvasRenderingContext2D;

/** Adds the outline of one dot to the current path, larger by `grow` px on all sides; `x`, `y` in screen px. */
function trace(context: Painter, dot: Dot, x: number, y: number, unit: number, grow: number): void {
  const size = dot.scale * unit;
  switch (dot.shape) {
    case 'http':
      circle(context, x, y, 4.6 * size + grow);
      return;
    case 'data':
      circle(context, x, y, 3.2 * size + grow);
      return;
    case 'grpc': {
      const half = 4 * size + grow;
      context.roundRect(x - half, y - half, half * 2, half * 2, 1.6 * size + grow);
      return;
    }
    case 'event': {
      // A corner of a diamond is farther from its side's line than the side.
      const r = 6 * size + grow * Math.SQRT2;
      polygon(context, [x, y - r, x + r, y, x, y + r, x - r, y]);
      return;
    }
    case 'registration': {
      const r = 4.6 * unit + grow * 1.6;
      polygon(context, [x, y - r, x + r, y + r * 0.8, x - r, y + r * 0.8]);
      return;
    }
    default:
      tick(context, x, y, dot.angle, 5.5 * unit + grow, 1.5 * unit + grow);
  }
}

function circle(context: Painter, x: number, y: number, r: number): void {
  context.moveTo(x + r, y);
  context.arc(x, y, r, 0, Math.PI * 2);
}

function polygon(context: Painter, points: readonly number[]): void {
  context.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let index = 2; index < points.length; index += 2) context.lineTo(points[index] ?? 0, points[index + 1] ?? 0);
  context.closePath();
}

/** A bar across the line of travel. */
function tick(context: Painter, x: number, y: number, angle: number, half: number, thick: number): void {
  const [ax, ay] = [Math.cos(angle), Math.sin(angle)];
  const [nx, ny] = [-ay * half, ax * half];
  const [tx, ty] = [ax * thick, ay * thick];
  polygon(context, [
    x + nx + tx,
    y + ny + ty,
    x + nx - tx,
    y + ny - ty,
    x - nx - tx,
    y - ny - ty,
    x - nx + tx,
    y - ny + ty,
  ]);
}

const ORDER: readonly Outcome[] = ['dropped', 'flight', 'ok', 'compensation', 'error'];

/** The dots of each outcome, and those that the network made: one look at each dot. */
function sort(dots: readonly Dot[]): { by: ReadonlyMap<Outcome, Dot[]>; copies: Dot[] } {
  const by = new Map<Outcome, Dot[]>();
  const copies: Dot[] = [];
  for (const dot of dots) {
    const same = by.get(dot.outcome);
    if (same === undefined) by.set(dot.outcome, [dot]);
    else same.push(dot);
    if (dot.weight === 1 && isCopy(dot)) copies.push(dot);
  }
  return { by, copies };
}

/** Draws a scene batched by colour: halos (filled, a third of the cost of strokes), then bodies. `isSelected` null: nothing is. */
export function drawScene(
  context: Painter,
  scene: DotScene,
  transform: Transform,
  palette: Palette,
  cards: Iterable<Card>,
  isSelected: ((dot: Dot) => boolean) | null,
  words: (per: number) => string,
): void {
  const unit = dotZoom(transform.zoom);
  const sx = (x: number): number => x * transform.zoom + transform.x;
  const sy = (y: number): number => y * transform.zoom + transform.y;
  context.lineJoin = 'round';
  drawLosses(context, scene, palette, unit, sx, sy);
  const { by, copies } = sort(scene.dots);
  for (const outcome of ORDER) {
    const dots = by.get(outcome);
    if (dots === undefined) continue;
    if (outcome === 'dropped') {
      drawFalling(context, dots, palette, unit, sx, sy);
      continue;
    }
    for (let from = 0; from < dots.length; from += BATCH) {
      const batch = dots.slice(from, from + BATCH);
      fillAll(context, batch, palette.canvas, HALO_PX, unit, sx, sy);
      fillAll(context, batch, palette[outcome], 0, unit, sx, sy);
    }
    if (transform.zoom >= MARK_ZOOM && (outcome === 'compensation' || outcome === 'error')) {
      drawInside(context, dots, outcome, palette, unit, sx, sy);
    }
  }
  drawCopies(context, copies, palette, unit, sx, sy);
  // A message passes under a card, as its link does; over a frame it stays visible.
  for (const card of cards) {
    context.clearRect(sx(card.x), sy(card.y), card.width * transform.zoom, card.height * transform.zoom);
  }
  if (isSelected !== null) drawSelection(context, scene.dots.filter(isSelected), palette, unit, sx, sy);
  for (const tag of scene.aggregated) drawTag(context, words(tag.per), sx(tag.x), sy(tag.y), palette);
}

type Axis = (value: number) => number;

function fillAll(
  context: Painter,
  dots: readonly Dot[],
  colour: string,
  grow: number,
  unit: number,
  sx: Axis,
  sy: Axis,
): void {
  context.beginPath();
  for (const dot of dots) trace(context, dot, sx(dot.x), sy(dot.y), unit, grow);
  context.fillStyle = colour;
  context.fill();
}

/** Colour is never alone: an undo carries a chevron that points back, a failure a cross. */
function drawInside(
  context: Painter,
  dots: readonly Dot[],
  outcome: Outcome,
  palette: Palette,
  unit: number,
  sx: Axis,
  sy: Axis,
): void {
  context.beginPath();
  for (const dot of dots) {
    if (dot.shape === 'reply' || dot.shape === 'data') continue;
    const [x, y, r] = [sx(dot.x), sy(dot.y), 2 * dot.scale * unit];
    if (outcome === 'error') {
      context.moveTo(x - r * 0.8, y - r * 0.8);
      context.lineTo(x + r * 0.8, y + r * 0.8);
      context.moveTo(x + r * 0.8, y - r * 0.8);
      context.lineTo(x - r * 0.8, y + r * 0.8);
    } else {
      context.moveTo(x + r * 0.5, y - r);
      context.lineTo(x - r * 0.5, y);
      context.lineTo(x + r * 0.5, y + r);
    }
  }
  context.lineWidth = 1.4 * unit;
  context.lineCap = 'round';
  context.strokeStyle = palette.mark;
  context.stroke();
}

/** What the network delivered twice has a thin ring around its second dot. */
function drawCopies(context: Painter, dots: readonly Dot[], palette: Palette, unit: number, sx: Axis, sy: Axis): void {
  if (dots.length === 0) return;
  context.beginPath();
  for (const dot of dots) circle(context, sx(dot.x), sy(dot.y), 7.5 * dot.scale * unit);
  context.lineWidth = 1.2;
  context.strokeStyle = palette.flight;
  context.stroke();
}

/** A lost message is an empty outline that falls off its edge. */
function drawFalling(context: Painter, dots: readonly Dot[], palette: Palette, unit: number, sx: Axis, sy: Axis): void {
  context.lineWidth = 1.5;
  context.strokeStyle = palette.dropped;
  context.fillStyle = palette.canvas;
  for (const dot of dots) {
    context.globalAlpha = dot.alpha;
    context.beginPath();
    trace(context, dot, sx(dot.x), sy(dot.y), unit, 0);
    context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The place where a message was lost: two short strokes across the edge. */
function drawLosses(context: Painter, scene: DotScene, palette: Palette, unit: number, sx: Axis, sy: Axis): void {
  for (const mark of scene.marks) {
    context.globalAlpha = mark.alpha;
    context.fillStyle = palette.dropped;
    context.beginPath();
    for (const side of [-3, 3]) {
      const [x, y] = [sx(mark.x) + Math.cos(mark.angle) * side * unit, sy(mark.y) + Math.sin(mark.angle) * side * unit];
      tick(context, x, y, mark.angle, 7 * unit, 0.75 * unit);
    }
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawSelection(
  context: Painter,
  dots: readonly Dot[],
  palette: Palette,
  unit: number,
  sx: Axis,
  sy: Axis,
): void {
  if (dots.length === 0) return;
  context.beginPath();
  for (const dot of dots) circle(context, sx(dot.x), sy(dot.y), 10 * unit);
  context.lineWidth = 2;
  context.strokeStyle = palette.accent;
  context.stroke();
}

function drawTag(context: Painter, text: string, x: number, y: number, palette: Palette): void {
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 12;
  const [left, top] = [Math.round(x - width / 2) + 0.5, Math.round(y - 30) + 0.5];
  context.beginPath();
  context.roundRect(left, top, Math.round(width), 20, 4);
  context.fillStyle = palette.tag;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = palette.tagLine;
  context.stroke();
  context.fillStyle = palette.tagText;
  context.fillText(text, left + 6, top + 10.5);
}

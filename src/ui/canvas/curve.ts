export interface Point {
  readonly x: number;
  readonly y: number;
}
/** The drawn way of a link in flow coordinates. */
export interface LinkPath {
  /** SVG path. */
  readonly d: string;
  /** px at 100 %. */
  readonly length: number;
  /** Position at a fraction (0 to 1) of the length, with the direction in radians. */
  at(fraction: number): { x: number; y: number; angle: number };
}

const SAMPLES = 48;

/** A cubic curve measured by its length, so that a dot moves at an even speed on it. */
export function cubicPath(p0: Point, p1: Point, p2: Point, p3: Point): LinkPath {
  const point = (t: number): Point => {
    const u = 1 - t;
    const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    return { x: a * p0.x + b * p1.x + c * p2.x + d * p3.x, y: a * p0.y + b * p1.y + c * p2.y + d * p3.y };
  };
  const points: Point[] = [p0];
  const lengths: number[] = [0];
  /** Direction before the point of the same index. */
  const angles: number[] = [0];
  for (let index = 1; index <= SAMPLES; index += 1) {
    const next = point(index / SAMPLES);
    const last = points[index - 1] ?? p0;
    points.push(next);
    lengths.push((lengths[index - 1] ?? 0) + Math.hypot(next.x - last.x, next.y - last.y));
    angles.push(Math.atan2(next.y - last.y, next.x - last.x));
  }
  const length = lengths[SAMPLES] ?? 0;
  return {
    d: `M${round(p0.x)},${round(p0.y)} C${round(p1.x)},${round(p1.y)} ${round(p2.x)},${round(p2.y)} ${round(p3.x)},${round(p3.y)}`,
    length,
    at(fraction) {
      const wanted = Math.min(1, Math.max(0, fraction)) * length;
      // The first sample that is not before it: asked for each dot in each frame.
      let [index, last] = [1, SAMPLES];
      while (index < last) {
        const middle = (index + last) >> 1;
        if ((lengths[middle] ?? 0) < wanted) index = middle + 1;
        else last = middle;
      }
      const [from, to] = [points[index - 1] ?? p0, points[index] ?? p3];
      const start = lengths[index - 1] ?? 0;
      const part = (lengths[index] ?? 0) - start;
      const t = part === 0 ? 0 : (wanted - start) / part;
      return {
        x: from.x + (to.x - from.x) * t,
        y: from.y + (to.y - from.y) * t,
        angle: angles[index] ?? 0,
      };
    },
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

import type { VirtualTime } from '../base/order.ts';

/** Wall time that one tick may catch up; what is more makes the run late instead of making it leap. ms */
export const CATCH_UP_MS = 250;

/** Relation of virtual to wall time; a value, never mutated. */
export interface Pace {
  anchorT: VirtualTime;
  /** Wall ms of the anchor. */
  anchorWall: number;
  /** Wall ms of the last tick. */
  lastWall: number;
  /** Virtual seconds per wall second. */
  speed: number;
  /** Wall ms by which the run is late since the anchor was first set. */
  behindMs: number;
}

export const startPace = (t: VirtualTime, wall: number, speed: number): Pace => ({
  anchorT: t,
  anchorWall: wall,
  lastWall: wall,
  speed,
  behindMs: 0,
});

/** The target of one tick at wall time `wall`, and the pace afterwards. At most `CATCH_UP_MS` of wall time is caught up. */
export function tick(pace: Pace, wall: number): { target: VirtualTime; pace: Pace } {
  const elapsed = Math.max(0, wall - pace.lastWall);
  const lost = Math.max(0, elapsed - CATCH_UP_MS);
  const next = {
    ...pace,
    anchorWall: pace.anchorWall + lost,
    lastWall: Math.max(wall, pace.lastWall),
    behindMs: pace.behindMs + lost,
  };
  const target =
    pace.speed === Infinity
      ? Infinity
      : next.anchorT + Math.floor((next.lastWall - next.anchorWall) * 1000 * pace.speed);
  return { target, pace: next };
}

/** The same pace when the host could not reach `target` but only `reached`: it is late by the difference and does not leap afterwards. */
export function fallBehind(pace: Pace, reached: VirtualTime): Pace {
  if (pace.speed === Infinity) return pace;
  const wanted = pace.anchorT + (pace.lastWall - pace.anchorWall) * 1000 * pace.speed;
  const lateMs = (wanted - reached) / (1000 * pace.speed);
  if (lateMs <= CATCH_UP_MS) return pace;
  return { ...pace, anchorT: reached, anchorWall: pace.lastWall, behindMs: pace.behindMs + lateMs };
}

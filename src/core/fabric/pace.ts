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
  const elapsed = wall - pace.lastWall;
  // A clock that was set back moves the anchor with it: the target stays where it is and goes on from there.
  const lost = elapsed < 0 ? elapsed : Math.max(0, elapsed - CATCH_UP_MS);
  const behindMs = pace.behindMs + Math.max(0, lost);
  const next = { ...pace, anchorWall: pace.anchorWall + lost, lastWall: wall, behindMs };
  const wallMs = next.lastWall - next.anchorWall;
  return {
    target: pace.speed === Infinity ? Infinity : next.anchorT + Math.floor(wallMs * 1000 * pace.speed),
    pace: next,
  };
}

/** The same pace when the host could not reach `target` but only `reached`: it is late by the difference and does not leap afterwards. */
export function fallBehind(pace: Pace, reached: VirtualTime): Pace {
  if (pace.speed === Infinity) return pace;
  const wanted = pace.anchorT + (pace.lastWall - pace.anchorWall) * 1000 * pace.speed;
  const lateMs = (wanted - reached) / (1000 * pace.speed);
  if (lateMs <= CATCH_UP_MS) return pace;
  return { ...pace, anchorT: reached, anchorWall: pace.lastWall, behindMs: pace.behindMs + lateMs };
}

import type { VirtualTime } from '../../core/base/order.ts';
import type { RunState } from '../../core/fabric/run-api.ts';

/** Wall ms by which the shown time trails the reported time: hides that reports come in steps. */
const TRAIL_MS = 34;
/** Above this lag in wall ms the shown time jumps: after a stall nothing is replayed in a hurry. */
const JUMP_MS = 400;

/** The virtual time that is drawn. It never passes the time up to which the log is complete. */
export interface Playhead {
  report(state: RunState, wallMs: number): void;
  /** The time to draw at `wallMs`; does not go back while the run goes on. */
  at(wallMs: number): VirtualTime;
  reset(): void;
}

/** Moves linearly in virtual time at the run's speed, a little behind the newest report; stands still when the reports do. */
export function createPlayhead(): Playhead {
  let limit: VirtualTime = 0;
  let speed = 1;
  let isMoving = false;
  let shown: VirtualTime = 0;
  let lastWallMs: number | null = null;

  return {
    report(state, wallMs) {
      const was = isMoving;
      isMoving = state.status === 'running' || state.status === 'stalled';
      speed = state.speed;
      limit = state.now;
      if (!was && isMoving) lastWallMs = wallMs;
      if (shown > limit) shown = limit;
    },
    at(wallMs) {
      const elapsedMs = lastWallMs === null ? 0 : Math.max(0, wallMs - lastWallMs);
      lastWallMs = wallMs;
      const lag = limit - shown;
      if (lag <= 0 || !isMoving || !Number.isFinite(speed)) {
        shown = limit;
        return shown;
      }
      const usPerMs = speed * 1000;
      if (lag > JUMP_MS * usPerMs) shown = limit - TRAIL_MS * usPerMs;
      else {
        // Pulls the lag softly towards the trail (a tenth of the difference per 100 ms), so that speed looks constant.
        const drift = (lag - TRAIL_MS * usPerMs) / (100 * usPerMs);
        const factor = Math.min(1.5, Math.max(0.5, 1 + drift));
        shown = Math.min(limit, shown + elapsedMs * usPerMs * factor);
      }
      return shown;
    },
    reset() {
      limit = 0;
      shown = 0;
      isMoving = false;
      lastWallMs = null;
    },
  };
}

/** Wall ms without a new loss after which a run has caught up. */
const CALM_MS = 2_000;

/** How late a run is now. */
export interface Lateness {
  /** Takes what a report says: the wall ms that were lost since the run began. */
  report(behindMs: number, wallMs: number): void;
  /** Wall ms lost in the present spell of lateness; 0 once nothing has been lost for two seconds. */
  at(wallMs: number): number;
  reset(): void;
}

/** A late run never leaps, so its losses only add up: a spell begins with a loss and ends when the run keeps its pace again. */
export function createLateness(): Lateness {
  let total = 0;
  let before = 0;
  let lostAt = -Infinity;
  return {
    report(behindMs, wallMs) {
      if (behindMs <= total) return;
      if (wallMs - lostAt >= CALM_MS) before = total;
      total = behindMs;
      lostAt = wallMs;
    },
    at: (wallMs) => (wallMs - lostAt < CALM_MS ? total - before : 0),
    reset() {
      total = 0;
      before = 0;
      lostAt = -Infinity;
    },
  };
}

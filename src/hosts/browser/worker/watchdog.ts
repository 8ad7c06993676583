/** Wall time after which an instance that has not answered its window is shown as slow, then ended (decision 8). */
export const SLOW_MS = 1_000;
export const DEAD_MS = 5_000;
const TICK_MS = 250;

export interface Watchdog {
  /** A window has been sent. */
  begin(): void;
  /** All have answered. */
  end(): void;
  close(): void;
}
export interface WatchdogEvents {
  slow(): void;
  dead(): void;
}

/**
 * Counts wall time only while a window is outstanding, and at most twice its own tick at once: a laptop that slept or
 * a debugger that stopped this thread does not make the instances look dead.
 */
export function createWatchdog(
  events: WatchdogEvents,
  options: { enabled: boolean; slowMs?: number; deadMs?: number; tickMs?: number },
): Watchdog {
  const { slowMs = SLOW_MS, deadMs = DEAD_MS, tickMs = TICK_MS } = options;
  let isOutstanding = false;
  let ageMs = 0;
  let isSlow = false;
  let lastTick = performance.now();
  const tick = (): void => {
    const elapsed = Math.min(performance.now() - lastTick, 2 * tickMs);
    lastTick = performance.now();
    if (!isOutstanding) return;
    ageMs += elapsed;
    if (!isSlow && ageMs >= slowMs) {
      isSlow = true;
      events.slow();
    }
    if (ageMs >= deadMs) {
      ageMs = 0;
      events.dead();
    }
  };
  const timer = options.enabled ? setInterval(tick, tickMs) : undefined;
  return {
    begin() {
      isOutstanding = true;
      isSlow = false;
      // The first tick may come at once; what lies before `begin` must not count.
      ageMs = -tickMs;
    },
    end() {
      isOutstanding = false;
    },
    close: () => clearInterval(timer),
  };
}

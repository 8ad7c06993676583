/** Where the core's clock texts begin (`isoTime(0)`), in milliseconds since 1970: with it `now()` tells the real time. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Wall clock in whole microseconds since `EPOCH_MS`, never going back within the process. */
export const wallNowUs = (): number => Math.round((performance.timeOrigin - EPOCH_MS + performance.now()) * 1000);

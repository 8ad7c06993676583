/** Times of the small system, ms: short, so that a run of two seconds sees them all. */
export const TIMES = { client: 600, gateway: 400, call: 150 } as const;
/** Between two tries. */
export const BACKOFF = { initialIntervalMs: 10, backoffCoefficient: 2, maxIntervalMs: 50 } as const;

/** Named limits of the projection (law 4). What they drop is counted in `view.dropped`; the log itself keeps it. */
export const LIMITS = {
  /** Messages kept for lists and the message panel. */
  messages: 2_000,
  /** Dots kept at once; above it the oldest go first. */
  packets: 20_000,
  /** An arrived dot stays this long in virtual µs, so that a view that lags a frame at 10x still finds it. */
  packetLingerUs: 1_000_000,
  /** Events between two sweeps of arrived dots. */
  packetSweepEvents: 256,
  traces: 500,
  /** Spans of one trace. */
  spansPerTrace: 2_000,
  logs: 5_000,
  sagas: 500,
  marks: 1_000,
  samplesPerNode: 512,
  /** Decisions that the fill of a rate limit is drawn over. */
  limitHistory: 32,
  timesPerLink: 128,
  activityBuckets: 240,
  /** First width of an activity bucket in virtual µs. */
  activityBucketUs: 50_000,
  rowsPerTable: 50_000,
  /** Events between two checkpoints: a seek folds at most this many. */
  checkpointEvents: 10_000,
  /** Chunks of `checkpointEvents` kept in memory (decision 18: 200,000 events). */
  chunks: 20,
  /** Estimated bytes of events kept in memory (decision 18). */
  historyBytes: 64 * 1024 * 1024,
} as const;

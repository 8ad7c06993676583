import { LIMITS } from './limits.ts';
import type { FailureView, NodeView, RunView } from './view.ts';

/** Virtual µs over which a rate is taken: "nothing for 5 s" is idle (design mock, edges). */
export const RATE_WINDOW_US = 5_000_000;

/** Exact percentile by nearest rank over raw samples (OB7); null without samples. `p` in (0, 100]. */
export function percentile(sorted: readonly number[], p: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? null;
}

/** Messages per virtual second on a link over the last window, in both directions. */
export function linkRate(view: RunView, link: string, windowUs: number = RATE_WINDOW_US): number {
  return ratePerSecond(view.links.get(link)?.recent ?? [], view.t, windowUs, LIMITS.timesPerLink);
}

/** Events per second of the window; of the run so far (at least 1 s) while that is shorter; of what is kept when a full ring covers less. */
function ratePerSecond(times: readonly number[], now: number, windowUs: number, kept: number): number {
  const count = times.length - (times.findLastIndex((time) => time <= now - windowUs) + 1);
  const isCut = count === times.length && count >= kept;
  const overUs = isCut ? now - (times[0] ?? now) : Math.min(windowUs, Math.max(now, 1_000_000));
  return (count * 1e6) / Math.max(overUs, 1);
}

/** RED figures of one node over the last window of virtual time. */
export interface NodeMetrics {
  ratePerSecond: number;
  /** Share of failed handlings, 0 to 1. */
  errorShare: number;
  /** µs, nearest rank over the samples of the window; null when there are none. */
  p50Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  samples: number;
}

/** Rate, errors and duration percentiles of a node; never averaged across instances (OB7, OB9). */
export function nodeMetrics(view: RunView, node: string, windowUs: number = RATE_WINDOW_US): NodeMetrics {
  const samples = (view.nodes.get(node)?.samples ?? []).filter((sample) => sample.t > view.t - windowUs);
  const durations = samples.map((sample) => sample.durationUs).sort((a, b) => a - b);
  const failed = samples.filter((sample) => sample.error).length;
  return {
    ratePerSecond: ratePerSecond(
      samples.map((sample) => sample.t),
      view.t,
      windowUs,
      LIMITS.samplesPerNode,
    ),
    errorShare: samples.length === 0 ? 0 : failed / samples.length,
    p50Us: percentile(durations, 50),
    p95Us: percentile(durations, 95),
    p99Us: percentile(durations, 99),
    samples: samples.length,
  };
}

/** Why a node's badge is red: its last failure, with the rate of the fault that made it, or null. */
export interface NodeFailure extends FailureView {
  /** 0 to 100; null when no active fault explains the failure. */
  faultPercent: number | null;
}
export function nodeFailure(view: RunView, node: NodeView | undefined): NodeFailure | null {
  if (node === undefined || node.failure === null) return null;
  const { failure } = node;
  let faultPercent: number | null = null;
  for (const fault of view.faults.values()) {
    if (fault.kind !== 'step-error') continue;
    if (failure.byFault && fault.node === node.node && fault.code === failure.code) faultPercent = fault.rate * 100;
  }
  return { ...failure, faultPercent };
}

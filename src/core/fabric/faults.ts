import type { Fault, FaultOf } from '../topology/schema/types.ts';
import type { ActorPort } from './protocol.ts';

/** What one node's own faults say of a kind, or undefined. A step-error stands once per step and is not asked for here. */
export function faultOf<K extends Exclude<Fault['kind'], 'step-error'>>(
  faults: readonly Fault[],
  kind: K,
): FaultOf<K> | undefined {
  return faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
}

/**
 * What the wall clock of this instance shows, in µs of the run's time base: virtual time plus the clock-skew fault of its node.
 * Everything that reads a clock reads it here (`now()`, tokens, log lines); timers and time-outs run by `port.now()`.
 */
export function wallUs(port: Pick<ActorPort, 'now' | 'init'>): number {
  const skew = faultOf(port.init.faults, 'clock-skew');
  return port.now() + (skew === undefined ? 0 : Math.round(skew.skewMs * 1000));
}

/** How many times longer everything takes here: 1 without a `slow` fault. */
export const slowness = (port: Pick<ActorPort, 'init'>): number => faultOf(port.init.faults, 'slow')?.factor ?? 1;

/** What a request, statement or publication costs the processor of a gateway, database, broker or registry. Without a `slow` fault it is part of the link's latency. µs */
const HANDLING_US = 1000;

/** What a `slow` fault adds to the handling of one message by a node that has no service time of its own. µs */
export const slowedByUs = (port: Pick<ActorPort, 'init'>): number => Math.round((slowness(port) - 1) * HANDLING_US);

/** Status that an `error-rate` fault gives to this request instead of its handling, by hash of its span; null = handle it. */
export function injectedStatus(port: Pick<ActorPort, 'init' | 'random'>, spanId: string): number | null {
  const fault = faultOf(port.init.faults, 'error-rate');
  return fault !== undefined && port.random('error-rate', port.init.node, spanId) < fault.rate ? fault.status : null;
}

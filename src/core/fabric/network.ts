import { sampleUs } from '../base/distribution.ts';
import type { VirtualTime } from '../base/order.ts';
import { random } from '../base/random.ts';
import { faultWords } from '../topology/schema/fault.ts';
import type { ExecutableLink, ExecutableTopology, Fault, FaultOf } from '../topology/schema/types.ts';
import type { MessageFate } from './event.ts';

/** First retransmission time-out of a TCP connection; it doubles each time (Linux TCP_RTO_MIN). µs */
const RETRANSMIT_US = 200_000;
/** Retransmissions before a connection is given up: 0.2 + 0.4 + ... + 6.4 s. Fewer than Linux's 15, as a client with TCP_USER_TIMEOUT sets it. */
const RETRANSMISSIONS = 5;
/** A connection that can get nothing through is reset at both ends after so long. µs */
export const GIVE_UP_US = RETRANSMIT_US * (2 ** (RETRANSMISSIONS + 1) - 1);

/** Shortest minimum latency over all links: no effect crosses instances faster (decision 2). µs; 1 s without links. */
export function lookaheadUs(topology: ExecutableTopology): number {
  let least = 1_000_000;
  for (const id of Object.keys(topology.links)) {
    const link = topology.links[id];
    if (link) least = Math.min(least, link.latency.minUs);
  }
  return least;
}

/** One message before its journey. */
export interface Departure {
  link: ExecutableLink;
  id: string;
  at: VirtualTime;
  /** From the link's `from` to its `to`. */
  forward: boolean;
  /** Over one TCP connection that keeps order (database, broker, registry); HTTP requests have a connection each. */
  ordered: boolean;
}
/** What the network does to a message. */
export interface Journey {
  fate: MessageFate;
  cause?: string;
  arriveAt: VirtualTime;
  /** A second copy arrives then. */
  copyAt?: VirtualTime;
}
/** The fault of a kind on the link of the departure. */
export type FaultLookup = <K extends Fault['kind']>(kind: K) => FaultOf<K> | undefined;

/**
 * The journey of a message, by hash of its id alone (decision 4); never faster than the link's `minUs`.
 * Loss of an HTTP message is final. On an ordered connection it costs one retransmission time-out after another, and at last the connection.
 */
export function journeyOf(departure: Departure, seed: number, fault: FaultLookup): Journey {
  const { link, id, at, forward, ordered } = departure;
  const travel = (copy: readonly string[]): number => {
    const sample = sampleUs(link.latency.distribution, random(seed, 'latency', id, ...copy));
    return Math.max(sample, link.latency.minUs) + delayUs(departure, seed, fault, copy);
  };
  const arriveAt = at + travel([]);
  const partition = fault('partition');
  if (partition && partition.direction !== (forward ? 'backward' : 'forward'))
    return { fate: 'partitioned', cause: `${faultWords(partition)} by fault`, arriveAt };
  const loss = fault('loss');
  let late = 0;
  if (loss) {
    const tries = ordered ? RETRANSMISSIONS + 1 : 1;
    let n = 0;
    for (; n < tries && random(seed, 'loss', id, n) < loss.rate; n++) late += RETRANSMIT_US * 2 ** n;
    if (n === tries) return { fate: 'lost', cause: `${faultWords(loss)} by fault`, arriveAt };
  }
  const duplicate = ordered ? undefined : fault('duplicate');
  const copied = duplicate !== undefined && random(seed, 'dup', id) < duplicate.rate;
  return { fate: 'deliver', arriveAt: arriveAt + late, ...(copied ? { copyAt: at + travel(['copy']) } : {}) };
}

/** What latency and reordering add. µs, at least 0 */
function delayUs({ id }: Departure, seed: number, fault: FaultLookup, copy: readonly string[]): number {
  let us = 0;
  const slow = fault('latency');
  if (slow) us += slow.addMs * 1000 + random(seed, 'latency', id, 'jitter', ...copy) * slow.jitterMs * 1000;
  const reorder = fault('reorder');
  if (reorder && random(seed, 'reorder', id, ...copy) < reorder.rate)
    us += random(seed, 'reorder', id, 'extra', ...copy) * reorder.maxExtraMs * 1000;
  return Math.round(us);
}

/** Node whose socket listens: subscribers dial their broker, everybody else dials the end that the link points to. */
export const listenerOf = (link: ExecutableLink): string => (link.kind === 'subscribe' ? link.from : link.to);
